"""`harness card`: what it prints, what it leaves, and the code it exits with."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from support import sample_run
from support.command import exit_code

from harness.cli import main

SAMPLE = sample_run.sample(reviews=60, classifiers=("one", "two"), timings=False)
TIMED = sample_run.sample(sets=())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with a run of two classifiers and an older one of timings alone."""
    for name, sampled in (("20251123T190211Z-timed", TIMED), ("20251124T190211Z-both", SAMPLE)):
        folder = tmp_path / "reports/runs" / name
        folder.mkdir(parents=True)
        sampled.write(folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestCard:
    def test_lies_in_the_run_folder_unless_it_is_named(self, here, capsys):
        main(["card", "latest", "--evaluation", "one-shop"])
        readme = Path("reports/runs/20251124T190211Z-both/README.md")

        assert f"made     {readme}\n" in capsys.readouterr().out
        assert ModelCard.load(readme).data.model_name == "one"

    def test_readme_that_is_named_is_brought_up_to_date(self, here, capsys):
        (here / "README.md").write_text("# My model\n")
        main(["card", "latest", "--evaluation", "two-shop", "--to", ".", "--source-url", "https://example.org/run"])
        found = ModelCard.load(here / "README.md")

        assert "updated  README.md\n" in capsys.readouterr().out
        assert found.text == "# My model\n"
        assert {each.source_url for each in found.data.eval_results} == {"https://example.org/run"}

    def test_several_classifiers_are_wrong_use(self, here, capsys):
        assert exit_code("card", "latest") == 2
        assert capsys.readouterr().err == (
            "harness: a card is of one classifier, and these evaluations are of 2\n"
            "  where     one: one-shop\n"
            "            two: two-shop\n"
            "  remedy    choose the evaluations of one with --evaluation ID, once for each\n"
        )

    def test_run_of_timings_alone_measured_nothing(self, here, capsys):
        assert exit_code("card", "20251123T190211Z-timed") == 3
        assert capsys.readouterr().err.startswith("harness: nothing measured: the run has no evaluation")

    def test_task_of_a_benchmark_needs_a_set_of_the_hub(self, here, capsys):
        assert exit_code("card", "latest", "--evaluation", "one-shop", "--benchmark-task", "stars") == 2
        assert capsys.readouterr().err.startswith("harness: 'shop.csv' is no benchmark: it has no id on the hub\n")
        assert not Path("reports/runs/20251124T190211Z-both/README.md").exists()
