"""Returns and disputes over HTTP: whose turn it is, what silence means, every poisha and every piece accounted for."""

from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from commerce.context import Commerce
from commerce.ledger import escrow
from commerce.orders import release
from commerce.relay import Relay
from commerce.returns import deadlines
from foundation.clock import system_clock
from foundation.ids import uuid7


def key():
    return {"idempotency-key": str(uuid4())}


@pytest.fixture(scope="module")
def seller(shop):
    """An offer and a person who works for its seller."""
    offer, user = shop.add_offer(stock=1_000, price_poisha=9_999), uuid7()
    shop.sql(
        "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_staff')", shop.sellers[0], user
    )
    return offer, user


@asynccontextmanager
async def later(settings, **delta):
    commerce = Commerce.build(settings, clock=lambda: system_clock() + timedelta(**delta))
    await commerce.open()
    try:
        yield commerce
    finally:
        await commerce.close()


class Case:
    """A delivered order of four pieces and those concerned."""

    def __init__(self, api, seller):
        self.api, (self.offer, self.user) = api, seller

    async def open(self, *, quantity=4, to=("shipped", "delivered")):
        self.buyer, courier = await self.api.buyer(), self.api.staff("courier")
        self.seller = self.api._as(self.api.token_for(self.user, "sell"), self.user, "")
        self.support = self.api.staff("support")
        placed = (await self.buyer.place({self.offer: quantity})).json()
        self.order_id, self.total = placed["orders"][0]["order_id"], placed["total_poisha"]
        for state in to:
            await courier.client.post(f"/v1/orders/{self.order_id}/transitions", json={"to": state})
        return self

    async def ask(self, quantity=4, **more):
        body = {"order_id": self.order_id, "lines": [{"line_no": 1, "quantity": quantity}], "reason": "damaged", **more}
        return await self.buyer.client.post("/v1/returns", json=body, headers=key())

    async def do(self, path, body=None, *, by=None, **headers):
        return await (by or self.seller).client.post(path, json=body or {}, headers=headers or key())

    async def back(self, request_id):
        """Approved and received."""
        path = f"/v1/seller/returns/{request_id}"
        for step, body in (("answer", {"is_approved": True}), ("pickup", {"reference": "RX1"}), ("received", {})):
            answer = await self.do(f"{path}/{step}", body)
            assert answer.status_code == 200, answer.text
        return f"{path}/inspection"


def books(shop):
    """Orders whose escrow does not add up, the ledger's sum, stock rows that are not conserved."""
    broken = shop.sql(escrow.SQL["escrow_law"].replace("%(since)s", "'-infinity'").replace("%(limit)s", "100"))
    stock = shop.sql("select 1 from inventory.stock where received <> on_hand + shipped + written_off")
    return broken, shop.ledger_sum(), stock


@pytest.fixture(autouse=True)
def books_close(shop):
    yield
    assert books(shop) == ([], 0, [])


def refunds(shop, order_id):
    return shop.sql(
        "select amount_poisha from payments.refunds where order_id = %s order by created_at", UUID(order_id)
    )


