"""Papers of a shop: what the rules settle alone, what waits for a person, duplicates, documents, the clock of 24 hours."""

import asyncio
from uuid import UUID, uuid4

import pytest

JPEG = b"\xff\xd8\xff\xe0"


def a_nid():
    return f"1990261{uuid4().int % 10**10:010d}"


def test_an_honest_owner_opens_without_waiting_for_anybody(run, open_market):
    async def story():
        async with open_market() as market:
            owner = await market.owner()
            await owner.open()
            early = await owner.call("POST", "/v1/seller/review")
            identity, account = await owner.show_all()
            done = await owner.call("POST", "/v1/seller/review")
            shown = await owner.call("GET", f"/v1/sellers/{owner.seller_id}")
            left = (await owner.call("GET", "/v1/seller/requirements")).json()
            path = market.shop.sql(
                "select from_status, to_status from sellers.transitions where seller_id = %s order by id",
                owner.seller_id,
            )
            again = await owner.show("identity", method="nid", number=a_nid(), name="Md. Abdul Karim")
            return early, identity, account, done, shown, left, path, again

    early, identity, account, done, shown, left, path, again = run(story())
    assert early.status_code == 409
    assert early.json()["missing"] == ["pickup_address", "terms", "identity", "payout_account"]
    assert identity.json()["status"] == account.json()["status"] == "accepted"
    assert done.json()["status"] == "approved"
    assert shown.status_code == 200
    assert left["missing_for_approval"] == []
    assert path == [("onboarding", "in_review"), ("in_review", "approved")]
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("requirement", "body", "status", "codes"),
    [
        ("identity", {"method": "nid", "number": "123", "name": "Md. Abdul Karim"}, "rejected", {"bad_number", "document_missing"}),
        ("identity", {"method": "nid", "number": "nid", "name": "Md. Abdur Rahim"}, "rejected", {"name_mismatch", "document_missing"}),
        ("identity", {"method": "nid", "number": "nid", "name": "Md. Abdul Karim Khan"}, "pending", {"name_unclear", "document_missing"}),
        ("identity", {"method": "nid", "number": "nid", "name": "Md. Abdul Karim"}, "pending", {"document_missing"}),
        ("payout_account", {"method": "bank", "number": "1234567890123", "routing_number": "225150135", "name": "ABDUL KARIM"}, "accepted", set()),
        ("payout_account", {"method": "bank", "number": "1234567890124", "routing_number": "225150136", "name": "ABDUL KARIM"}, "pending", {"check_digit"}),
        ("payout_account", {"method": "bank", "number": "1234567890125", "routing_number": "999150135", "name": "ABDUL KARIM"}, "rejected", {"bad_number"}),
        ("payout_account", {"method": "wallet", "number": "০১৯১২-৩৪৫৬৭৮", "name": "আব্দুল করিম"}, "accepted", {"wallet_of_other_phone"}),
        ("vat_registration", {"method": "bin", "number": "123456789-0101"}, "accepted", set()),
        ("vat_registration", {"method": "bin", "number": "123456789"}, "rejected", {"bad_number"}),
        ("tax_registration", {"method": "tin", "number": "123456789012"}, "accepted", set()),
        ("trade_licence", {"method": "trade_licence", "number": "TRAD/DNCC/001234/2026", "issuer": "DNCC", "expires_on": "2020-06-30", "name": "Md. Abdul Karim"}, "rejected", {"expired", "document_missing"}),
        ("trade_licence", {"method": "trade_licence", "number": "TRAD/DNCC/001234/2026", "issuer": "DNCC", "expires_on": "2099-06-30", "name": "Karim Traders"}, "pending", {"name_unclear", "document_missing"}),
    ],
)  # fmt: skip
def test_rules_settle_what_is_clear_and_leave_the_rest_to_people(run, open_market, requirement, body, status, codes):
    async def story():
        async with open_market() as market:
            owner = await market.owner()
            await owner.open()
            number = a_nid() if body["number"] == "nid" else body["number"]
            return await owner.show(requirement, **{**body, "number": number})

    answer = run(story())
    assert answer.status_code == 201
    found = {reason["code"] for reason in answer.json()["reasons"]}
    assert (answer.json()["status"], found) == (status, codes)
    assert (answer.json()["due_at"] is not None) == (status == "pending")


