"""Orders, payments, returns and disputes driven at random, with deaths, duplicates, silence and late news: the laws hold.

Twins without a guard break one of them, so the laws can be broken. Stories told on purpose reach every end there is.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine_shop import CLOSED_WALLET, Shop
from machine_world import World
from ports import free_port

from commerce.payments import refunds

EXAMPLES = int(os.environ.get("GETIT_STATE_EXAMPLES", "300"))
STEPS = 50

SEEN = """
    select distinct 'order', to_status from orders.order_transitions union select distinct 'payment', to_state from payments.attempt_transitions
    union select distinct 'parcel', to_state from shipping.shipment_transitions
    union select distinct 'case', subject || ' ' || to_state from returns.transitions
    union select distinct 'refund', state from payments.refunds union select distinct 'posting', kind from ledger.transfers"""


def of(subject: str, *ends: str) -> set[tuple[str, str]]:
    return {(subject, end) for end in ends}


#: Where most random stories come; the rest of the ends needs several steps in the right order.
COMMON = (
    of("order", "placed", "shipped", "delivered", "refused", "cancelled")
    | of("payment", "captured") | of("parcel", "booked", "picked_up") | of("refund", "refunded")
    | of("case", "return approved", "return received", "return refunded", "return lapsed", "dispute for_buyer")
    | of("posting", "payment.captured", "cash.collected", "order.released", "refund.paid", "payout.reserved", "payout.paid")
)  # fmt: skip
RARE = (
    of("payment", "declined", "unknown") | of("parcel", "unknown", "in_transit", "delivered", "refused", "returned")
    | of("case", "return exchanged", "return refused", "return rejected", "return withdrawn", "return closed")
    | of("case", "dispute answered", "dispute for_seller", "dispute withdrawn")
    | of("posting", "order.clawback", "refund.bounced")
)  # fmt: skip

RETURN = {"which": 1, "quantity": 1, "reason": "damaged", "wish": "refund", "wallet": None, "copies": 1, "dies": None}
HANDLE = {
    "which": 0, "steps": ("answer", "received", "inspection"), "accepted": 1, "is_good": True, "copies": 1, "dies": None
}  # fmt: skip
DISPUTE = {"which": 1, "request": None, "copies": 1, "dies": None}
ANSWER = {"which": 0, "step": "deny", "outcome": None, "copies": 1, "dies": None}
REFUND = {"name": "refund", "which": 0, "fault": None}
PARCEL, BY_HAND = [("cod", 1, 0, "parcel")], [("cod", 1, 0, "hand")]
#: Each an opening and the machine's own steps; at rest, time and the shop's duties bring it to its end.
STORIES = {
    "delivered by the courier": (PARCEL, [("courier_moves", {"which": 1, "statuses": ["Delivered"], "is_heard": True})]),
    "refused at the door": (PARCEL, [("courier_moves", {"which": 1, "statuses": ["Delivery_Failed", "Return"], "is_heard": True})]),
    "a booking without an answer": ([], [
        ("place", {"first": 1, "second": 0, "method": "cod", "copies": 1, "dies": None}), ("events_arrive", {"dies_at": None, "again": False}),
        ("book_parcel", {"which": 1, "dies_at": None, "fault": "act_then_503"}),
    ]),
    "called off on the wallet's page": ([], [
        ("place", {"first": 1, "second": 0, "method": "bkash", "copies": 1, "dies": None}),
        ("pay", {"which": 0, "is_kind": False, "comes_back": 1, "dies_at": None, "fault": None}),
    ]),
    "paid without an answer": ([], [
        ("place", {"first": 1, "second": 0, "method": "bkash", "copies": 1, "dies": None}),
        ("pay", {"which": 0, "is_kind": True, "comes_back": 1, "dies_at": None, "fault": "act_then_503"}),
    ]),
    "no such wallet": (BY_HAND, [("ask_to_return", RETURN | {"wallet": CLOSED_WALLET}), ("handle_return", HANDLE)]),
    "money that comes back": (BY_HAND, [
        ("ask_to_return", RETURN | {"wallet": "01711115678"}), ("handle_return", HANDLE), ("duty", REFUND), ("duty", REFUND),
        ("money_comes_back", {"which": 0}),
    ]),
    "another one instead": (BY_HAND, [("ask_to_return", RETURN | {"wish": "exchange"}), ("handle_return", HANDLE)]),
    "no, says the seller": (BY_HAND, [("ask_to_return", RETURN), ("handle_return", HANDLE | {"steps": ("refuse",)})]),
    "not what was sent": (BY_HAND, [("ask_to_return", RETURN), ("handle_return", HANDLE | {"accepted": 0})]),
    "kept after all": (BY_HAND, [("ask_to_return", RETURN), ("handle_return", HANDLE | {"steps": ("withdraw",)})]),
    "the seller was right": (BY_HAND, [("open_dispute", DISPUTE), ("handle_dispute", ANSWER | {"outcome": "for_seller"})]),
    "a quarrel given up": (BY_HAND, [("open_dispute", DISPUTE), ("handle_dispute", ANSWER | {"step": "withdraw"})]),
    "money back after the seller was paid": ([("bkash", 1, 0, "hand")], [
        ("confirm", {"which": 1, "dies": None}), ("events_arrive", {"dies_at": None, "again": False}), ("ask_to_return", RETURN),
        ("handle_return", HANDLE),
    ]),
}  # fmt: skip

PROFILE = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=True, print_blob=False,
    suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), database=None,
)  # fmt: skip


# One world for one database: the bank's statement and ours are read together.
@pytest.fixture(scope="module")
def machine(settings, shop, tmp_path_factory):
    own = settings.model_copy(
        update={
            "home": tmp_path_factory.mktemp("machine"), "sandbox_port": free_port(), "gateway_port": free_port(),
            "serving_port": free_port(), "sandbox_parcel_step_s": 0.0, "provider_timeout_s": 2.0, "pool_size": 4,
        }
    )  # fmt: skip
    world = World(own, shop)
    with pytest.MonkeyPatch.context() as patch:
        world.run(world.open(patch))
        yield type("Machine", (Shop,), {"world": world})
        world.run(world.close())
        world.loop.close()


def tell(machine, opening, steps):
    one = machine()
    one.begin(opening=opening)
    one.laws_hold()
    for name, arguments in steps:
        getattr(one, name)(**arguments)
        one.laws_hold()
    one.teardown()


@pytest.mark.timeout(1500)
def test_the_laws_hold_whatever_happens(machine):
    run_state_machine_as_test(machine, settings=PROFILE)

    # What never happened proves nothing.
    if EXAMPLES >= 300:
        assert COMMON - set(machine.world.shop.sql(SEEN)) == set()


def test_every_end_is_reached_by_a_story(machine):
    for opening, steps in STORIES.values():
        tell(machine, opening, steps)

    assert RARE - set(machine.world.shop.sql(SEEN)) == set()


def test_a_twin_that_pays_back_without_asking_first_is_caught(machine, monkeypatch):
    """Negative control: a refund whose answer was lost is simply sent again."""

    async def naive(commerce, refund, paid):
        payment = {"payment_id": paid["provider_payment_id"], "transaction_id": paid["provider_transaction_id"]}
        return await commerce.bkash.refund(
            **payment, amount_poisha=refund["amount_poisha"], sku=str(refund["id"]), reason=refund["reason"]
        )

    # Paid, called off, and the provider's answer to the refund is lost.
    steps = [
        ("place", {"first": 1, "second": 0, "method": "bkash", "copies": 1, "dies": None}),
        ("pay", {"which": 0, "is_kind": True, "comes_back": 1, "dies_at": None, "fault": None}),
        ("events_arrive", {"dies_at": None, "again": False}),
        ("cancel", {"which": 1, "line": None, "copies": 1, "dies": None}),
        ("duty", {"name": "refund", "which": 0, "fault": "act_then_503"}),
    ]
    tell(machine, [], steps)
    monkeypatch.setattr(refunds, "_refund_once", naive)
    with pytest.raises(AssertionError):
        tell(machine, [], steps)


def test_a_twin_that_lets_sellers_keep_what_was_paid_out_is_caught(machine, monkeypatch):
    """Negative control: a refund after the seller was paid takes nothing back from the seller."""
    story = STORIES["money back after the seller was paid"]
    tell(machine, *story)
    monkeypatch.setattr("commerce.orders.reversals.clawback_entries", lambda before, after: [])
    with pytest.raises(AssertionError):
        tell(machine, *story)
