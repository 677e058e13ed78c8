"""The shop as a machine that hypothesis drives: what people, providers and time may do, and the laws after each step.

Not here: the world it runs in (machine_world), the laws (machine_laws), how many examples (the test).
"""

from datetime import timedelta

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from machine_laws import ALWAYS, AT_REST, broken
from machine_world import FAILS, World

from commerce.ledger import escrow
from commerce.orders import release
from commerce.payments import prepaid, refunds
from commerce.payouts import sending as payouts
from commerce.returns import deadlines
from commerce.shipping import booking, tracking

STOCK = 30
PRICES = (9_999, 120_050)
#: A wallet whose bank gives all money back.
CLOSED_WALLET = "01711110001"

any_of = st.integers(0, 1_000)
copies = st.integers(1, 3)
quantities = st.sampled_from((1, 1, 1, 2, 3))
#: Accidents are rare enough that stories come to their ends, too.
deaths = st.sampled_from((None,) * 6 + tuple((n, when) for n in (1, 2) for when in ("before", "after")))
faults = st.sampled_from((None,) * 8 + FAILS)


def dying(*points):
    return st.sampled_from((None,) * 4 * len(points) + points)


DUTIES = {
    "resolve": (prepaid.resolve_one, ("payment.submitted", "payment.executed")),
    "refund": (refunds.refund_one, ("refund.submitted", "refund.executed")),
    "expire": (prepaid.expire_unpaid, ()),
    "book": (booking.book_one, ("booking.submitted", "booking.made")),
    "release": (release.release_due, ()),
    "reserves": (escrow.release_reserves, ()),
    "payouts": (payouts.send_one, ("payout.submitted", "payout.sent")),
    "bank statement": (payouts.follow_statement, ()),
    "returns": (deadlines.end_due_returns, ()),
    "disputes": (deadlines.end_due_disputes, ()),
}


def in_state(*statuses):
    return lambda self: any(status in statuses for status in self.status.values())


