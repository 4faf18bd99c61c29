"""Timings, scenarios, machine and memory on the page."""

from __future__ import annotations

import json
import re

import pytest
from support import sample_run
from support import timed as simulated

from harness.report import page

from .injections import INJECTIONS
from .test_page import Reader, contrast, rendered

CELLS = ((1, 16), (8, 64))


def section(text: str, name: str) -> str:
    """What a reader sees of one section; nothing where it is not there."""
    found = re.search(rf'<section id="{name}">.*?</section>', text, re.DOTALL)
    return Reader(found.group()).text().strip() if found else ""


def sample(*classifiers, **options):
    return sample_run.sample(
        **{"sets": (), "classifiers": classifiers or ("builtin",), "cells": CELLS, "scenarios": True, **options}
    )


def with_timings(*timings):
    made = sample()
    return sample_run.SampleRun(made.run.model_copy(update={"timings": timings}))


@pytest.fixture(scope="module")
def written():
    return rendered(sample("builtin", "builtin-bfloat16"))


class TestTimings:
    def test_every_tag_is_closed_and_every_link_leads_somewhere(self, written):
        read = Reader(written)

        assert (read.unbalanced, read.open) == ([], [])
        assert {link.removeprefix("#") for link in read.attributes("href")} - {"data:,"} <= set(read.attributes("id"))

    def test_each_shape_has_its_shares_rates_and_share_of_peak_at_a_glance(self, written):
        text = section(written, "timings")

        assert re.search(
            r"tokenize [\d.]+ % place [\d.]+ % forward [\d.]+ % softmax [\d.]+ % rest −?[\d.]+ % "
            r"\d+ µs [\d,]+ [\d,]+ 3\d % 40\d GFLOP/s",
            text,
        )

    def test_controls_and_plain_calls_are_no_rows(self, written):
        table = re.search(r'<table class="stages">.*?</table>', written, re.DOTALL).group()

        assert table.count("</span>tokenize</th>") == len(CELLS)

    def test_each_stage_has_its_interval_and_the_plain_call_is_told(self, written):
        text = section(written, "timings")

        assert (
            "1 review × 16 tokens · 6.2 % padding · 30 rounds · tokenize takes 1.29 × the plain tokenizers call" in text
        )
        assert re.search(r"forward 311 µs 3\d\d–3\d\d µs", text)

    def test_noisy_rounds_have_their_reason_in_words(self):
        text = section(rendered(with_timings(*simulated.cell(("builtin",), rounds=2))), "timings")

        assert "Noisy: 5 of 5 medians are noisy: 2 rounds, fewer than 6; measure more rounds." in text
        assert text.count("noisy: 2 rounds, fewer than 6") == 5 + 1

    def test_comparison_has_ratio_verdict_interval_and_floor(self, written):
        text = section(written, "timings")

        assert "builtin-bfloat16 against builtin (float32), on cpu" in text
        assert re.search(r"forward 1 × 16 0\.4\d\d × faster 0\.\d+–0\.\d+ 0\.\d+–1\.\d+", text)
        assert re.search(r"softmax 1 × 16 [\d.]+ × within noise", text)

    def test_undecided_comparison_says_why(self):
        cases = [each for each in simulated.cell(("builtin", "b")) if each.role == "case"]

        assert "Undecided: no noise floor: tokenize was not measured twice in this cell" in section(
            rendered(with_timings(*cases)), "timings"
        )

    def test_large_rest_is_named_and_explained(self):
        timings = simulated.cell(("builtin",), rest=0.2, steady=True, noise=0)

        text = section(rendered(with_timings(*timings)), "timings")

        assert "rest 20.0 % large" in text
        assert "The rest is what classify spends in no stage. Large: above 5 % of classify." in text

    def test_device_time_has_a_column_where_there_is_one(self, written):
        on_gpu = section(rendered(with_timings(*simulated.cell(("builtin",), device="cuda:0"))), "timings")

        assert "Device is the time by the device’s own clock" in on_gpu
        assert "Device is" not in section(written, "timings")

    def test_machine_and_memory_are_told(self, written):
        assert "Matrix product, bfloat16 2.40 TFLOP/s (cpu, 2 threads, 2,048 wide)" in section(written, "timings")
        assert "Load 0.31 before, 1.95 after" in section(written, "about")
        assert "builtin 31.2 MB 62.5 MB 530 MB (+120 MB)" in section(written, "memory")

    def test_random_weights_are_said_where_times_are_shown(self):
        made = sample()
        random = made.run.classifiers[0].model_copy(update={"timing_only": True})
        text = rendered(sample_run.SampleRun(made.run.model_copy(update={"classifiers": (random,)})))

        for name in ("timings", "scenarios"):
            assert "Random weights: only its times mean something." in section(text, name)

    @pytest.mark.parametrize("version", [1, 2])
    def test_older_run_shows_its_rounds(self, version, tmp_path):
        folder = tmp_path / "run"
        folder.mkdir()
        record = json.loads(sample_run.sample(sets=()).run.model_dump_json())
        record["schema_version"] = version
        for key in ("peaks", "bandwidths", "scenarios"):
            del record[key]
        for each in record["timings"]:
            for key in ("cell", "role", "review_set", "device_seconds", "flops", "bytes"):
                del each[key]
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")

        page.write(folder, folder / "report.html")

        text = section((folder / "report.html").read_text(encoding="utf-8"), "timings")
        assert re.search(r"1 review × 16 tokens · 0 % padding · 25 rounds tokenize [\d.]+ µs", text)
        for unknown in ("Where the time of classify goes", "Achieved", "at most", "Device"):
            assert unknown not in text

    def test_255_timings_of_200_rounds_make_a_page_of_less_than_1_mb(self):
        made = sample("builtin", "builtin-bfloat16", scenarios=False, settings={"resamples": 50})
        cells = [(batch, length) for batch in (1, 8, 32) for length in (16, 64, 128, 256, 512)]
        run = made.run.model_copy(
            update=sample_run.measured_in_turn(("builtin", "builtin-bfloat16"), cells, rounds=200)
        )

        assert len(run.timings) == 255
        assert len(rendered(sample_run.SampleRun(run))) < 1_000_000


