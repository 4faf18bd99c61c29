"""Options under pytest: declared once, prefixed, checked before any work."""

from __future__ import annotations

import pytest

from harness import options
from harness.options import Option

from .conftest import PLUGINS, Project

SHOWS_SETTINGS = """
def test_settings(harness_model, harness_dataset, request):
    from harness.plugin.desk import desk
    print(desk(request.config).settings)
"""

OPTIONS = list(options.declared().values())


@pytest.fixture
def own(project: Project) -> Project:
    """A project with one test that prints the settings."""
    project.write(test_own=SHOWS_SETTINGS)
    return project


class TestAddoption:
    def test_help_lists_every_option_in_its_group(self, project):
        shown = project.run("--help").stdout.str()

        group = shown[shown.index("evaluation of sequence classifiers (review-harness):") :]
        assert [opt.pytest_flag for opt in OPTIONS if f"  {opt.pytest_flag}" not in group] == []
        assert [opt.pytest_dest for opt in OPTIONS if f"  {opt.pytest_dest} (" not in group] == []

    @pytest.mark.parametrize("opt", OPTIONS, ids=lambda opt: opt.name)
    def test_only_model_and_dataset_have_a_short_name(self, opt: Option):
        assert (opt.pytest_flag in ("--model", "--dataset")) != opt.pytest_flag.startswith("--harness-")

    def test_a_short_name_that_another_plugin_owns_is_left_to_it(self, own, monkeypatch):
        own.write(owner="def pytest_addoption(parser): parser.addoption('--model', dest='their_model')")
        own.pytester.syspathinsert()
        given = ("--model", "x", "--harness-model", "mine", "-s")
        monkeypatch.setenv("PYTEST_PLUGINS", f"owner,{PLUGINS}")
        result = own.run(*given)

        result.stdout.fnmatch_lines(["*Settings(model=('mine',)*"])


class TestBadOption:
    def test_stops_before_collection(self, project):
        project.write(test_own="raise Exception('collected')")
        result = project.run("--harness-dtype", "float8")

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert result.stderr.str().strip() == (
            "ERROR: dtype cannot be 'float8'\n"
            "  where     option --harness-dtype\n"
            "  expected  auto, float32, bfloat16, float16\n"
            "  remedy    correct the value, or leave it out"
        )

    def test_in_a_settings_file_stops_a_session_with_tests_of_ours(self, own):
        (own.path / "harness.toml").write_text("devise = 'cpu'\n")
        result = own.run()

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: unknown setting 'devise'", "*did you mean 'device'? remove or rename*"])
        assert "Traceback" not in result.stderr.str()

    @pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
    def test_in_a_settings_file_is_nothing_to_a_session_without(self, own, arguments):
        own.write(test_plain="def test_plain(): pass")
        (own.path / "harness.toml").write_text("devise = 'cpu'\n")

        assert own.run("test_plain.py", *arguments, apart=bool(arguments)).ret == 0

    def test_in_a_settings_file_is_an_error_of_collection_under_xdist(self, own):
        (own.path / "harness.toml").write_text("devise = 'cpu'\n")
        result = own.run("-n", "2", apart=True)

        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["*ERROR collecting test_own.py*", "unknown setting 'devise'"])
        result.stdout.no_fnmatch_line("*Traceback*")


class TestPrecedence:
    def test_option_before_variable_before_ini_before_file(self, own, monkeypatch):
        monkeypatch.setenv("HARNESS_SEED", "2")
        monkeypatch.setenv("HARNESS_RESAMPLES", "222")
        own.pytester.makeini("[pytest]\nharness_seed = 3\nharness_resamples = 333\nharness_dtype = bfloat16\n")
        (own.path / "harness.toml").write_text("seed = 4\ndtype = 'float16'\nmax-length = 44\n")

        shown = own.run("--harness-seed", "1", "-s").stdout.str()

        assert "seed=1," in shown
        assert "resamples=222," in shown
        assert "dtype='bfloat16'" in shown
        assert "max_length=44" in shown

    def test_ini_takes_lists_and_flags(self, own):
        own.pytester.makeini(
            "[pytest]\nharness_model =\n    one\n    two\nharness_seq_lens = 16,32\nharness_no_cache = true\n"
        )

        shown = own.run("-s").stdout.str()

        assert "model=('one', 'two')" in shown
        assert "seq_lens=(16, 32)" in shown
        assert "no_cache=True" in shown

    def test_pytests_own_table_in_pyproject_takes_them_too(self, own):
        own.pytester.makepyprojecttoml('[tool.pytest.ini_options]\nharness_model = ["one", "two"]\n')

        own.run("-s").stdout.fnmatch_lines(["*Settings(model=('one', 'two')*"])

    def test_nothing_given_leaves_every_default(self, own):
        (own.path / "harness.toml").unlink()

        assert str(options.Settings()) in own.run("-s").stdout.str()
