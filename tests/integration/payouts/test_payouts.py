"""Payouts over HTTP and a real bank's protocol: two people, one transfer each, whatever dies, and books that close."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from conftest import free_port, wait_for_port

from commerce.context import Commerce
from commerce.payouts import sending
from commerce.relay import Relay
from commerce.sellers.verification import NUMBER
from foundation import crashpoints
from foundation.clock import business_date, system_clock
from foundation.ids import uuid7

GOOD, REJECTED, COMES_BACK = "01711112222", "01711110000", "01711110001"


class Killed(BaseException):
    """The process died here."""


@pytest.fixture(scope="module")
def world(settings, launch_module, tmp_path_factory):
    own = settings.model_copy(
        update={"home": tmp_path_factory.mktemp("world"), "sandbox_port": free_port(), "provider_timeout_s": 1.0}
    )
    launch_module(
        own,
        "-m",
        "uvicorn",
        "sandbox.app:create_app",
        "--factory",
        "--port",
        str(own.sandbox_port),
        "--log-level",
        "error",
    )
    wait_for_port(own.sandbox_port)
    return own


class Finance:
    """Two people of finance, a bank, and sellers with money."""

    def __init__(self, api, shop, world):
        self.api, self.shop, self.commerce = api, shop, api.app.state.commerce
        self.first, self.second = (api._as(api.token_for(one := uuid7(), "finance"), one, "").client for _ in range(2))
        self.bank = f"{world.bank}/admin"

    def seller(self, poisha, *, number=GOOD, earned_days_ago=30, tier="standard"):
        """A seller who is owed something and has shown an account."""
        seller, transfer, other = uuid7(), uuid7(), "opening_balance"
        self.shop.sql(
            "insert into sellers.sellers (id, code, name, tier) values (%s, %s, 'Earner', %s)",
            seller,
            f"e-{seller}",
            tier,
        )
        if number:
            self.account(seller, number)
        on = business_date(system_clock()) - timedelta(days=earned_days_ago)
        self.shop.sql(
            "with t as (insert into ledger.transfers (id, kind, reference, business_on) values (%s, 'order.released', %s, %s)),"
            " a as (insert into ledger.accounts (code, kind, owner_id) values (%s, 'seller_payable', %s), (%s, %s, null)"
            " on conflict do nothing) insert into ledger.entries (transfer_id, entry_no, account_code, amount_poisha)"
            " values (%s, 1, %s, %s), (%s, 2, %s, %s)",
            transfer, str(transfer), on, f"seller_payable:{seller}", seller, other, other,
            transfer, f"seller_payable:{seller}", -poisha, transfer, other, poisha,
        )  # fmt: skip
        return seller

    def account(self, seller, number, *, replaces=False, hours_ago=100):
        if replaces:
            self.shop.sql(
                "update sellers.submissions set status = 'rejected', note = 'replaced' where seller_id = %s", seller
            )
        sealed = self.commerce.cipher.encrypt(number, NUMBER)
        self.shop.sql(
            "insert into sellers.submissions (id, seller_id, requirement, status, method, number_encrypted, number_tail, "
            "decision, submitted_by, submitted_at, decided_at) values (%s, %s, 'payout_account', 'accepted', 'wallet', %s, %s, "
            "'approve', %s, now(), now() - make_interval(hours => %s))",
            uuid7(), seller, sealed, number[-4:], uuid7(), hours_ago,
        )  # fmt: skip

    async def propose(self, **body):
        return await self.first.post("/v1/payouts/batches", json=body, headers=key())

    async def decide(self, batch_id, what="approve", *, by=None, **headers):
        path = f"/v1/payouts/batches/{batch_id}/{what}"
        return await (by or self.second).post(path, json={}, headers=headers or key())

    async def approved(self):
        batch = (await self.propose(until_on=str(business_date(system_clock())))).json()
        answer = await self.decide(batch["id"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send_all(self, commerce=None):
        while await sending.send_one(commerce or self.commerce):
            pass

    async def faults(self, **script):
        (await self.outside.put(f"{self.bank}/faults", json=script)).raise_for_status()

    async def transfers(self):
        return (await self.outside.get(f"{self.bank}/transfers")).json()

    def payable(self, seller):
        return -self.shop.sql(
            "select coalesce(sum(amount_poisha), 0)::bigint from ledger.entries where account_code = %s",
            f"seller_payable:{seller}",
        )[0][0]

    def items(self, seller):
        rows = self.shop.sql(
            "select state, amount_poisha, failure from payouts.items where seller_id = %s order by id", seller
        )
        return [tuple(row) for row in rows]


def key():
    return {"idempotency-key": str(uuid4())}


@pytest.fixture
def finance(shop, open_api, world):
    import httpx

    @asynccontextmanager
    async def opened():
        async with open_api(world) as api, httpx.AsyncClient(trust_env=False) as outside:
            desk = Finance(api, shop, world)
            desk.outside = outside
            await desk.faults()
            yield desk

    return opened


@pytest.fixture(autouse=True)
def books_close(shop):
    """Nothing is under way between tests: what is in clearing is what open items are worth."""
    yield
    assert shop.ledger_sum() == 0
    clearing = shop.sql(
        "select coalesce(-sum(amount_poisha), 0) from ledger.entries where account_code = 'payout_clearing'"
    )
    open_items = shop.sql(
        "select coalesce(sum(amount_poisha), 0) from payouts.items where state in ('pending', 'submitted', 'unknown')"
    )
    assert clearing == open_items


@asynccontextmanager
async def later(world, **delta):
    commerce = Commerce.build(world, clock=lambda: system_clock() + timedelta(**delta))
    await commerce.open()
    try:
        yield commerce
    finally:
        await commerce.close()


def test_one_proposes_another_approves_and_the_bank_pays(run, finance, shop):
    async def story():
        async with finance() as desk:
            seller = desk.seller(500_000)
            early = await desk.propose(until_on=str(business_date(system_clock()) + timedelta(days=1)))
            proposed = await desk.propose()
            second = await desk.propose()
            own = await desk.decide(proposed.json()["id"], by=desk.first)
            untouched = desk.payable(seller)
            header = key()
            approved = [await desk.decide(proposed.json()["id"], **header) for _ in range(2)]
            again = await desk.decide(proposed.json()["id"])
            reserved = desk.payable(seller)
            await desk.send_all()
            shown = (await desk.first.get(f"/v1/payouts/batches/{proposed.json()['id']}")).json()
            sent = [one for one in await desk.transfers() if one["account"] == GOOD]
            return desk, seller, early, proposed, second, own, untouched, approved, again, reserved, shown, sent

    desk, seller, early, proposed, second, own, untouched, approved, again, reserved, shown, sent = run(story())

    assert (early.status_code, proposed.status_code, second.status_code, own.status_code) == (422, 201, 409, 403)
    assert (own.json()["code"], again.status_code) == ("four-eyes", 409)
    assert approved[0].content == approved[1].content
    assert (untouched, reserved) == (500_000, 0)
    assert desk.items(seller) == [("paid", 500_000, None)]
    assert (shown["state"], shown["paid_poisha"]) == ("done", 500_000)
    assert [one["amount"] for one in sent] == ["5000.00"]
    assert shop.sql("select count(*) from audit.records where action like 'payout.%%'")[0][0] >= 2


def test_the_database_itself_wants_two_people(shop):
    """Negative control: a use case that forgot to look."""
    from psycopg.errors import CheckViolation

    one = uuid7()
    with pytest.raises(CheckViolation):
        shop.sql(
            "insert into payouts.batches (id, state, until_on, minimum_poisha, proposed_by, proposed_at, decided_by) "
            "values (%s, 'approved', '2026-01-01', 1, %s, now(), %s)", uuid7(), one, one,
        )  # fmt: skip


def test_who_gets_nothing_is_told_why_and_keeps_it(run, finance):
    async def story():
        async with finance() as desk:
            sellers = {
                "below_minimum": desk.seller(9_999),
                "owes": desk.seller(-50_000),
                "no_account": desk.seller(50_000, number=None),
                "account_changed": desk.seller(50_000),
                "not_selling": desk.seller(50_000),
            }
            waits = desk.seller(70_000, earned_days_ago=2, tier="new")
            desk.account(sellers["account_changed"], "01733334444", replaces=True, hours_ago=1)
            desk.shop.sql("update sellers.sellers set status = 'suspended' where id = %s", sellers["not_selling"])
            batch = (await desk.propose(until_on=str(business_date(system_clock())))).json()
            rows = (await desk.first.get(f"/v1/payouts/batches/{batch['id']}/skipped?limit=100")).json()["items"]
            await desk.decide(batch["id"], "reject", by=desk.first)
            async with (
                later(desk.commerce.settings, hours=48) as commerce,
                commerce.database.connection() as connection,
            ):
                from commerce.payouts import rules, use_cases

                due = await use_cases.dues(connection, business_date(commerce.clock()), [sellers["account_changed"]])
                free = rules.why_not(due[0].candidate, now=commerce.clock())
            return sellers, waits, {row["seller_id"]: row["reason"] for row in rows}, free

    sellers, waits, found, free = run(story())

    assert {reason: found[str(seller)] for reason, seller in sellers.items()} == {reason: reason for reason in sellers}
    assert found[str(waits)] == "below_minimum"
    assert free is None


def test_silence_is_found_out_and_nobody_is_paid_twice(run, finance, monkeypatch):
    async def story():
        async with finance() as desk:
            sellers = [desk.seller(40_000, number=f"0171222{n:04d}") for n in range(11, 17)]
            await desk.approved()
            await desk.faults(transfers={"act_then_503": 1.0})
            await sending.send_one(desk.commerce)
            await desk.faults(transfers={"fail_503": 1.0})
            await sending.send_one(desk.commerce)
            await desk.faults()
            for point in ("payout.submitted", "payout.sent"):
                monkeypatch.setattr(crashpoints, "reach", dying(point))
                with pytest.raises(Killed):
                    await sending.send_one(desk.commerce)
                monkeypatch.undo()
            # Two workers at once.
            await asyncio.gather(desk.send_all(), desk.send_all())
            unknown = [desk.items(seller)[0][0] for seller in sellers]
            async with later(desk.commerce.settings, minutes=5) as commerce:
                await desk.send_all(commerce)
            return desk, sellers, unknown, await desk.transfers()

    desk, sellers, unknown, transfers = run(story())

    assert {"unknown", "submitted", "paid"} == set(unknown)
    assert [desk.items(seller) for seller in sellers] == [[("paid", 40_000, None)]] * 6
    sent = [one["account"] for one in transfers if one["account"].startswith("0171222")]
    assert sorted(sent) == [f"0171222{n:04d}" for n in range(11, 17)]


def dying(point):
    def reach(here):
        if here == point:
            raise Killed

    return reach


def test_a_twin_that_sends_again_under_a_new_name_pays_twice(run, finance):
    """Negative control: silence is taken for failure and the transfer repeated with another reference."""

    async def story():
        async with finance() as desk:
            await desk.faults(transfers={"act_then_503": 1.0})
            from commerce.payments.ports import BankSilent

            for number in range(2):
                with pytest.raises(BankSilent):
                    await desk.commerce.bank.send(
                        reference=f"twin-{number}", kind="wallet", account="01799990009", amount_poisha=100
                    )
            return [one for one in await desk.transfers() if one["account"] == "01799990009"]

    assert len(run(story())) == 2


def test_what_the_bank_refuses_or_gives_back_is_owed_again(run, finance):
    async def story():
        async with finance() as desk:
            rejected, returned = desk.seller(30_000, number=REJECTED), desk.seller(20_000, number=COMES_BACK)
            await desk.approved()
            await desk.send_all()
            before = desk.items(returned)
            while await sending.follow_statement(desk.commerce):
                pass
            assert not await sending.follow_statement(desk.commerce)
            return desk, rejected, returned, before

    desk, rejected, returned, before = run(story())

    assert desk.items(rejected) == [("failed", 30_000, "rejected")]
    assert before in ([("returned", 20_000, "returned")], [("paid", 20_000, None)])
    assert desk.items(returned) == [("returned", 20_000, "returned")]
    assert (desk.payable(rejected), desk.payable(returned)) == (30_000, 20_000)


def test_a_return_after_the_proposal_leaves_the_seller_for_the_next_batch(run, finance):
    async def story():
        async with finance() as desk:
            seller = desk.seller(60_000)
            batch = (await desk.propose()).json()
            desk.shop.sql(
                "with t as (insert into ledger.transfers (id, kind, reference, business_on) values (%s, 'order.clawback', 'x', now()))"
                " insert into ledger.entries (transfer_id, entry_no, account_code, amount_poisha) values (%s, 1, %s, 10000),"
                " (%s, 2, 'opening_balance', -10000)",
                transfer := uuid7(), transfer, f"seller_payable:{seller}", transfer,
            )  # fmt: skip
            await desk.decide(batch["id"])
            first = desk.items(seller)
            following = await desk.approved()
            await desk.send_all()
            return desk, seller, first, following

    desk, seller, first, following = run(story())

    assert first == [("dropped", 60_000, "changed")]
    assert desk.items(seller)[1] == ("paid", 50_000, None)
    assert following["state"] == "approved"


def test_an_account_changed_after_approval_stops_the_transfer(run, finance):
    async def story():
        async with finance() as desk:
            seller = desk.seller(80_000, number="01755550005")
            await desk.approved()
            desk.account(seller, "01766660006", replaces=True, hours_ago=0)
            await desk.send_all()
            return desk, seller, [one["account"] for one in await desk.transfers()]

    desk, seller, accounts = run(story())

    assert desk.items(seller) == [("failed", 80_000, "account_changed")]
    assert desk.payable(seller) == 80_000
    assert not {"01755550005", "01766660006"} & set(accounts)


def test_the_seller_sees_payouts_hears_of_them_and_nobody_elses(run, finance):
    async def story():
        async with finance() as desk:
            mine, theirs = desk.seller(90_000), desk.seller(90_000)
            user = uuid7()
            desk.shop.sql(
                "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')", mine, user
            )
            own = desk.api._as(desk.api.token_for(user, "sell"), user, "").client
            before = (await own.get("/v1/seller/payout-account")).json()
            await desk.approved()
            await desk.send_all()
            while await Relay(desk.commerce).react_once():
                pass
            listed = (await own.get("/v1/seller/payouts")).json()["items"]
            today = business_date(system_clock())
            statement = (await own.get(f"/v1/seller/statement?from_on={today}&to_on={today}")).json()
            told = (await own.get("/v1/me/notifications", headers={"accept-language": "bn"})).json()["items"]
            return mine, theirs, before, listed, statement, told

    mine, theirs, before, listed, statement, told = run(story())

    assert (before["account_tail"], before["due_poisha"], before["held_until"]) == ("2222", 90_000, None)
    assert [(one["seller_id"], one["state"]) for one in listed] == [(str(mine), "paid")]
    assert (statement["closing_poisha"], [line["kind"] for line in statement["lines"]]) == (0, ["payout.reserved"])
    assert "পাওনা পাঠানো হয়েছে" in [one["title"] for one in told]
    assert UUID(listed[0]["id"]) != theirs
