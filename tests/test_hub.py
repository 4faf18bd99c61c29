"""Checkpoints of the hub, from a hub on this machine and from its cache: the needed files and clear errors."""

from __future__ import annotations

import pytest
from huggingface_hub import constants
from support import checkpoints
from support.hub import COMMIT, serving, use

from harness import checkpoint, hub
from harness.errors import ClassifierError


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Checkpoints by hub id, with what else people keep beside them."""
    root = tmp_path_factory.mktemp("hub")
    whole = checkpoints.bert(root / "whole")
    (whole / "pytorch_model.bin").write_bytes(b"never fetched")
    (whole / "tf_model.h5").write_bytes(b"never fetched")
    (whole / "modeling_own.py").write_text("raise SystemExit('never fetched')")
    (whole / "onnx").mkdir()
    (whole / "onnx" / "config.json").write_text("{}")
    sharded = checkpoints.sharded(checkpoints.bert(root / "one"), root / "sharded")
    pickled = checkpoints.pickled(root / "one", root / "pickled")
    pickled_shards = checkpoints.pickled(root / "one", root / "pickled-shards", shards=2)
    onnx = checkpoints.edited(root / "one", root / "onnx", without=("*.safetensors",))
    (onnx / "model.onnx").write_bytes(b"")
    return {
        "team/whole": whole,
        "team/sharded": sharded,
        "team/pickled": pickled,
        "team/pickled-shards": pickled_shards,
        "team/onnx": onnx,
    }


@pytest.fixture
def local_hub(folders, monkeypatch, tmp_path):
    """A hub on this machine, and an empty cache."""
    with serving(folders, gated=frozenset({"team/gated"})) as served:
        use(monkeypatch, served.url, tmp_path / "cache")
        yield served


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """The hub forbidden; returns the cache folder."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path


class TestDownload:
    def test_only_needed_files_are_fetched(self, local_hub):
        found = checkpoint.find("team/whole")

        assert sorted(local_hub.fetched) == [
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
        ]
        assert (found.name, found.revision, found.id) == ("team/whole", COMMIT, "team-whole@0123456")
        assert not found.pickled

    def test_what_is_in_the_cache_is_not_fetched_again(self, local_hub):
        checkpoint.find("team/whole")
        local_hub.fetched.clear()

        checkpoint.find("team/whole")

        assert local_hub.fetched == []

    def test_a_revision_is_named_after_an_at(self, local_hub):
        assert checkpoint.find(f"team/whole@{COMMIT}").revision == COMMIT

    def test_all_shards_of_sharded_weights_are_fetched(self, local_hub, folders):
        found = checkpoint.find("team/sharded")

        assert [path.name for path in found.weights] == sorted(
            path.name for path in folders["team/sharded"].glob("*.safetensors")
        )
        assert len(found.weights) > 1

    def test_a_pickle_is_not_even_fetched(self, local_hub):
        with pytest.raises(ClassifierError) as caught:
            checkpoint.find("team/pickled")

        assert str(caught.value) == (
            "the checkpoint's weights are a pickle, which can run code when it is loaded\n"
            "  where     team/pickled\n"
            "  expected  safetensors\n"
            "  remedy    convert it once: python -m harness.conversion team/pickled team-pickled-safetensors, "
            "then --model team-pickled-safetensors\n"
            "            or load it weights-only with --allow-pickle"
        )
        assert "pytorch_model.bin" not in local_hub.fetched

    @pytest.mark.parametrize("name", ["team/pickled", "team/pickled-shards"])
    def test_a_pickle_is_fetched_where_it_is_allowed(self, local_hub, name):
        found = checkpoint.find(name, allow_pickle=True)

        assert found.pickled
        assert all(path.suffix == ".bin" for path in found.weights)

    def test_safetensors_go_before_a_pickle_even_where_that_is_allowed(self, local_hub):
        assert not checkpoint.find("team/whole", allow_pickle=True).pickled
        assert "pytorch_model.bin" not in local_hub.fetched

    def test_python_files_come_only_where_they_may_run(self, local_hub):
        assert not (checkpoint.find("team/whole").folder / "modeling_own.py").exists()
        assert (checkpoint.find("team/whole", trust_remote_code=True).folder / "modeling_own.py").exists()

    def test_weights_of_other_frameworks_are_named(self, local_hub):
        with pytest.raises(ClassifierError) as caught:
            checkpoint.find("team/onnx")

        assert caught.value.message == "the checkpoint has no weights that can be loaded, only model.onnx"

    def test_without_a_terminal_there_is_no_progress_bar(self, local_hub, capfd):
        checkpoint.find("team/whole")

        assert capfd.readouterr() == ("", "")


