"""A pickle made safetensors, by the command that the refusal names."""

from __future__ import annotations

import shlex
import subprocess
import sys

import numpy as np
import pytest
import torch
from support import checkpoints
from support.hub import serving, use

from harness import conversion
from harness.classifier import Classifier
from harness.errors import ClassifierError, UsageError

TEXTS = ["I loved this book", "worst product ever, would not buy"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A checkpoint with safetensors weights."""
    return checkpoints.bert(tmp_path_factory.mktemp("checkpoint") / "stars")


class TestConvert:
    @pytest.mark.parametrize("shards", [1, 2])
    def test_predictions_are_the_same_before_and_after(self, whole, tmp_path, shards):
        folder = checkpoints.pickled(whole, tmp_path / "pickled", shards=shards)
        before = Classifier.load(str(folder), allow_pickle=True).classify(TEXTS)

        conversion.convert(str(folder))

        np.testing.assert_array_equal(Classifier.load(str(folder)).classify(TEXTS), before)

    def test_into_another_folder_goes_the_whole_checkpoint(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "pickled", shards=2)
        path = conversion.convert(str(folder), tmp_path / "converted")

        assert path == tmp_path / "converted" / "model.safetensors"
        assert {file.name for file in path.parent.iterdir()} == {file.name for file in whole.iterdir()}
        assert not (folder / "model.safetensors").exists()

    def test_tied_weights_get_a_copy_each(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "pickled")
        weights = torch.load(folder / "pytorch_model.bin")
        weights["tied"] = weights["classifier.weight"].T
        torch.save(weights, folder / "pytorch_model.bin")

        conversion.convert(str(folder))

        assert Classifier.load(str(folder)).classify(TEXTS).shape == (2, 5)

    def test_a_checkpoint_of_the_hub_goes_into_a_folder_of_ones_own(self, whole, tmp_path, monkeypatch):
        pickled = checkpoints.pickled(whole, tmp_path / "pickled")
        with serving({"team/pickled": pickled}) as served:
            use(monkeypatch, served.url, tmp_path / "cache")
            with pytest.raises(UsageError) as caught:
                conversion.convert("team/pickled")
            conversion.convert("team/pickled", tmp_path / "own")

        assert caught.value.remedy == "name one: python -m harness.conversion team/pickled FOLDER"
        assert Classifier.load(str(tmp_path / "own")).classify(TEXTS).shape == (2, 5)

    def test_what_is_safetensors_already_needs_nothing(self, whole):
        with pytest.raises(ClassifierError, match="has safetensors already"):
            conversion.convert(str(whole))

    def test_a_pickle_that_would_run_something_does_not(self, whole, tmp_path, capfd):
        folder = checkpoints.pickled(whole, tmp_path / "pickled")
        torch.save({"classifier.bias": Runs()}, folder / "pytorch_model.bin")

        with pytest.raises(ClassifierError) as caught:
            conversion.convert(str(folder))
        assert caught.value.message == (
            "pytorch_model.bin cannot be read weights-only: it is broken, or holds more than tensors"
        )
        assert "it ran" not in capfd.readouterr().out
        assert not (folder / "model.safetensors").exists()

    def test_a_pickle_of_something_else_is_refused(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "pickled")
        torch.save([torch.zeros(2)], folder / "pytorch_model.bin")

        with pytest.raises(ClassifierError, match="is no state dict"):
            conversion.convert(str(folder))


class TestMain:
    def test_the_command_of_the_refusal_works_as_it_is_printed(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "five stars")
        with pytest.raises(ClassifierError) as caught:
            Classifier.load(str(folder))
        command = caught.value.remedy.splitlines()[0].partition(": ")[2]

        program, *arguments = shlex.split(command)
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)

        assert program == "python"
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{folder / 'model.safetensors'}: ")
        assert Classifier.load(str(folder)).classify(TEXTS).shape == (2, 5)

    def test_an_error_is_printed_without_a_traceback(self, capsys):
        assert conversion.main(["./nowhere"]) == 2
        assert capsys.readouterr().err.startswith("there is no folder ./nowhere\n")

    @pytest.mark.parametrize("arguments", [[], ["a", "b", "c"], ["--help"]])
    def test_wrong_use_prints_the_usage(self, arguments, capsys):
        assert conversion.main(arguments) == UsageError.exit_code
        assert capsys.readouterr().err == "usage: python -m harness.conversion SOURCE [FOLDER]\n"


class Runs:
    """Prints when it is unpickled by anything that runs what a pickle says."""

    def __reduce__(self):
        return print, ("it ran",)