class TestReturns:
    def test_goods_come_back_and_all_of_the_money(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                asked = await case.ask(note="call me 01712345678", wallet="01812345678")
                request_id = asked.json()["id"]
                frozen = await case.buyer.client.post(f"/v1/orders/{case.order_id}/confirm")
                inspection = await case.back(request_id)
                header = key()
                body = {"findings": [{"line_no": 1, "accepted": 4, "good": 3}]}
                done = [await case.do(inspection, body, **header) for _ in range(2)]
                free = await case.buyer.client.post(f"/v1/orders/{case.order_id}/confirm")
                mine = await case.buyer.client.get("/v1/returns")
                stranger = await (await api.buyer()).client.get(f"/v1/returns/{request_id}")
                return case, asked, frozen, done, free, mine, stranger

        before = shop.sql("select on_hand, written_off from inventory.stock where offer_id = %s", seller[0])[0]
        case, asked, frozen, done, free, mine, stranger = run(story())

        assert (asked.status_code, frozen.status_code, free.status_code, stranger.status_code) == (201, 409, 204, 404)
        assert asked.json()["note"] == "call me 01712345678"
        assert done[0].content == done[1].content
        assert done[0].json()["state"] == "refunded"
        # Damaged and all of it: the delivery fee is given back too.
        assert refunds(shop, case.order_id) == [(case.total,)]
        assert mine.json()["items"][0]["state"] == "refunded"
        after = shop.sql("select on_hand, written_off from inventory.stock where offer_id = %s", seller[0])[0]
        assert after == (before[0] - 1, before[1] + 1)

    def test_what_is_not_accepted_is_not_paid_and_shipping_stays(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                first = (await case.ask(2)).json()["id"]
                too_many = await case.ask(3)
                no_photo = await case.ask(1, photos=["0" * 64])
                unknown = await case.buyer.client.post("/v1/returns", headers=key(), json={
                    "order_id": case.order_id, "lines": [{"line_no": 7, "quantity": 1}], "reason": "damaged"})  # fmt: skip
                inspection = await case.back(first)
                more = await case.do(inspection, {"findings": [{"line_no": 1, "accepted": 3, "good": 0}]})
                partly = await case.do(inspection, {"findings": [{"line_no": 1, "accepted": 1, "good": 1}]})
                again = await case.do(inspection, {"findings": [{"line_no": 1, "accepted": 1, "good": 1}]})
                return case, too_many, no_photo, unknown, more, partly, again

        case, *answers = run(story())

        assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 200, 409]
        assert refunds(shop, case.order_id) == [(9_999,)]

    def test_a_silent_seller_has_approved_and_has_accepted(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                request_id = (await case.ask(1, reason="changed_mind")).json()["id"]
                async with later(settings, hours=49) as commerce:
                    await deadlines.end_due_returns(commerce)
                    assert not await deadlines.end_due_returns(commerce)
                approved = await case.buyer.client.get(f"/v1/returns/{request_id}")
                await case.do(f"/v1/seller/returns/{request_id}/received")
                async with later(settings, days=5) as commerce:
                    await deadlines.end_due_returns(commerce)
                accepted = await case.buyer.client.get(f"/v1/returns/{request_id}")
                return case, approved.json(), accepted.json()

        case, approved, accepted = run(story())

        assert approved["state"] == "approved"
        assert accepted["state"] == "refunded"
        assert (accepted["lines"][0]["accepted"], accepted["lines"][0]["good"]) == (1, 0)
        assert refunds(shop, case.order_id) == [(9_999,)]

    def test_goods_that_never_come_back_lapse_and_the_seller_is_paid(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                request_id = (await case.ask(1)).json()["id"]
                await case.do(f"/v1/seller/returns/{request_id}/answer", {"is_approved": True})
                async with later(settings, days=8) as commerce:
                    await release.release_due(commerce)
                    held = shop.sql("select state from ledger.escrow_holds where order_id = %s", UUID(case.order_id))
                async with later(settings, days=15) as commerce:
                    await deadlines.end_due_returns(commerce)
                    await release.release_due(commerce)
                return (
                    case,
                    held,
                    shop.sql("select state from ledger.escrow_holds where order_id = %s", UUID(case.order_id)),
                )

        case, held, released = run(story())

        assert (held, released) == ([("held",)], [("released",)])
        assert refunds(shop, case.order_id) == []

    def test_an_exchange_sends_the_same_again_or_else_the_money(self, run, open_api, settings, shop, seller):
        scarce = shop.add_offer(stock=6, price_poisha=5_000)

        async def story():
            async with open_api(settings) as api:
                states = []
                for _ in range(2):
                    case = await Case(api, (scarce, seller[1])).open(quantity=2)
                    request_id = (await case.ask(2, wish="exchange")).json()["id"]
                    done = await case.do(
                        await case.back(request_id), {"findings": [{"line_no": 1, "accepted": 2, "good": 0}]}
                    )
                    states.append(done.json()["state"])
                return case, states

        case, states = run(story())

        assert states == ["exchanged", "refunded"]
        on_hand = shop.sql("select on_hand, shipped, written_off from inventory.stock where offer_id = %s", scarce)[0]
        assert on_hand == (0, 2, 4)
        assert refunds(shop, case.order_id) == [(case.total,)]

    def test_windows_are_data_and_only_moderators_set_them(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case, moderator = await Case(api, seller).open(), api.staff("moderate")
                body = {"category_path": "Grocery", "days": 0}
                denied = await case.buyer.client.put("/v1/returns/windows", json=body)
                done = await moderator.client.put("/v1/returns/windows", json=body)
                refused = await case.ask()
                listed = await api.client.get("/v1/returns/windows")
                await moderator.client.put("/v1/returns/windows", json={"category_path": "Grocery > Rice", "days": 3})
                fine = await case.ask()
                return denied, done, refused, listed, fine

        denied, done, refused, listed, fine = run(story())
        shop.sql("delete from returns.windows")

        assert (denied.status_code, done.status_code, fine.status_code) == (403, 200, 201)
        assert (refused.status_code, refused.json()["code"]) == (409, "window-over")
        assert listed.json()["items"] == [{"category_path": "Grocery", "days": 0}]

    def test_only_those_concerned_act(self, run, open_api, settings, shop, seller):
        shop.add_offer(stock=1, seller=1)
        rival = uuid7()
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
            shop.sellers[1],
            rival,
        )

        async def story():
            async with open_api(settings) as api:
                case, other = await Case(api, seller).open(), await api.buyer()
                body = {"order_id": case.order_id, "lines": [{"line_no": 1, "quantity": 1}], "reason": "damaged"}
                foreign = await other.client.post("/v1/returns", json=body, headers=key())
                request_id = (await case.ask(1)).json()["id"]
                theirs = api._as(api.token_for(rival, "sell"), rival, "")
                path = f"/v1/seller/returns/{request_id}"
                answers = [
                    foreign,
                    await theirs.client.get(path),
                    await case.do(f"{path}/answer", {"is_approved": False}, by=theirs),
                    await case.do(f"{path}/inspection", {"findings": []}, by=theirs),
                    await case.do(f"/v1/returns/{request_id}/withdraw", by=other),
                    await case.do(f"{path}/answer", {"is_approved": False}, by=case.buyer),
                    await case.do(f"/v1/returns/{request_id}/withdraw", by=case.buyer),
                    await case.do(f"{path}/answer", {"is_approved": True}),
                ]
                return [answer.status_code for answer in answers]

        assert run(story()) == [404, 404, 404, 404, 404, 403, 200, 409]

    def test_those_whose_turn_it_is_are_told(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                request_id = (await case.ask(1)).json()["id"]
                await case.do(f"/v1/seller/returns/{request_id}/answer", {"is_approved": True})
                while await Relay(api.app.state.commerce).react_once():
                    pass
                hindi = {"accept-language": "hi"}
                told = [
                    await who.client.get("/v1/me/notifications", headers=hindi) for who in (case.seller, case.buyer)
                ]
                return [[item["title"] for item in answer.json()["items"]] for answer in told]

        to_seller, to_buyer = run(story())

        assert "वापसी का अनुरोध" in to_seller
        assert any(title.endswith("की वापसी मंज़ूर") for title in to_buyer)


class TestDisputes:
    async def rejected(self, api, seller):
        case = await Case(api, seller).open()
        case.request_id = (await case.ask(2)).json()["id"]
        await case.do(f"/v1/seller/returns/{case.request_id}/answer", {"is_approved": False, "note": "it was fine"})
        return case

    async def quarrel(self, case, **more):
        body = {"order_id": case.order_id, "note": "it is broken", **more}
        return await case.buyer.client.post("/v1/disputes", json=body, headers=key())

    def test_support_decides_for_the_buyer_also_after_the_seller_was_paid(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await self.rejected(api, seller)
                opened = await self.quarrel(case, request_id=case.request_id)
                twice = await self.quarrel(case, request_id=case.request_id)
                dispute = opened.json()["id"]
                early = await case.do(
                    f"/v1/disputes/{dispute}/decision", {"outcome": "for_seller", "note": "x"}, by=case.support
                )
                await case.do(f"/v1/seller/disputes/{dispute}/answer", {"is_conceded": False, "note": "no"})
                body = {"outcome": "for_buyer", "note": "photos are clear"}
                denied = await case.do(f"/v1/disputes/{dispute}/decision", body, by=case.buyer)
                # Whatever freezes, a mistake of ours may have paid the seller: then the seller gives it back.
                shop.sql("update ledger.escrow_freezes set lifted_at = now()")
                await case.buyer.client.post(f"/v1/orders/{case.order_id}/confirm")
                decided = await case.do(f"/v1/disputes/{dispute}/decision", body, by=case.support)
                again = await case.do(f"/v1/disputes/{dispute}/decision", body, by=case.support)
                return case, opened, twice, early, denied, decided, again

        case, *answers = run(story())

        assert [answer.status_code for answer in answers] == [201, 409, 409, 403, 200, 409]
        assert answers[4].json()["decided_by"] == "support"
        assert refunds(shop, case.order_id) == [(2 * 9_999,)]
        kinds = shop.sql(
            "select t.kind from ledger.transfers t join ledger.entries e on e.transfer_id = t.id where e.order_id = %s "
            "and e.account_code like 'seller_payable:%%' order by t.posted_at", UUID(case.order_id),
        )  # fmt: skip
        assert [kind for (kind,) in kinds] == ["order.released", "order.clawback"]
        audited = shop.sql(
            "select count(*) from audit.records where action = 'dispute.for_buyer' and subject_id = %s",
            answers[0].json()["id"],
        )
        assert audited == [(1,)]

    def test_a_silent_seller_loses_and_a_conceding_one_too(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                silent = await Case(api, seller).open()
                opened = await self.quarrel(silent)
                async with later(settings, hours=73) as commerce:
                    assert await deadlines.end_due_disputes(commerce)
                ended = await silent.buyer.client.get(f"/v1/disputes/{opened.json()['id']}")
                giving = await Case(api, seller).open()
                other = await self.quarrel(giving)
                conceded = await giving.do(
                    f"/v1/seller/disputes/{other.json()['id']}/answer", {"is_conceded": True, "note": "sorry"}
                )
                return silent, ended, giving, conceded

        silent, ended, giving, conceded = run(story())

        assert (ended.json()["state"], ended.json()["decided_by"]) == ("for_buyer", "deadline")
        assert (conceded.json()["state"], conceded.json()["decided_by"]) == ("for_buyer", "seller")
        # Never received: all of it, the delivery fee too.
        assert refunds(shop, silent.order_id) == [(silent.total,)]
        assert refunds(shop, giving.order_id) == [(giving.total,)]

    def test_for_the_seller_nothing_moves_and_support_is_reminded_once(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await self.rejected(api, seller)
                dispute = (await self.quarrel(case, request_id=case.request_id)).json()["id"]
                await case.do(f"/v1/seller/disputes/{dispute}/answer", {"is_conceded": False, "note": "no"})
                async with later(settings, days=10) as commerce:
                    await deadlines.end_due_disputes(commerce)
                    await deadlines.end_due_disputes(commerce)
                done = await case.do(
                    f"/v1/disputes/{dispute}/decision", {"outcome": "for_seller", "note": "fine"}, by=case.support
                )
                return case, dispute, done

        case, dispute, done = run(story())

        assert done.json()["state"] == "for_seller"
        assert refunds(shop, case.order_id) == []
        told = shop.sql(
            "select count(*) from platform.outbox where event_type = 'dispute.overdue' and aggregate_id = %s", dispute
        )
        assert told == [(1,)]

    def test_there_must_be_something_to_quarrel_about(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                fresh = await Case(api, seller).open(to=())
                case = await Case(api, seller).open()
                request_id = (await case.ask(1)).json()["id"]
                other = await Case(api, seller).open()
                answers = [
                    await self.quarrel(fresh),
                    await self.quarrel(case, request_id=request_id),
                    await self.quarrel(other, request_id=request_id),
                    await self.quarrel(other, request_id=str(uuid7())),
                ]
                return [answer.status_code for answer in answers]

        assert run(story()) == [409, 409, 404, 404]

    def test_an_order_on_its_way_for_too_long_counts_as_lost(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open(to=("shipped",))
                early = await self.quarrel(case)
                shop.sql(
                    "update orders.orders set shipped_at = now() - interval '11 days' where id = %s",
                    UUID(case.order_id),
                )
                opened = await self.quarrel(case)
                await case.do(
                    f"/v1/seller/disputes/{opened.json()['id']}/answer", {"is_conceded": True, "note": "lost"}
                )
                return case, early, opened

        case, early, opened = run(story())

        assert (early.status_code, opened.status_code) == (409, 201)
        assert shop.sql("select status from orders.orders where id = %s", UUID(case.order_id)) == [("refused",)]

    def test_a_dispute_and_a_return_of_the_same_goods_pay_once(self, run, open_api, settings, shop, seller):
        async def story():
            async with open_api(settings) as api:
                case = await Case(api, seller).open()
                inspection = await case.back((await case.ask(4)).json()["id"])
                opened = await self.quarrel(case)
                await case.do(f"/v1/seller/disputes/{opened.json()['id']}/answer", {"is_conceded": True, "note": "yes"})
                done = await case.do(inspection, {"findings": [{"line_no": 1, "accepted": 4, "good": 4}]})
                return case, done

        case, done = run(story())

        assert done.status_code == 200
        assert refunds(shop, case.order_id) == [(case.total,)]
