"""The fault script of the sandbox provider: seeded, by call, in the shares asked for."""

from collections import Counter

from sandbox.bkash.faults import Faults

SCRIPT = {"seed": 5, "execute": {"act_then_503": 0.2, "fail_503": 0.1}}


def drawn(script, call="execute", number=4_000):
    faults = Faults(script)
    return [faults.draw(call) for _ in range(number)]


def test_the_same_seed_gives_the_same_faults():
    assert drawn(SCRIPT) == drawn(SCRIPT)
    assert drawn(SCRIPT) != drawn({**SCRIPT, "seed": 6})


def test_faults_come_in_their_shares():
    found = Counter(drawn(SCRIPT))
    assert abs(found["act_then_503"] / 4_000 - 0.2) < 0.02
    assert abs(found["fail_503"] / 4_000 - 0.1) < 0.02


def test_calls_that_are_not_named_have_none():
    assert set(drawn(SCRIPT, "query")) == {None}
    assert set(drawn({})) == {None}