class TestErrors:
    def error(self, name: str) -> ClassifierError:
        with pytest.raises(ClassifierError) as caught:
            hub.download(name, ["config.json"])
        assert caught.value.where == f"--model {name}"
        return caught.value

    def test_an_unknown_checkpoint(self, local_hub):
        error = self.error("team/unknown")

        assert error.message == "the hub has no checkpoint team/unknown, or it is private"
        assert error.remedy == (
            "correct the name, log in with `hf auth login`, or give the folder of a local checkpoint"
        )

    def test_a_slip_in_the_name_of_the_builtin_classifier(self, local_hub):
        assert self.error("buitlin").remedy.startswith("did you mean 'builtin'? ")

    def test_an_unknown_revision(self, local_hub):
        error = self.error("team/whole@v9")

        assert error.message == "team/whole has no revision 'v9' on the hub"
        assert error.remedy == "correct the part after @"

    def test_a_checkpoint_behind_a_licence(self, local_hub):
        error = self.error("team/gated")

        assert error.message == "team/gated asks for its licence to be accepted"
        assert "hf auth login" in error.remedy

    def test_a_hub_that_cannot_be_reached(self, local_hub, monkeypatch):
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
        error = self.error("team/whole")

        assert error.message.startswith("team/whole is not a local folder and cannot be fetched from the hub: ")
        assert "\n" not in error.message
        assert error.remedy == (
            "check the name and the network, or give the folder of a local checkpoint; "
            "with HF_HUB_OFFLINE=1 only the local cache is used"
        )

    def test_offline_and_not_in_the_cache(self, offline):
        error = self.error("team/whole")

        assert error.message == "team/whole is not in the local cache, and HF_HUB_OFFLINE forbids to fetch it"
        assert error.remedy == "unset HF_HUB_OFFLINE, or give the folder of a local checkpoint"


class TestOffline:
    def test_the_cached_snapshot_is_used(self, offline, folders):
        snapshot = checkpoints.cached(folders["team/sharded"], offline, "team/sharded", COMMIT)
        found = checkpoint.find("team/sharded")

        assert (found.folder.resolve(), found.revision) == (snapshot.resolve(), COMMIT)

    def test_a_cache_without_the_weights_says_so(self, offline, folders):
        snapshot = checkpoints.cached(folders["team/whole"], offline, "team/whole", COMMIT)
        for path in [*snapshot.glob("*.safetensors"), *snapshot.glob("*.bin"), *snapshot.glob("*.h5")]:
            path.unlink()

        with pytest.raises(ClassifierError, match="no weights that can be loaded") as caught:
            checkpoint.find("team/whole")
        assert caught.value.remedy.endswith("offline, check that the local cache has them")


class TestIsId:
    @pytest.mark.parametrize("name", ["bert-base-cased", "a/b", "a.b/c_d-e@v1.0", "a/b@refs/pr/1"])
    def test_what_the_hub_could_have(self, name):
        assert hub.is_id(name)

    @pytest.mark.parametrize("name", ["", "a b", "a/b/c", "../a", "a/", "-a/b", "ä/b", "a@", "a/b@ c"])
    def test_what_it_could_not(self, name):
        assert not hub.is_id(name)