def test_the_same_number_at_another_shop_is_flagged_also_at_the_same_moment(run, open_market):
    async def story():
        async with open_market() as market:
            owners = [await market.owner() for _ in range(3)]
            for owner in owners:
                await owner.open()
            nid = a_nid()

            async def show(owner, number):
                document = (await owner.upload()).json()["id"]
                return await owner.show(
                    "identity", method="nid", number=number, name="Md. Abdul Karim", document_id=document
                )

            twins = await asyncio.gather(*(show(owner, nid) for owner in owners[:2]))
            # The 13-digit form of the same card.
            third = await show(owners[2], nid[4:])
            kept = market.shop.sql("select row_to_json(s)::text from sellers.submissions s")
            audited = market.shop.sql("select detail::text from audit.records")
            events = market.shop.sql("select payload::text from platform.outbox")
            return twins, third, nid, kept, audited, events

    twins, third, nid, kept, audited, events = run(story())
    assert sorted(answer.json()["status"] for answer in twins) == ["accepted", "pending"]
    assert third.json()["reasons"][0]["code"] == "number_elsewhere"
    assert nid[4:] not in str((kept, audited, events))
    assert "Karim" not in str((kept, audited, events))


def test_the_same_scan_at_another_shop_is_flagged(run, open_market):
    async def story():
        async with open_market() as market:
            one, two = await market.owner(), await market.owner()
            answers = []
            for owner in (one, two):
                await owner.open()
                document = (await owner.upload(JPEG + b"one and the same")).json()["id"]
                answers.append(
                    await owner.show("identity", method="nid", number=a_nid(), name="Abdul Karim", document_id=document)
                )
            foreign = await one.show("trade_licence", method="trade_licence", number="A-1", document_id=document)
            return answers, foreign

    answers, foreign = run(story())
    assert answers[0].json()["status"] == "accepted"
    assert [reason["code"] for reason in answers[1].json()["reasons"]] == ["document_elsewhere"]
    assert foreign.status_code == 404, "a document of another shop cannot be shown as one's own"


class TestDocuments:
    def test_are_checked_by_their_first_bytes_and_kept_encrypted(self, run, open_market, settings):
        async def story():
            async with open_market() as market:
                owner = await market.owner()
                await owner.open()
                content = JPEG + b"canary on the scan" * 100_000
                good = await owner.upload(content)
                answers = [
                    await owner.upload(b"MZ\x90\x00 not a picture", name="nid.jpg"),
                    await owner.upload(b"", name="nid.png"),
                    await owner.upload(JPEG + b"0" * (5 * 1_048_576)),
                    await owner.upload(JPEG + b"0" * (7 * 1_048_576)),
                ]
                path = settings.home / "documents" / str(owner.seller_id) / f"{good.json()['id']}.bin"
                staff = market.staff("support")
                read = await staff.call("GET", f"/v1/sellers/documents/{good.json()['id']}")
                nosy = await owner.call("GET", f"/v1/sellers/documents/{good.json()['id']}")
                seen = market.shop.sql("select action from audit.records where actor_id = %s", staff.user_id)
                return content, good, answers, path.read_bytes(), read, nosy, seen

        content, good, answers, stored, read, nosy, seen = run(story())
        assert (good.status_code, good.json()["media_type"], good.json()["size_bytes"]) == (
            201,
            "image/jpeg",
            len(content),
        )
        assert [answer.status_code for answer in answers] == [422, 422, 422, 413]
        assert b"canary" not in stored
        assert read.content == content
        assert nosy.status_code == 403
        assert seen == [("seller.document_read",)]


