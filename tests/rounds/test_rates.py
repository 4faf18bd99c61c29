from __future__ import annotations

import pytest
from support import timed

from harness import rounds

QUIET = {"steady": True, "noise": 0.0, "rounds": 6}


@pytest.fixture
def stages():
    return {each.stage: each for each in timed.cell(("a",), **QUIET) if each.role == "case"}


class TestRates:
    def test_are_what_one_call_handles_by_its_median(self, stages):
        found = rounds.rates(stages["forward"])

        assert found.reviews_per_s == pytest.approx(8 / 0.01)
        assert found.tokens_per_s == pytest.approx(504 / 0.01)
        assert found.flops_per_s == pytest.approx(4e9 / 0.01)
        assert found.bytes_per_s == pytest.approx(9e7 / 0.01)
        assert found.padding_share == pytest.approx(8 / 512)
        assert found.device_share is None

    def test_softmax_sees_no_tokens_and_has_no_flops(self, stages):
        found = rounds.rates(stages["softmax"])

        assert (found.tokens_per_s, found.flops_per_s) == (None, None)
        assert found.reviews_per_s == pytest.approx(8 / 1e-5)

    def test_bytes_that_are_not_known_have_no_rate(self, stages):
        assert rounds.rates(stages["classify"]).bytes_per_s is None

    def test_the_device_has_its_share_of_the_wall_clock(self):
        on_gpu = next(each for each in timed.cell(("a",), device="cuda", **QUIET) if each.stage == "forward")

        assert rounds.rates(on_gpu).device_share == pytest.approx(0.9)

    def test_rounds_of_no_time_have_no_rate(self, stages):
        found = rounds.rates(stages["forward"].model_copy(update={"seconds": (0.0, 0.0), "padded_tokens": 0}))

        assert found == rounds.Rates(None, None, None, None, None, None)


class TestPeakShare:
    def test_is_of_the_peak_at_the_dtype_on_the_device_with_the_threads(self, stages):
        assert rounds.peak_share(stages["forward"], timed.peaks()) == pytest.approx(0.4)

        other = stages["forward"].model_copy(update={"dtype": "bfloat16"})
        assert rounds.peak_share(other, timed.peaks()) == pytest.approx(0.2)

    @pytest.mark.parametrize("other", [{"device": "cuda"}, {"threads": 4}])
    def test_is_none_without_such_a_peak(self, stages, other):
        assert rounds.peak_share(stages["forward"], timed.peaks(**other)) is None

    def test_is_none_without_flops(self, stages):
        assert rounds.peak_share(stages["tokenize"], timed.peaks()) is None


class TestBandwidthShare:
    def test_is_of_the_copy_on_the_device_with_the_threads(self, stages):
        assert rounds.bandwidth_share(stages["softmax"], timed.bandwidths()) == pytest.approx(320 / 1e-5 / 2e10)

    @pytest.mark.parametrize("other", [{"device": "cuda"}, {"threads": 4}])
    def test_is_none_without_such_a_copy(self, stages, other):
        assert rounds.bandwidth_share(stages["softmax"], timed.bandwidths(**other)) is None

    def test_is_none_where_the_bytes_are_not_known(self, stages):
        assert rounds.bandwidth_share(stages["classify"], timed.bandwidths()) is None