class TestScenarios:
    def test_have_their_rates_latencies_and_what_the_bound_came_to(self, written):
        text = section(written, "scenarios")

        assert "offline 147 5,439 – – – 24.0 1,500" in text
        assert "server, batching 80.0 2,960 40.0 ms 38.0–43.2 ms 52.0 ms 49.4–56.2 ms 100 ms 95.0–108 ms 4.00" in text
        assert "Server, batching: p99 stays within 110 ms up to 80.0 reviews/s" in text
        assert "Server, alone: to know: p99 at 40 reviews/s may lie on either side of the bound of 110 ms." in text
        assert "server, alone 50.0 1,000 – – 1.00 over" in text

    def test_alone_make_a_page(self):
        text = Reader(rendered(sample(timings=False, cells=()))).text()

        assert "This run has no evaluation and no timing." not in text
        assert "Offline: all at once." in text


class TestSafety:
    def test_a_users_words_add_no_tag_and_no_attribute(self):
        def tags(made):
            return {(tag, *sorted(attributes)) for tag, attributes in Reader(rendered(made)).tags}

        names = INJECTIONS[:3]
        hostile = sample(*names, notes=INJECTIONS)
        unmet = hostile.run.scenarios[2].model_copy(update={"unmet": INJECTIONS, "review_set": INJECTIONS[5]})
        environment = hostile.run.environment.model_copy(update={"governor": INJECTIONS[0]})
        timings = tuple(
            each.model_copy(update={"review_set": INJECTIONS[4], "device": INJECTIONS[6], "cell": f"{each.cell}<"})
            for each in hostile.run.timings
        )
        run = hostile.run.model_copy(
            update={"scenarios": (*hostile.run.scenarios, unmet), "environment": environment, "timings": timings}
        )

        assert tags(sample_run.SampleRun(run)) <= tags(sample("one", "two", "three", notes=["n"]))


class TestStyle:
    def test_every_stage_has_the_same_colour_in_the_bar_and_in_the_swatch(self):
        style = page.asset("style.css")

        for stage in ("tokenize", "place", "forward", "softmax", "rest"):
            (bar,) = re.findall(rf"\.stage\.{stage} \{{ fill: (light-dark\([^)]*\))", style)
            (swatch,) = re.findall(rf"\.swatch\.{stage} \{{ background: (light-dark\([^)]*\))", style)
            assert bar == swatch

    def test_neighbours_in_the_bar_can_be_told_apart(self):
        style = page.asset("style.css")
        colours = {
            stage: re.findall(rf"\.stage\.{stage} \{{ fill: light-dark\((#\w+), (#\w+)\)", style)[0]
            for stage in ("tokenize", "place", "forward", "rest")
        }

        for place in (0, 1):
            assert contrast(colours["place"][place], colours["forward"][place]) > 1.5
            assert contrast(colours["forward"][place], colours["rest"][place]) > 1.5