class TestPeopleDecide:
    def test_the_queue_is_ordered_by_its_clock_and_a_decision_opens_the_shop(self, run, open_market):
        async def story():
            async with open_market() as market:
                market.shop.sql("delete from sellers.submissions")
                first, second = await market.owner(), await market.owner()
                for owner in (first, second):
                    await owner.open()
                    market.pass_time(minutes=5)
                    await owner.show_all(name="Md. Abdul Karim Khan", wallet="01912345678" if owner is first else None)
                    await owner.call("POST", "/v1/seller/review")
                waiting = (await first.call("GET", "/v1/seller")).json()["status"]
                staff = market.staff("support")
                page = (await staff.call("GET", "/v1/sellers/reviews?limit=3")).json()
                rest = (await staff.call("GET", f"/v1/sellers/reviews?limit=3&cursor={page['next_cursor']}")).json()
                market.pass_time(hours=24)
                late = (await staff.call("GET", "/v1/sellers/reviews", headers={"accept-language": "bn"})).json()
                mine = [row for row in late["items"] if row["seller_id"] == str(first.seller_id)]
                detail = (await staff.call("GET", f"/v1/sellers/reviews/{mine[0]['id']}")).json()
                verdict = {"decision": "accept", "reasons": ["verified"]}
                nosy = await first.call("POST", f"/v1/sellers/reviews/{mine[0]['id']}", json=verdict)
                answers = [await staff.call("POST", f"/v1/sellers/reviews/{row['id']}", json=verdict) for row in mine]
                twice = await staff.call("POST", f"/v1/sellers/reviews/{mine[0]['id']}", json=verdict)
                opened = (await first.call("GET", "/v1/seller")).json()["status"]
                theirs = next(row for row in late["items"] if row["seller_id"] == str(second.seller_id))
                refusal = {"decision": "reject", "reasons": ["unreadable"]}
                await staff.call("POST", f"/v1/sellers/reviews/{theirs['id']}", json=refusal)
                back = (await second.call("GET", "/v1/seller")).json()["status"]
                return waiting, page, rest, late, detail, nosy, answers, twice, opened, back

        waiting, page, rest, late, detail, nosy, answers, twice, opened, back = run(story())
        assert waiting == "in_review"
        dues = [row["due_at"] for row in [*page["items"], *rest["items"]]]
        assert len(dues) == 4
        assert dues == sorted(dues)
        assert any(row["is_overdue"] for row in late["items"])
        assert "কর্মী" in late["items"][0]["reasons"][0]["text"]
        assert (detail["given_name"], detail["documented_name"]) == ("Md. Abdul Karim", "Md. Abdul Karim Khan")
        assert nosy.status_code == 403
        assert {answer.status_code for answer in answers} == {200}
        assert twice.status_code == 409
        assert opened == "approved"
        assert back == "onboarding", "a refused paper gives the shop back to its owner"

    def test_nobody_decides_about_the_own_shop(self, run, open_market):
        async def story():
            async with open_market() as market:
                owner = await market.owner()
                await owner.open()
                shown = await owner.show("identity", method="nid", number=a_nid(), name="Md. Abdul Karim")
                owner.token = market.api.token_for(owner.user_id, "support", "sell", "sell.manage")
                verdict = {"decision": "accept", "reasons": ["verified"]}
                own = await owner.call("POST", f"/v1/sellers/reviews/{shown.json()['id']}", json=verdict)
                waived = await owner.call(
                    "POST",
                    f"/v1/sellers/{owner.seller_id}/waivers",
                    json={"requirement": "identity", "reason": "I know me"},
                )
                staff = market.staff("admin")
                other = await staff.call(
                    "POST",
                    f"/v1/sellers/{owner.seller_id}/waivers",
                    json={"requirement": "identity", "reason": "met in person"},
                )
                after = await staff.call("POST", f"/v1/sellers/reviews/{shown.json()['id']}", json=verdict)
                kept = market.shop.sql(
                    "select status from sellers.submissions where seller_id = %s order by id",
                    UUID(str(owner.seller_id)),
                )
                return own, waived, other, after, kept

        own, waived, other, after, kept = run(story())
        assert (own.status_code, waived.status_code) == (403, 403)
        assert other.status_code == 200
        assert "identity" not in other.json()["missing_for_approval"]
        assert after.status_code == 409
        assert kept == [("rejected",), ("waived",)]


def test_two_papers_of_one_kind_at_once_leave_one(run, open_market):
    async def story():
        async with open_market() as market:
            owner = await market.owner()
            await owner.open()
            answers = await asyncio.gather(
                *(owner.show("tax_registration", method="tin", number="123456789012") for _ in range(6))
            )
            live = market.shop.sql(
                "select count(*) from sellers.submissions where seller_id = %s and status = 'accepted'", owner.seller_id
            )
            wrong = await owner.show("has_product", method="product")
            old = await owner.show("terms", method="terms", terms_version="1999")
            return answers, live, wrong, old

    answers, live, wrong, old = run(story())
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert live == [(1,)]
    assert (wrong.status_code, old.status_code) == (422, 422)


def test_another_payout_account_takes_the_place_of_the_old_and_waits(run, open_market):
    async def story():
        async with open_market() as market:
            owner = await market.owner()
            await owner.open()
            await owner.show_all()
            await owner.call("POST", "/v1/seller/review")
            name = "মোঃ আব্দুল করিম"
            before = (await owner.call("GET", "/v1/seller/payout-account")).json()
            refused = await owner.show("payout_account", method="wallet", number="12", name=name)
            kept = (await owner.call("GET", "/v1/seller/payout-account")).json()
            bank = {"method": "bank", "number": "1234567890123", "routing_number": "225150135", "name": name}
            changed = await owner.show("payout_account", **bank)
            after = (await owner.call("GET", "/v1/seller/payout-account")).json()
            market.pass_time(hours=49)
            free = (await owner.call("GET", "/v1/seller/payout-account")).json()
            told = market.shop.sql(
                "select count(*) from platform.outbox where event_type = 'sellers.payout_account_changed' "
                "and aggregate_id = %s", str(owner.seller_id),
            )  # fmt: skip
            return before, refused, kept, changed, after, free, told

    before, refused, kept, changed, after, free, told = run(story())
    assert (before["method"], before["held_until"]) == ("wallet", None)
    assert (refused.status_code, refused.json()["code"], kept) == (422, "account-refused", before)
    assert changed.json()["status"] == "accepted"
    assert (after["method"], after["account_tail"], after["held_until"] is None) == ("bank", "0123", False)
    assert (free["held_until"], told) == (None, [(1,)])
