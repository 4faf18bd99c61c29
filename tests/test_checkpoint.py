"""Where a classifier's files are, and whether they may be loaded."""

from __future__ import annotations

import hashlib
import json

import pytest
from support import checkpoints
from support.checkpoints import edited

from harness import checkpoint
from harness.errors import ClassifierError, UsageError


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A checkpoint that can be loaded."""
    return checkpoints.bert(tmp_path_factory.mktemp("checkpoint") / "stars")


def refused(name: object, **permissions: bool) -> ClassifierError:
    with pytest.raises(ClassifierError) as caught:
        checkpoint.find(str(name), **permissions)
    return caught.value


class TestFind:
    def test_a_local_folder(self, whole):
        found = checkpoint.find(str(whole))

        assert (found.name, found.id, found.revision, found.pickled) == ("stars", "stars", None, False)
        assert found.weights == (whole / "model.safetensors",)
        assert found.config["id2label"]["0"] == "1 star"

    def test_a_record_has_the_folders_own_name_and_not_the_way_to_it(self, whole, monkeypatch):
        monkeypatch.chdir(whole)

        assert checkpoint.find(".").name == "stars"

    def test_a_folder_goes_before_a_hub_id_of_the_same_name(self, whole, tmp_path, monkeypatch):
        edited(whole, tmp_path / "team" / "stars")
        monkeypatch.chdir(tmp_path)

        assert checkpoint.find("team/stars").revision is None

    def test_the_builtin_one_is_found_by_its_name_alone(self, whole, monkeypatch):
        monkeypatch.setattr(checkpoint, "BUILTIN_FOLDER", whole)
        found = checkpoint.find("builtin")

        assert (found.name, found.id, found.folder) == ("builtin", "builtin", whole)

    def test_a_builtin_one_that_is_not_installed_is_an_error(self, tmp_path, monkeypatch):
        monkeypatch.setattr(checkpoint, "BUILTIN_FOLDER", tmp_path / "nowhere")

        assert refused("builtin").message == "the built-in classifier is not in this installation"

    @pytest.mark.parametrize("name", ["", "  "])
    def test_an_empty_name_is_wrong_use(self, name):
        with pytest.raises(UsageError, match="has no name"):
            checkpoint.find(name)

    @pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere", "checkpoints/stars/v2", "a\\b"])
    def test_a_path_that_is_not_there_is_never_asked_of_the_hub(self, name):
        assert refused(name).message == f"there is no folder {name}"

    @pytest.mark.parametrize("name", ["five stars", "größe", "a/", "@main"])
    def test_a_name_that_is_neither_folder_nor_hub_id(self, name):
        error = refused(name)

        assert error.message == f"{name!r} is neither a checkpoint folder nor a hub id"
        assert error.expected == "builtin, a folder, or a hub id such as owner/name or owner/name@revision"

    def test_a_file_is_no_folder(self, whole):
        error = refused(whole / "model.safetensors")

        assert error.message == "a checkpoint is a folder, and this is a file"
        assert error.remedy == "give the folder that the file is in"


class TestConfig:
    def test_no_config_json(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", without=["config.json"]))

        assert error.message == "the checkpoint has no config.json"
        assert error.remedy == "give the folder that config.json is in"

    @pytest.mark.parametrize(("text", "said"), [("{", "is not valid JSON"), ("[]", "holds no object")])
    def test_a_broken_config_json(self, whole, tmp_path, text, said):
        folder = edited(whole, tmp_path / "c")
        (folder / "config.json").write_text(text)

        assert refused(folder).message.startswith(f"config.json {said}")

    def test_an_adapter_is_no_whole_classifier(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c")
        (folder / "adapter_config.json").write_text("{}")

        assert refused(folder).message == "the checkpoint is an adapter, not a whole classifier"


class TestHead:
    def test_a_multi_label_head(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", problem_type="multi_label_classification"))

        assert error.message == "the checkpoint has a multi-label head: every class is a yes or no of its own"
        assert error.remedy == (
            "use a single-label checkpoint; if this one is, correct problem_type in its config.json"
        )

    @pytest.mark.parametrize(
        "config",
        [
            {"problem_type": "regression"},
            {"id2label": {"0": "LABEL_0"}},
            {"id2label": None, "num_labels": 1},
        ],
    )
    def test_a_regression_head(self, whole, tmp_path, config):
        error = refused(edited(whole, tmp_path / "c", **config))

        assert error.message == "the checkpoint has a regression head: one score, and no probability for each class"
        assert error.remedy == (
            "train or export it with one logit for each class (5 for stars, 2 for positive and negative)"
        )

    @pytest.mark.parametrize(
        "names", [{"1": "a", "2": "b"}, {"0": "a", "2": "b"}, {"a": 0, "b": 1}, {"00": "a", "1": "b"}, ["a", "b"]]
    )
    def test_classes_that_are_not_numbered_from_zero(self, whole, tmp_path, names):
        error = refused(edited(whole, tmp_path / "c", id2label=names))

        assert error.message.startswith("id2label does not number its classes from 0: ")

    def test_names_and_number_of_classes_that_differ(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", id2label={"0": "a", "1": "b"}, num_labels=5))

        assert error.message == "id2label names 2 classes and num_labels is 5"

    def test_two_classes_of_one_name(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", id2label={"0": "good", "1": "bad", "2": "good"}))

        assert error.message == "id2label gives several classes the name 'good'"

    def test_unnamed_classes_are_fine(self, whole, tmp_path):
        assert checkpoint.find(str(edited(whole, tmp_path / "c", id2label=None, num_labels=5)))


class TestWeights:
    def test_shards_are_all_found(self, whole, tmp_path):
        folder = checkpoints.sharded(whole, tmp_path / "sharded")

        assert list(checkpoint.find(str(folder)).weights) == sorted(folder.glob("*.safetensors"))

    def test_a_missing_shard_is_named(self, whole, tmp_path):
        folder = checkpoints.sharded(whole, tmp_path / "sharded")
        (folder / "model-00002-of-00003.safetensors").unlink()
        error = refused(folder)

        assert error.message == "1 of 3 weight files are missing: model-00002-of-00003.safetensors"

    @pytest.mark.parametrize("text", ["{", "{}", '{"weight_map": {}}', '{"weight_map": {"a": "../b"}}'])
    def test_a_broken_index(self, whole, tmp_path, text):
        folder = edited(whole, tmp_path / "c", without=["model.safetensors"])
        (folder / "model.safetensors.index.json").write_text(text)

        assert refused(folder).message == "model.safetensors.index.json does not say which files hold the weights"

    def test_no_weights_at_all(self, whole, tmp_path):
        error = refused(edited(whole, tmp_path / "c", without=["model.safetensors"]))

        assert error.message == "the checkpoint has no weights that can be loaded"
        assert error.expected == "model.safetensors, or model.safetensors.index.json with its shards"

    def test_weights_under_another_name_are_shown(self, whole, tmp_path):
        folder = edited(whole, tmp_path / "c")
        (folder / "model.safetensors").rename(folder / "model.fp16.safetensors")

        assert refused(folder).message.endswith("that can be loaded, only model.fp16.safetensors")

    @pytest.mark.parametrize("shards", [1, 2])
    def test_a_pickle_is_refused_with_the_command_that_converts_it(self, whole, tmp_path, shards):
        folder = checkpoints.pickled(whole, tmp_path / "pickled", shards=shards)
        error = refused(folder)

        assert error.message == "the checkpoint's weights are a pickle, which can run code when it is loaded"
        assert error.remedy == (
            f"convert it once: python -m harness.conversion {folder}\nor load it weights-only with --allow-pickle"
        )

    def test_the_command_holds_for_a_folder_with_a_space_in_its_name(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "five stars")

        assert f"harness.conversion '{folder}'\n" in refused(folder).remedy

    @pytest.mark.parametrize("shards", [1, 2])
    def test_a_pickle_is_admitted_where_that_is_allowed(self, whole, tmp_path, shards):
        found = checkpoint.find(str(checkpoints.pickled(whole, tmp_path / "pickled", shards=shards)), allow_pickle=True)

        assert (found.pickled, len(found.weights)) == (True, shards)

    def test_safetensors_go_before_a_pickle(self, whole, tmp_path):
        folder = checkpoints.pickled(whole, tmp_path / "both")
        (folder / "model.safetensors").write_bytes((whole / "model.safetensors").read_bytes())

        assert not checkpoint.find(str(folder), allow_pickle=True).pickled


class TestId:
    @pytest.mark.parametrize(
        ("name", "revision", "expected"),
        [
            ("builtin", None, "builtin"),
            ("team/five.stars", "0123456789", "team-five.stars@0123456"),
            ("fünf sterne (neu)", None, "fünf-sterne-neu"),
            ("???", None, "checkpoint"),
        ],
    )
    def test_fits_a_file_name(self, tmp_path, name, revision, expected):
        found = checkpoint.Checkpoint(name, name, tmp_path, revision, {}, (), False)

        assert found.id == expected


class TestSha256:
    def test_of_one_file_is_what_sha256sum_prints(self, whole):
        file = whole / "model.safetensors"

        assert checkpoint.sha256([file]) == hashlib.sha256(file.read_bytes()).hexdigest()

    def test_does_not_depend_on_the_order_of_the_files(self, whole):
        files = sorted(whole.iterdir())

        assert checkpoint.sha256(files) == checkpoint.sha256(reversed(files))

    def test_with_names_tells_the_same_bytes_under_other_names_apart(self, tmp_path):
        one, other = tmp_path / "vocab.txt", tmp_path / "merges.txt"
        one.write_text("a")
        other.write_text("a")

        assert checkpoint.sha256([one]) == checkpoint.sha256([other])
        assert checkpoint.sha256([one], names=True) != checkpoint.sha256([other], names=True)


class TestConfigSha256:
    def test_names_of_classes_do_not_count(self, whole):
        config = json.loads((whole / "config.json").read_text())
        renamed = config | {"id2label": {"0": "a"}, "label2id": {}, "transformers_version": "9"}

        assert checkpoint.config_sha256(config) == checkpoint.config_sha256(renamed)

    def test_what_moves_a_logit_counts(self, whole):
        config = json.loads((whole / "config.json").read_text())

        assert checkpoint.config_sha256(config) != checkpoint.config_sha256(config | {"hidden_act": "relu"})
