"""When a gate that was not passed is a failure of the run, and when it is none."""

from models.family import Comparison, Gate
from pipelines.assets.families import loses_only_to_champion


def a_gate(*lost_to: str) -> Gate:
    comparisons = [
        Comparison(metric="wmape", candidate=0.5, against=name, value=0.4, is_passed=False) for name in lost_to
    ]
    won = Comparison(metric="wmape", candidate=0.5, against="mean of four weeks", value=0.6, is_passed=True)
    return Gate(is_passed=not lost_to, reasons=(), comparisons=(*comparisons, won))


def test_losing_to_the_champion_is_no_failure():
    assert loses_only_to_champion(a_gate("champion"))


def test_losing_to_a_baseline_is_a_failure():
    assert not loses_only_to_champion(a_gate("simple exponential smoothing"))
    assert not loses_only_to_champion(a_gate("champion", "simple exponential smoothing"))


def test_a_gate_that_failed_without_any_lost_comparison_is_a_failure():
    assert not loses_only_to_champion(Gate(is_passed=False, reasons=("too few labels",), comparisons=()))
