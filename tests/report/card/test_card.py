"""The whole way from a run to a card, as `harness.report.card.write` goes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard
from support import sample_run

from harness.errors import UsageError
from harness.report import card

from ..injections import INJECTIONS
from . import hostile

RUN = sample_run.sample(reviews=300, timings=False).run
MINE = "---\n# mine\nlicense: mit\n---\n# My model\n\nWords of mine.\n"


def of_the_hub(source: str = "owner/set:en/test"):
    sets = tuple(each.model_copy(update={"source": source}) for each in RUN.review_sets)
    classifiers = tuple(each.model_copy(update={"name": "org/stars", "revision": "abc"}) for each in RUN.classifiers)
    return RUN.model_copy(update={"review_sets": sets, "classifiers": classifiers})


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestWrite:
    def test_readme_that_is_not_there_is_made(self, tmp_path):
        lines = card.write(RUN, tmp_path)
        found = ModelCard.load(tmp_path / "README.md")
        accuracy = round(RUN.evaluations[0].metrics["accuracy"].value, 4)

        assert found.data.model_name == "builtin"
        assert found.data.pipeline_tag == "text-classification"
        assert found.data.eval_results[0].metric_value == accuracy
        assert found.text.startswith("\n# builtin\n")
        assert "## Evaluation on <code>shop.csv</code>" in found.text
        assert lines[0] == f"new      accuracy {accuracy} on shop.csv"
        assert lines[-3:] == [
            f"made     {tmp_path / 'README.md'}",
            "nothing is pushed; to do that:",
            f"  hf upload OWNER/NAME {tmp_path / 'README.md'} README.md --create-pr",
        ]

    def test_the_same_run_again_changes_nothing(self, tmp_path):
        card.write(of_the_hub(), tmp_path, task="stars", source_url="https://example.org")
        before = files(tmp_path)
        lines = card.write(of_the_hub(), tmp_path, task="stars", source_url="https://example.org")

        assert sorted(before) == [".eval_results/owner-set-stars.yaml", "README.md"]
        assert files(tmp_path) == before
        assert lines == [
            f"kept     {tmp_path / 'README.md'}",
            f"kept     {tmp_path / '.eval_results/owner-set-stars.yaml'}",
            "nothing is pushed; to do that:",
            f"  hf upload org/stars {tmp_path / 'README.md'} README.md --create-pr",
            f"  hf upload org/stars {tmp_path / '.eval_results/owner-set-stars.yaml'}"
            " .eval_results/owner-set-stars.yaml --create-pr",
        ]

    def test_text_and_other_metadata_of_a_card_stay_to_the_byte(self, tmp_path):
        path = tmp_path / "card.md"
        path.write_bytes(MINE.replace("\n", "\r\n").encode())
        card.write(RUN, path)
        after = path.read_bytes().decode()

        start, rest = after.split("model-index:", 1)
        assert start == "---\r\n# mine\r\nlicense: mit\r\n"
        assert rest.endswith("\r\n---\r\n# My model\r\n\r\nWords of mine.\r\n")
        assert after.count("\r\n") == after.count("\n")

    def test_figures_of_a_card_that_it_made_are_renewed_in_text_and_metadata(self, tmp_path):
        card.write(RUN, tmp_path)
        first = (tmp_path / "README.md").read_text()
        other = sample_run.sample(reviews=300, timings=False, seed=7).run
        lines = card.write(other, tmp_path)
        second = (tmp_path / "README.md").read_text()
        metric = other.evaluations[0].metrics["accuracy"]

        assert lines[0].startswith("changed  accuracy ")
        assert second.count("## Evaluation on") == first.count("## Evaluation on") == 1
        assert f"| Accuracy | {100 * metric.value:.1f} % |" in second
        assert len(ModelCard(second).data.eval_results) == len(ModelCard(first).data.eval_results)

    def test_every_evaluation_goes_in_or_the_one_that_is_named(self, tmp_path):
        run = sample_run.sample(reviews=60, sets=("shop", "books"), timings=False).run
        card.write(run, tmp_path, evaluations=("builtin-books",))
        first = ModelCard.load(tmp_path / "README.md")
        card.write(run, tmp_path)
        second = ModelCard.load(tmp_path / "README.md")

        assert {each.dataset_type for each in first.data.eval_results} == {"books.csv"}
        assert {each.dataset_type for each in second.data.eval_results} == {"books.csv", "shop.csv"}
        assert re.findall("## Evaluation on <code>(.*?)</code>", second.text) == ["books.csv", "shop.csv"]

    def test_set_of_the_hub_has_its_split_and_configuration_and_nothing_is_verified(self, tmp_path):
        card.write(of_the_hub(), tmp_path)

        for each in ModelCard.load(tmp_path / "README.md").data.eval_results:
            assert (each.dataset_type, each.dataset_config, each.dataset_split) == ("owner/set", "en", "test")
            assert each.verified is None
        assert "verified: true" not in (tmp_path / "README.md").read_text()

    def test_metadata_whose_form_cannot_be_kept_are_said_to_be_written_anew(self, tmp_path):
        (tmp_path / "README.md").write_text("---\n{license: mit}\n---\n# My model\n")
        lines = card.write(RUN, tmp_path)

        assert lines[-4] == (
            "the metadata is written anew, without its comments: lines of its form cannot be exchanged"
        )
        assert (tmp_path / "README.md").read_text().startswith("---\nlicense: mit\nmodel-index:\n")

    @pytest.mark.parametrize("words", [*INJECTIONS, "---", "\n---\nlicense: mit\n", "/home/ann/models/stars"])
    def test_nothing_of_the_data_breaks_the_card_and_no_folder_is_told(self, words, tmp_path):
        card.write(hostile.run(words), tmp_path)
        content = (tmp_path / "README.md").read_text()
        card.write(hostile.run(words), tmp_path)
        found = ModelCard(content)

        assert (tmp_path / "README.md").read_text() == content
        assert list(yaml.safe_load(content.split("\n---\n")[0])) == ["pipeline_tag", "model-index"]
        assert len(found.data.eval_results) == 10
        assert set(re.findall(r"<[^!>]*>", found.text)) == {"<code>", "</code>"}
        assert "/home/ann" not in content
        assert not any(sign in content for sign in "\x1b\x00\x07\u202e\u2028")

    def test_two_sets_of_one_name_are_refused(self, tmp_path):
        run = sample_run.sample(reviews=60, sets=("shop", "shop-2"), timings=False).run
        sets = tuple(each.model_copy(update={"source": "shop.csv"}) for each in run.review_sets)

        with pytest.raises(UsageError) as caught:
            card.write(run.model_copy(update={"review_sets": sets}), tmp_path)

        assert str(caught.value) == (
            "2 review sets are called 'shop.csv', and a card could not tell them apart\n"
            "  where     builtin-shop, builtin-shop-2\n"
            "  remedy    choose one of these evaluations with --evaluation ID"
        )

    def test_folder_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(UsageError) as caught:
            card.write(RUN, tmp_path / "org" / "model")

        assert str(caught.value) == (
            f"there is no folder {tmp_path / 'org' / 'model'}\n"
            f"  where     option --to {tmp_path / 'org' / 'model'}\n"
            "  expected  a folder, or a README.md in one\n"
            "  remedy    make the folder; a card of the hub is fetched with"
            " hf download REPOSITORY README.md --local-dir FOLDER"
        )

    @pytest.mark.parametrize("url", ["example.org", "javascript:alert(1)", "/home/ann/run"])
    def test_source_that_is_no_link_is_refused(self, url, tmp_path):
        with pytest.raises(UsageError) as caught:
            card.write(RUN, tmp_path, source_url=url)

        assert str(caught.value) == (
            f"{url!r} is no link\n"
            "  where     option --source-url\n"
            "  expected  an address that begins with https://\n"
            "  remedy    give the address of the page with these results, or leave the option out"
        )
        assert files(tmp_path) == {}

    def test_an_error_leaves_everything_as_it_was(self, tmp_path):
        (tmp_path / "README.md").write_text(MINE)
        (tmp_path / ".eval_results").mkdir()
        (tmp_path / ".eval_results" / "owner-set-stars.yaml").write_text("no list")
        before = files(tmp_path)

        with pytest.raises(UsageError):
            card.write(of_the_hub(), tmp_path, task="stars")

        assert files(tmp_path) == before
