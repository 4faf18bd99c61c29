"""The page as a reader meets it: opened from disk in Chromium."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import sample_run

from harness.report import page as pages

from . import test_gate_page
from .injections import INJECTIONS
from .test_page import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def missing(what: str) -> None:
    """A developer may lack a browser; where CI is set, nothing is skipped in silence."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI is set")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the package playwright (pip install -e '.[dev]')")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        missing("Chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


class Visit:
    """An open page, and everything that should not have happened in it."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.path = page, path
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._asked(request.url))
        page.on("popup", lambda popup: self.troubles.append(f"popup: {popup.url}"))

    def _asked(self, url: str) -> None:
        if url.partition("#")[0] not in (self.path.as_uri(), "data:,"):
            self.troubles.append(f"request: {url}")

    def open(self, fragment: str = "") -> Page:
        self.page.goto(self.path.as_uri() + fragment)
        return self.page


@pytest.fixture
def visit(browser, tmp_path):
    """Opens the page of a run, and asserts at the end that it kept quiet."""
    contexts, visits = [], []

    def visit(sample: sample_run.SampleRun, **options) -> Visit:
        path = tmp_path / "page.html"
        text = pages.page(sample.run, sample.predictions, sample.reviews, sample.references)
        path.write_text(text, encoding="utf-8", newline="\n")
        contexts.append(browser.new_context(**options))
        visits.append(Visit(contexts[-1].new_page(), path))
        return visits[-1]

    yield visit
    for context in contexts:
        context.close()
    assert [trouble for each in visits for trouble in each.troubles] == []


@pytest.fixture(scope="module")
def sample():
    return sample_run.sample(reviews=600)


def inside(sample: sample_run.SampleRun, gold: int, predicted: int) -> set[str]:
    """Ids of the reviews of one cell, from the predictions."""
    table = sample.predictions["builtin-shop"]
    found = (table.gold == gold) & (table.probabilities.argmax(axis=1) == predicted)
    return {id for id, wanted in zip(table.ids, found, strict=True) if wanted}


class TestConfusionCell:
    def test_click_shows_its_reviews_and_their_number(self, visit, sample):
        page = visit(sample).open()
        expected = inside(sample, gold=3, predicted=2)

        page.click("a[href='#e1-cell-3-2']")

        panel = page.locator("#e1-panel")
        assert panel.locator("h4").inner_text() == f"{len(expected)} reviews labelled 4 stars, predicted 3 stars"
        assert panel.locator(".note").inner_text() == "All of them, the surest first."
        assert set(panel.locator("td.review small").all_inner_texts()) == expected

    def test_large_cell_says_how_its_reviews_were_chosen(self, visit, sample):
        page = visit(sample).open("#e1-cell-0-0")
        expected = inside(sample, gold=0, predicted=0)
        shown = page.locator("#e1-panel td.review small").all_inner_texts()

        assert len(shown) == 40 < len(expected)
        assert set(shown) <= expected
        assert page.locator("#e1-panel .note").inner_text() == (
            f"40 of {len(expected)}: the 20 that the classifier was most sure of, "
            "then 20 drawn at random from the rest."
        )

    def test_texts_and_probabilities_are_those_of_the_review(self, visit, sample):
        page = visit(sample).open("#e1-cell-3-2")
        first = page.locator("#e1-panel tbody tr").first
        id = first.locator("td.review small").inner_text()
        table, reviews = sample.predictions["builtin-shop"], sample.reviews["shop"]
        place = table.ids.index(id)

        assert first.locator("td.review p").inner_text() == reviews["text"][place].as_py()
        assert first.locator("td.name").inner_text().split("\n")[0].replace("\N{NO-BREAK SPACE}", " ") == (
            f"{table.probabilities[place][2] * 100:.1f} %"
        )
        assert first.locator("td.drawn").get_attribute("title").split("\n")[2].startswith("3 stars: ")

    def test_link_with_a_cell_opens_it_and_going_back_closes_it(self, visit, sample):
        page = visit(sample).open()
        page.click("a[href='#e1-cell-3-2']")
        page.click("a[href='#e1-cell-1-2']")

        page.go_back()

        assert "labelled 4 stars, predicted 3 stars" in page.locator("#e1-panel h4").inner_text()
        assert page.locator("[aria-current]").get_attribute("href") == "#e1-cell-3-2"
        page.click("text=Close")
        assert page.locator("#e1-panel").is_hidden()
        assert page.locator("[aria-current]").count() == 0

    def test_is_reached_by_keyboard_and_the_panel_takes_the_focus(self, visit, sample):
        page = visit(sample).open()

        page.focus("a[href='#e1-cell-3-2']")
        page.keyboard.press("Enter")

        page.wait_for_selector("#e1-panel h4")
        assert page.evaluate("document.activeElement.id") == "e1-panel"

    def test_fragment_of_a_cell_that_is_not_there_shows_nothing(self, visit, sample):
        page = visit(sample).open("#e1-cell-9-9")

        assert page.locator("#e1-panel").is_hidden()

    def test_each_of_several_evaluations_has_its_own_cells(self, visit):
        sample = sample_run.sample(reviews=100, classifiers=("one", "two"))
        page = visit(sample).open("#e2-cell-1-1")

        number = sample.run.evaluations[1].confusion[1][1]
        assert page.locator("#e2-panel h4").inner_text().startswith(f"{number} review")
        assert page.locator("#e1-panel").is_hidden()

    def test_run_without_texts_shows_ids(self, visit):
        page = visit(sample_run.sample(reviews=100, texts=False)).open("#e1-cell-1-1")

        assert page.locator("#e1-panel td.review small").first.inner_text().startswith("r0000")
        assert page.locator("#e1-panel td.review p").count() == 0


@pytest.fixture(scope="module")
def gated():
    return test_gate_page.gated(500)


def flipped(sample: sample_run.SampleRun, was_right: bool, is_right: bool) -> set[str]:
    """Ids of the reviews that were right or wrong before, and are so now with another class."""
    now, was = sample.predictions["builtin-shop"], sample.references["builtin-shop.main"]
    classes, before = now.probabilities.argmax(axis=1), was.probabilities.argmax(axis=1)
    found = ((before == now.gold) == was_right) & ((classes == now.gold) == is_right) & (classes != before)
    return {id for id, wanted in zip(now.ids, found, strict=True) if wanted}


class TestFlips:
    def test_link_of_a_verdict_shows_the_reviews_that_were_lost(self, visit, gated):
        page = visit(gated).open()
        expected = flipped(gated, was_right=True, is_right=False)

        page.click(".verdict.fail a[href='#r1-lost']")

        panel = page.locator("#r1-panel")
        panel.wait_for(state="visible")
        assert panel.locator("h4").inner_text() == f"Lost: {len(expected)} reviews"
        assert set(panel.locator("td.review small").all_inner_texts()) == expected
        assert page.locator(".first-flips").is_hidden()
        assert page.locator("[aria-current]").get_attribute("href") == "#r1-lost"
        assert page.evaluate("document.activeElement.id") == "r1-panel"

    @pytest.mark.parametrize(
        ("kind", "was_right", "is_right"), [("lost", True, False), ("gained", False, True), ("changed", False, False)]
    )
    def test_fragment_shows_one_kind_and_no_other(self, visit, gated, kind, was_right, is_right):
        page = visit(gated).open(f"#r1-{kind}")
        shown = page.locator("#r1-panel td.review small").all_inner_texts()

        assert set(shown) == flipped(gated, was_right, is_right)
        assert len(shown) == len(set(shown))
        top = page.locator("#r1-flips").evaluate("part => part.getBoundingClientRect().top / innerHeight")
        assert -0.01 <= top <= 0.5, "the reader stands before them"

    def test_both_rows_of_probabilities_are_those_of_the_two_classifiers(self, visit, gated):
        page = visit(gated).open("#r1-lost")
        first = page.locator("#r1-panel tbody tr").first
        id = first.locator("td.review small").inner_text()
        place = gated.predictions["builtin-shop"].ids.index(id)

        for position, table in enumerate((gated.references["builtin-shop.main"], gated.predictions["builtin-shop"])):
            side = first.locator("td.side").nth(position)
            shares = table.probabilities[place]
            top = int(shares.argmax())
            assert side.locator("p").inner_text().split("\n")[0].startswith(sample_run.STARS[top])
            assert f"{sample_run.STARS[top]}: {100 * shares[top]:.1f}" in side.locator("svg").get_attribute(
                "aria-label"
            )

    def test_large_kind_says_how_its_reviews_were_chosen(self, visit):
        sample = test_gate_page.gated(900)
        page = visit(sample).open("#r1-lost")
        lost = sample.run.references[0].comparison.flips.lost

        assert page.locator("#r1-panel td.review").count() == 100 < lost
        assert page.locator("#r1-panel .note").inner_text() == (
            "The reference predicts the label, the candidate does not. "
            f"100 of {lost}, the largest change of the label's probability first."
        )

    def test_going_from_kind_to_kind_and_back(self, visit, gated):
        page = visit(gated).open()

        page.click(".kinds a[href='#r1-gained']")
        page.click(".kinds a[href='#r1-changed']")
        page.go_back()

        assert page.locator("#r1-panel h4").inner_text().startswith("Gained: ")
        page.click("#r1-panel >> text=Close")
        assert page.locator("#r1-panel").is_hidden()
        assert page.locator(".first-flips").is_visible()

    def test_a_cell_and_the_flips_do_not_stand_open_together(self, visit, gated):
        page = visit(gated).open("#r1-lost")

        page.click("a[href='#e1-cell-3-2']")

        page.wait_for_selector("#e1-panel h4")
        assert page.locator("#r1-panel").is_hidden()
        assert page.locator(".first-flips").is_visible()

    def test_without_scripts_the_first_of_each_kind_are_there(self, visit, gated):
        page = visit(gated, java_script_enabled=False).open("#r1-gained")

        assert page.locator(".flips tbody").count() == 3
        shown = page.locator(".flips tbody").first.locator("td.review small").all_inner_texts()
        assert len(shown) == 10
        assert set(shown) <= flipped(gated, was_right=True, is_right=False)

    def test_on_paper_the_first_of_each_kind_are_there_whatever_is_open(self, visit, gated):
        page = visit(gated).open("#r1-gained")
        page.emulate_media(media="print")

        assert page.locator(".first-flips").is_visible()
        assert page.locator("#r1-panel").is_hidden()

    def test_injected_words_run_nothing(self, visit):
        page = visit(test_gate_page.hostile()).open()

        for kind in ("lost", "gained", "changed"):
            page.evaluate("hash => { location.hash = hash; }", f"#r1-{kind}")
            page.wait_for_selector(f".kinds a[href='#r1-{kind}'][aria-current]")
        assert page.evaluate("window.injected") is None

    @pytest.mark.parametrize("width", [360, 390, 768, 1200])
    def test_gate_and_flips_are_never_wider_than_their_window(self, visit, gated, width):
        page = visit(gated, viewport={"width": width, "height": 900}).open("#r1-lost")

        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        panel = page.locator("#r1-panel .scroll")
        assert panel.evaluate("part => part.scrollWidth - part.clientWidth") <= 0


class TestSafety:
    def test_injected_words_run_nothing_and_ask_for_nothing(self, visit):
        """Reviews, labels, columns, models, notes and settings that try; `visit` asserts that the page kept quiet."""
        sample = hostile()
        page = visit(sample).open()
        cells = page.locator(".confusion a").evaluate_all("links => links.map(link => link.getAttribute('href'))")

        seen = set()
        for cell in cells:
            page.evaluate("hash => { location.hash = hash; }", cell)
            page.wait_for_function(
                "hash => document.querySelector(`.confusion a[href='${hash}'][aria-current]`)", arg=cell
            )
            seen.update(page.locator(".panel:not([hidden]) td.review p").all_text_contents())

        assert page.evaluate("window.injected") is None
        assert len(seen & set(INJECTIONS)) > 20
        assert page.locator("h1").inner_text() == INJECTIONS[0]

    @pytest.mark.parametrize(("policy", "runs"), [(True, False), (False, True)])
    def test_policy_stops_what_escaping_would_have_let_through(self, visit, sample, policy, runs):
        """A guard is itself tested: the same words, put in unescaped, run where the page has no policy."""
        opened = visit(sample)
        text = opened.path.read_text(encoding="utf-8").replace("<footer>", f"{INJECTIONS[0]}{INJECTIONS[5]}<footer>")
        if not policy:
            text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        opened.path.write_text(text, encoding="utf-8", newline="\n")

        page = opened.open()

        assert (page.evaluate("window.injected") == 1) is runs
        assert any("Content Security Policy" in trouble for trouble in opened.troubles) is not runs
        opened.troubles.clear()


class TestLook:
    @pytest.mark.parametrize("width", [360, 390, 768, 1200, 1920])
    def test_page_is_never_wider_than_its_window(self, visit, width):
        sample = sample_run.sample(
            reviews=100, classifiers=("a-model-with-a-very-long-name" * 3, "b"), warnings=["w" * 200], notes=["n" * 300]
        )
        page = visit(sample, viewport={"width": width, "height": 900}).open("#e1-cell-1-1")

        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

    @pytest.mark.parametrize("width", [360, 390, 768, 1200])
    def test_timings_are_never_wider_than_their_window_and_their_glance_needs_no_scrolling(self, visit, width):
        sample = sample_run.sample(
            sets=(), classifiers=("builtin", "builtin-bfloat16"), cells=((1, 16), (32, 512)), scenarios=True
        )
        page = visit(sample, viewport={"width": width, "height": 900}).open()

        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        if width != 768:
            glance = page.locator(".scroll:has(.glance)").first
            assert glance.evaluate("part => part.scrollWidth - part.clientWidth") <= 0

    @pytest.mark.parametrize("column", [2, 3])
    def test_values_of_a_column_stand_below_one_another_whatever_their_intervals(self, visit, sample, column):
        (one,) = sample.run.evaluations
        page = visit(sample, viewport={"width": 1280, "height": 900}).open()
        page.click("#e1-calibration summary")

        ends = page.locator(f"#e1-calibration details td:nth-child({column})").evaluate_all(
            "cells => cells.map(cell => { const value = document.createRange(); value.selectNode(cell.firstChild);"
            " return Math.round(value.getBoundingClientRect().right); })"
        )

        assert one.calibrated.metrics["confidence_gap"].low < 0, "an interval with a sign and a word is the widest"
        assert len(ends) == len(one.calibrated.metrics)
        assert len(set(ends)) == 1

    def test_reliability_table_fits_beside_the_confusion_matrix(self, visit, sample):
        page = visit(sample, viewport={"width": 1280, "height": 900}).open()
        page.click("#e1-reliability summary")

        assert page.locator("#e1-reliability .scroll").evaluate("part => part.scrollWidth - part.clientWidth") <= 0

    def test_dark_and_light_follow_the_reader(self, visit, sample):
        grounds = {
            scheme: visit(sample, color_scheme=scheme)
            .open()
            .evaluate("getComputedStyle(document.body).backgroundColor")
            for scheme in ("light", "dark")
        }

        assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}

    def test_without_scripts_every_table_is_there(self, visit, sample):
        page = visit(sample, java_script_enabled=False).open()

        assert page.locator("table.confusion tbody tr").count() == 5
        assert "scripts are off" in page.locator("noscript").first.inner_text()

    def test_print_is_light_whole_and_has_the_closed_tables(self, visit, sample):
        page = visit(sample, color_scheme="dark").open()
        page.emulate_media(media="print", color_scheme="dark")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.locator("nav").first.is_hidden()
        assert page.locator("#e1-reliability details table").bounding_box()["height"] > 50