class Shop(RuleBasedStateMachine):
    """One day after another in a shop with two sellers and a buyer."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict] = []
        self.attempts: list[str] = []
        self.returns: list[str] = []
        self.disputes: list[str] = []
        self.news: list[dict] = []
        self.status: dict[str, str] = {}

    @initialize(
        opening=st.lists(
            st.tuples(
                st.sampled_from(("cod", "bkash")), st.integers(1, 3), st.integers(0, 2), st.sampled_from(("hand", "parcel"))
            ), min_size=1, max_size=3,
        )
    )  # fmt: skip
    def begin(self, opening) -> None:
        world = self.world
        world.shop.sellers = []
        self.offers = [
            world.shop.add_offer(stock=STOCK, price_poisha=price, seller=number) for number, price in enumerate(PRICES)
        ]
        self.sellers = list(world.shop.sellers)
        self.staff = [world.person_of(seller) for seller in self.sellers]
        for seller in self.sellers:
            world.show_account(seller)
        (self.buyer,) = world.api.buyers(world.shop, 1)
        world.run(world.react())
        self.start = world.cursor()
        self.book = psycopg.connect(world.settings.postgres("getit"), autocommit=True)
        self.before = world.run(self._unexplained())
        for one in opening:
            self._open_with(*one)

    def _open_with(self, method, first, second, carried):
        """What comes back was first delivered: the story begins there, or with a parcel that is on its way."""
        known = len(self.orders)
        self._place(first, second, method)
        if method == "bkash":
            self._pay(self.attempts[-1])
            self.world.run(self.world.react())
        for order in self.orders[known:]:
            if carried == "parcel":
                self._book(order)
                self._move(order, ("Picked",))
                self._hear(self.news[-1])
                continue
            for status in ("shipped", "delivered"):
                self._send(self.world.courier, f"/v1/orders/{order['id']}/transitions", {"to": status})

    # Buying.

    @rule(
        first=st.integers(0, 2),
        second=st.integers(0, 2),
        method=st.sampled_from(("cod", "bkash")),
        copies=copies,
        dies=deaths,
    )
    def place(self, first, second, method, copies, dies):
        if first or second:
            self._place(first, second, method, copies, dies)

    def _place(self, first, second, method, copies=1, dies=None):
        lines = [
            {"offer_id": str(offer), "quantity": quantity}
            for offer, quantity in zip(self.offers, (first, second), strict=True) if quantity
        ]  # fmt: skip
        body = {
            "lines": lines, "payment_method": method,
            "address": {"district_code": "BD-13", "line": "House 7, Mirpur 10", "phone": "01712345678"},
        }  # fmt: skip
        answer = self._send(self.buyer, "/v1/orders", body, copies=copies, dies=dies)
        if answer.status_code == 201:
            placed = answer.json()
            numbers = [number for number, quantity in enumerate((first, second)) if quantity]
            for order in placed["orders"]:
                self.orders.append({"id": order["order_id"], "seller": self._seller_of(order, numbers)})
            if placed["payment"]:
                self.attempts.append(placed["payment"]["attempt_id"])

    def _seller_of(self, order, numbers):
        return next(number for number in numbers if str(self.sellers[number]) == order["seller_id"])

    @precondition(lambda self: self.attempts)
    @rule(
        which=any_of, is_kind=st.sampled_from((True, True, True, False)), comes_back=st.integers(0, 2),
        dies_at=dying("payment.submitted", "payment.executed"),
        fault=faults,
    )  # fmt: skip
    def pay(self, which, is_kind, comes_back, dies_at, fault):
        self._pay(self.attempts[which % len(self.attempts)], is_kind, comes_back, dies_at, fault)

    def _pay(self, attempt, is_kind=True, comes_back=1, dies_at=None, fault=None):
        world = self.world

        async def story():
            payment = await world.pay(attempt, is_kind=is_kind)
            async with world.misbehaving(fault, "", calls=("execute",)):
                for _ in range(comes_back if payment else 0):
                    status = "success" if is_kind else "cancel"
                    await world.do(prepaid.on_callback, world.commerce, payment, status, dies_at=dies_at)

        world.run(story())

    @precondition(in_state("placed", "pending_payment"))
    @rule(which=any_of, line=st.sampled_from((None, 1, 1, 2, 3)), copies=copies, dies=deaths)
    def cancel(self, which, line, copies, dies):
        path = f"/v1/orders/{self._order(which, 'placed', 'pending_payment')['id']}"
        if line is None:
            self._send(self.buyer, f"{path}/cancel", {}, copies=copies, dies=dies)
        else:
            self._send(self.buyer, f"{path}/lines/1/cancel", {"quantity": line}, copies=copies, dies=dies)

    @precondition(in_state("delivered"))
    @rule(which=any_of, dies=deaths)
    def confirm(self, which, dies):
        self._send(self.buyer, f"/v1/orders/{self._order(which, 'delivered')['id']}/confirm", {}, dies=dies)

    # Delivering.

    @precondition(in_state("placed", "shipped"))
    @rule(
        which=any_of,
        way=st.sampled_from((("shipped", "delivered"), ("shipped",), ("delivered",), ("shipped", "refused"))),
        dies=deaths,
    )
    def carry(self, which, way, dies):
        path = f"/v1/orders/{self._order(which, 'placed', 'shipped')['id']}/transitions"
        for status in way:
            self._send(self.world.courier, path, {"to": status}, dies=dies)

    @precondition(in_state("placed"))
    @rule(which=any_of, dies_at=dying("booking.submitted", "booking.made"), fault=faults)
    def book_parcel(self, which, dies_at, fault):
        self._book(self._order(which, "placed"), dies_at, fault)

    def _book(self, order, dies_at=None, fault=None):
        world = self.world
        seller, path = self.staff[order["seller"]], f"/v1/seller/orders/{order['id']}"

        async def story():
            await seller.client.post(f"{path}/accept")
            await world.send(seller.client, f"{path}/ready", {})
            async with world.misbehaving(fault, "/pathao", calls=("orders",)):
                await world.do(booking.book_one, world.commerce, dies_at=dies_at)

        self.world.run(story())

    @precondition(in_state("placed", "shipped"))
    @rule(
        which=any_of,
        statuses=st.lists(st.sampled_from(("Picked", "In_Transit", "Delivered", "Return")), min_size=1, max_size=3),
        is_heard=st.booleans(),
    )
    def courier_moves(self, which, statuses, is_heard):
        known = len(self.news)
        self._move(self._order(which, "shipped", "placed"), statuses)
        for event in self.news[known:] if is_heard else ():
            self._hear(event)

    def _move(self, order, statuses):
        parcel = self.book.execute(
            "select consignment_id from shipping.shipments where order_id = %s and consignment_id is not null",
            [order["id"]],
        ).fetchone()
        for status in statuses if parcel else ():
            event = self.world.run(self.world.move_parcel(parcel[0], status))
            self.news += [event] if event else []

    @precondition(lambda self: self.news)
    @rule(which=any_of, copies=copies)
    def news_arrives(self, which, copies):
        """In any order, and more than once."""
        for _ in range(copies):
            self._hear(self.news[which % len(self.news)])

    def _hear(self, event):
        assert self.world.run(self.world.hear(event)) == 202

    # Coming back.

    @precondition(in_state("delivered"))
    @rule(
        which=any_of, quantity=quantities, reason=st.sampled_from(("damaged", "changed_mind")),
        wish=st.sampled_from(("refund", "exchange")),
        wallet=st.sampled_from((None, CLOSED_WALLET)), copies=copies, dies=deaths,
    )  # fmt: skip
    def ask_to_return(self, which, quantity, reason, wish, wallet, copies, dies):
        body = {
            "order_id": self._order(which, "delivered")["id"], "lines": [{"line_no": 1, "quantity": quantity}], "reason": reason,
            "wish": wish, "wallet": wallet,
        }  # fmt: skip
        answer = self._send(self.buyer, "/v1/returns", body, copies=copies, dies=dies)
        if answer.status_code == 201:
            self.returns.append(answer.json()["id"])

    @precondition(lambda self: self.returns)
    @rule(
        which=any_of, steps=st.sampled_from((("answer",), ("refuse",), ("answer", "received"), ("received",), ("withdraw",),
        ("answer", "received", "inspection"), ("answer", "pickup", "received", "inspection"), ("inspection",),
        ("answer", "received", "inspection"))),
        accepted=st.sampled_from((0, 1, 1, 1, 2, 3)), is_good=st.booleans(), copies=copies, dies=deaths,
    )  # fmt: skip
    def handle_return(self, which, steps, accepted, is_good, copies, dies):
        request_id = self.returns[which % len(self.returns)]
        findings = [{"line_no": 1, "accepted": accepted, "good": accepted if is_good else 0}]
        bodies = {
            "answer": {"is_approved": True},
            "refuse": {"is_approved": False},
            "inspection": {"findings": findings},
        }
        for step in steps:
            if step == "withdraw":
                self._send(self.buyer, f"/v1/returns/{request_id}/withdraw", {}, dies=dies)
            for person in self.staff if step != "withdraw" else ():
                path = f"/v1/seller/returns/{request_id}/{'answer' if step == 'refuse' else step}"
                self._send(person, path, bodies.get(step, {}), copies=copies, dies=dies)

    @precondition(in_state("delivered", "shipped"))
    @rule(which=any_of, request=st.none() | any_of, copies=copies, dies=deaths)
    def open_dispute(self, which, request, copies, dies):
        body = {"order_id": self._order(which, "delivered", "shipped")["id"], "note": "it is not as it should be"}
        if request is not None and self.returns:
            body["request_id"] = self.returns[request % len(self.returns)]
            (body["order_id"],) = self.book.execute(
                "select order_id::text from returns.requests where id = %s", [body["request_id"]]
            ).fetchone()
        answer = self._send(self.buyer, "/v1/disputes", body, copies=copies, dies=dies)
        if answer.status_code == 201:
            self.disputes.append(answer.json()["id"])

    @precondition(lambda self: self.disputes)
    @rule(
        which=any_of, step=st.sampled_from(("concede", "deny", "withdraw")),
        outcome=st.none() | st.sampled_from(("for_buyer", "for_seller")), copies=copies, dies=deaths,
    )  # fmt: skip
    def handle_dispute(self, which, step, outcome, copies, dies):
        dispute_id = self.disputes[which % len(self.disputes)]
        if step == "withdraw":
            self._send(self.buyer, f"/v1/disputes/{dispute_id}/withdraw", {}, dies=dies)
        else:
            body = {"is_conceded": step == "concede", "note": "so it is"}
            for person in self.staff:
                self._send(person, f"/v1/seller/disputes/{dispute_id}/answer", body, copies=copies, dies=dies)
        if outcome:
            body = {"outcome": outcome, "note": "we looked at it"}
            self._send(self.world.support, f"/v1/disputes/{dispute_id}/decision", body, copies=copies, dies=dies)

    # Paying the sellers.

    @rule(is_approved=st.sampled_from((True, True, True, False)), copies=copies, dies=deaths)
    def pay_out(self, is_approved, copies, dies):
        proposer, decider = self.world.finance
        batch = self._send(proposer, "/v1/payouts/batches", {"minimum_poisha": 100}, copies=copies, dies=dies)
        if batch.status_code == 201:
            path = f"/v1/payouts/batches/{batch.json()['id']}"
            self._send(proposer, f"{path}/approve", {}, dies=dies)
            self._send(decider, f"{path}/{'approve' if is_approved else 'reject'}", {}, copies=copies, dies=dies)

    @rule(which=any_of)
    def money_comes_back(self, which):
        """A bank gives back what it had paid, days later."""
        world = self.world
        paid = [one for one in world.run(world.transfers()) if one["status"] == "paid"]
        if paid:
            world.run(world.return_transfer(paid[which % len(paid)]["reference"]))

    # Time, and what the shop does by itself.

    @rule(hours=st.sampled_from((0, 0, 1, 1, 6, 6, 6, 25, 49, 73, 170)))
    def time_passes(self, hours):
        self.world.ahead += timedelta(hours=hours)

    @rule(dies_at=dying("relay.handled"), again=st.booleans())
    def events_arrive(self, dies_at, again):
        """Once, and now and then all of them once more."""
        if again and self.start:
            self.world.rewind(self.start)
        self.world.run(self.world.react(dies_at=dies_at))

    @rule(name=st.sampled_from(sorted(DUTIES)), which=any_of, fault=faults)
    def duty(self, name, which, fault):
        step, points = DUTIES[name]
        dies_at = ((None, None, *points)[which % (2 + len(points))]) if points else None
        world = self.world

        async def story():
            async with world.misbehaving(fault, "", "/bank", calls=("execute", "query", "refund", "transfers", "find")):
                await world.do(step, world.commerce, dies_at=dies_at)

        world.run(story())

    # The laws.

    @invariant()
    def laws_hold(self) -> None:
        if hasattr(self, "book"):
            self.check(ALWAYS)
            rows = self.book.execute(
                "select id::text, status from orders.orders where seller_id = any(%s)", [self.sellers]
            )
            self.status = dict(rows.fetchall())

    def check(self, laws) -> None:
        found = broken(
            self.book, laws, sellers=self.sellers, offers=self.offers, since=self.start[0] if self.start else "0"
        )
        assert found == []

    def _order(self, which, *statuses):
        """One of the orders in some states; one time in ten, any order at all."""
        able = [order for order in self.orders if self.status.get(order["id"]) in statuses]
        chosen = able if able and which % 10 else self.orders
        return chosen[which // 10 % len(chosen)]

    def _send(self, who, path, body, *, copies=1, dies=None):
        client = getattr(who, "client", who)
        self.world.accidents.commit = dies
        try:
            return self.world.run(self.world.send(client, path, body, copies=copies))
        finally:
            self.world.accidents.commit = None

    def teardown(self) -> None:
        if not hasattr(self, "book"):
            return
        try:
            self.check(ALWAYS)
            self._come_to_rest()
            self.check(ALWAYS | AT_REST)
            assert self.world.run(self._unexplained()) == self.before
        finally:
            self.book.close()

    def _come_to_rest(self) -> None:
        """All debts of time are paid: nobody acts any more, only the shop itself."""
        world = self.world

        async def rest():
            for _ in range(5):
                world.ahead += timedelta(days=9)
                await world.react()
                for name, (step, _) in DUTIES.items():
                    if name != "book":
                        for _ in range(40):
                            if not await step(world.commerce):
                                break
                await tracking.look_after_one(world.commerce)

        world.run(rest())

    async def _unexplained(self) -> tuple[int, int]:
        """What providers took and gave beyond what the books say: nobody was charged or paid back twice."""
        world = self.world
        captures = (await world.outside.get("/admin/captures")).json()
        taken = sum(one["amount_poisha"] - one["refunded_poisha"] for one in captures)
        given = sum(round(float(one["amount"]) * 100) for one in await world.transfers() if one["status"] == "paid")
        booked = dict(
            self.book.execute(
                "select case when account_code = 'bank' then 'bank' else 'bkash' end, sum(amount_poisha)::bigint "
                "from ledger.entries where account_code in ('bank', 'provider_clearing:bkash') group by 1"
            ).fetchall()
        )
        return taken - booked.get("bkash", 0), given + booked.get("bank", 0)
