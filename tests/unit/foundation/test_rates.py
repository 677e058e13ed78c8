"""Token buckets: a burst, then the rate, never more; callers do not pay for each other."""

from hypothesis import given
from hypothesis import strategies as st

from commerce.rates import RATES
from foundation.web.rates import Buckets, RateClass, caller_of

RATE = RateClass("test", 10, 20, frozenset({"GET"}))


class Watch:
    now = 0.0

    def __call__(self):
        return self.now


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=300))
def test_never_more_than_burst_and_rate_allow(pauses):
    watch = Watch()
    buckets, taken = Buckets(watch), 0
    for pause in pauses:
        watch.now += pause
        taken += buckets.take(RATE, "me") == 0
        assert taken <= RATE.burst + watch.now * RATE.per_second + 1e-6


def test_who_waits_as_told_is_let_in():
    watch = Watch()
    buckets = Buckets(watch)
    while (wait := buckets.take(RATE, "me")) == 0:
        pass
    watch.now += wait + 1e-9
    assert buckets.take(RATE, "me") == 0
    assert buckets.take(RATE, "me") > 0
    assert buckets.take(RATE, "somebody else") == 0


def test_memory_is_bounded_and_forgetting_favours_the_caller():
    buckets = Buckets(Watch(), remembered=100)
    for number in range(1_000):
        buckets.take(RATE, str(number))
    assert len(buckets._left) == 100


def test_a_callers_address_is_believed_of_the_gateway_only():
    def scope(client, **headers):
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http", "client": (client, 1), "headers": pairs}

    assert caller_of(scope("127.0.0.1", x_forwarded_for="6.6.6.6, 203.0.113.9"), by_address=True) == "203.0.113.9"
    assert caller_of(scope("198.51.100.7", x_forwarded_for="203.0.113.9"), by_address=True) == "198.51.100.7"
    by_token = caller_of(scope("127.0.0.1", authorization="Bearer x"), by_address=False)
    assert by_token == caller_of(scope("198.51.100.7", authorization="Bearer x"), by_address=False) != "127.0.0.1"


def test_every_path_of_the_api_has_a_class():
    from commerce.app import ROUTERS

    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    for router in ROUTERS:
        for route in router.routes:
            for method in methods & (getattr(route, "methods", None) or set()):
                assert any(rate.covers(method, route.path) for rate in RATES), (method, route.path)
    assert next(rate for rate in RATES if rate.covers("POST", "/v1/auth/login")).name == "accounts"
