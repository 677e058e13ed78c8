"""One-time codes: who proves a phone owns it, guessing is futile, and nobody learns who has an account."""

import asyncio
from uuid import UUID


def test_a_phone_registers_and_logs_in_by_code(run, open_door, phone):
    async def story():
        async with open_door() as door:
            first = await door.by_code(phone, full_name="Rahima Begum")
            door.pass_time(minutes=2)
            second = await door.by_code(phone)
            me = await door.call("GET", "/v1/me", second.json()["access_token"])
            return first, second, me

    first, second, me = run(story())
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["user_id"] == second.json()["user_id"]
    assert me.json()["full_name"] == "Rahima Begum"
    assert first.json()["refresh_token"].startswith("gr_")


def test_asking_looks_the_same_with_and_without_an_account(run, open_door, phone):
    async def story():
        async with open_door() as door:
            known, _ = await door.register()
            one = await door.call("POST", "/v1/auth/codes", json={"phone": known["phone"]})
            two = await door.call("POST", "/v1/auth/codes", json={"phone": phone})
            return one, two

    one, two = run(story())
    assert one.status_code == two.status_code == 202
    assert {**one.json(), "challenge_id": ""} == {**two.json(), "challenge_id": ""}


def test_five_wrong_guesses_end_a_code_even_in_parallel(run, open_door, phone):
    async def story():
        async with open_door() as door:
            challenge_id, code = await door.code(phone)
            path = f"/v1/auth/codes/{challenge_id}/verify"
            wrong = f"{(int(code) + 1) % 10**6:06d}"
            guesses = await asyncio.gather(*(door.call("POST", path, json={"code": wrong}) for _ in range(12)))
            late = await door.call("POST", path, json={"code": code})
            [(tries,)] = door.shop.sql("select tries from identity.challenges where id = %s", UUID(challenge_id))
            return guesses, late, tries

    guesses, late, tries = run(story())
    assert {guess.status_code for guess in guesses} == {401}
    assert late.status_code == 401, "the right code after five wrong ones must not open"
    assert tries == 5


def test_the_twin_that_counts_afterwards_would_let_all_guesses_through(run, open_door, phone):
    """Negative control: looking first and counting later lets parallel guesses slip through."""

    async def story():
        async with open_door() as door:
            challenge_id, _ = await door.code(phone)

            async def naive():
                [(tries,)] = door.shop.sql("select tries from identity.challenges where id = %s", UUID(challenge_id))
                await asyncio.sleep(0)
                if tries >= 5:
                    return False
                await asyncio.sleep(0)
                sql = "update identity.challenges set tries = %s where id = %s"
                door.shop.sql(sql, tries + 1, UUID(challenge_id))
                return True

            return await asyncio.gather(*(naive() for _ in range(12)))

    assert sum(run(story())) > 5


def test_a_code_serves_once_and_not_after_five_minutes(run, open_door, phone):
    async def story():
        async with open_door() as door:
            challenge_id, code = await door.code(phone)
            path = f"/v1/auth/codes/{challenge_id}/verify"
            twins = await asyncio.gather(*(door.call("POST", path, json={"code": code}) for _ in range(4)))
            door.pass_time(minutes=2)
            other_id, other = await door.code(phone)
            door.pass_time(minutes=6)
            late = await door.call("POST", f"/v1/auth/codes/{other_id}/verify", json={"code": other})
            return twins, late

    twins, late = run(story())
    assert sorted(answer.status_code for answer in twins) == [200, 401, 401, 401]
    assert late.status_code == 401


def test_codes_are_paced_per_phone(run, open_door, phone):
    async def story():
        async with open_door() as door:
            answers = await asyncio.gather(
                *(door.call("POST", "/v1/auth/codes", json={"phone": phone}) for _ in range(4))
            )
            for _ in range(4):
                door.pass_time(seconds=61)
                answers.append(await door.call("POST", "/v1/auth/codes", json={"phone": phone}))
            door.pass_time(seconds=61)
            sixth = await door.call("POST", "/v1/auth/codes", json={"phone": phone}, headers={"accept-language": "bn"})
            return answers, sixth

    answers, sixth = run(story())
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 3
    assert sixth.status_code == 429
    assert sixth.json()["retry_after"] > 60
    assert "সেকেন্ড" in sixth.json()["detail"]


def test_no_code_and_no_number_in_clear(run, open_door, phone):
    async def story():
        async with open_door() as door:
            challenge_id, code = await door.code(phone)
            recipient, _ = door.sent(challenge_id)
            [(kept,)] = door.shop.sql(
                "select row_to_json(c)::text || (select row_to_json(o)::text from identity.outgoing_codes o "
                "where o.challenge_id = c.id) from identity.challenges c where c.id = %s",
                UUID(challenge_id),
            )
            events = door.shop.sql("select payload from platform.outbox where aggregate_id = %s", challenge_id)
            return code, recipient, kept, events, challenge_id

    code, recipient, kept, events, challenge_id = run(story())
    assert recipient == "88" + phone
    assert f'"{code}"' not in kept
    assert phone[1:] not in kept
    assert events == [({"challenge_id": challenge_id},)]


def test_the_owner_of_a_phone_ends_what_a_stranger_set_up_on_it(run, open_door):
    async def story():
        async with open_door() as door:
            body, stranger = await door.register(email="stranger@example.com")
            owner = await door.by_code(body["phone"])
            refreshed = await door.call("POST", "/v1/auth/refresh", json={"refresh_token": stranger["refresh_token"]})
            login = {"password": body["password"]}
            by_phone = await door.call("POST", "/v1/auth/login", json={"phone": body["phone"], **login})
            by_mail = await door.call("POST", "/v1/auth/login", json={"email": "stranger@example.com", **login})
            return owner, refreshed, by_phone, by_mail

    owner, refreshed, by_phone, by_mail = run(story())
    assert owner.status_code == 200
    assert [answer.status_code for answer in (refreshed, by_phone, by_mail)] == [401, 401, 401]


def test_who_proves_a_phone_while_logged_in_keeps_the_password(run, open_door):
    async def story():
        async with open_door() as door:
            body, session = await door.register()
            proved = await door.by_code(body["phone"], session["access_token"])
            login = {"phone": body["phone"], "password": body["password"]}
            return session, proved, await door.call("POST", "/v1/auth/login", json=login)

    session, proved, login = run(story())
    assert proved.json()["user_id"] == session["user_id"] == login.json()["user_id"]


class TestGuests:
    def test_a_guest_becomes_the_account_and_stays_the_same_user(self, run, open_door, phone):
        async def story():
            async with open_door() as door:
                by_phone = (await door.call("POST", "/v1/auth/guest", json={})).json()
                proved = await door.by_code(phone, by_phone["access_token"], full_name="Karim")
                by_password = (await door.call("POST", "/v1/auth/guest", json={})).json()
                body = {"email": f"{by_password['user_id']}@example.com", "password": "correct horse battery"}
                registered = await door.call(
                    "POST", "/v1/auth/register", by_password["access_token"], json={**body, "full_name": "Karim"}
                )
                logged_in = await door.call("POST", "/v1/auth/login", json=body)
                return by_phone, proved.json(), by_password, registered.json(), logged_in.json()

        by_phone, proved, by_password, registered, logged_in = run(story())
        assert by_phone["is_guest"]
        assert by_phone["scopes"] == ["shop"]
        assert (proved["user_id"], proved["is_guest"]) == (by_phone["user_id"], False)
        assert registered["user_id"] == by_password["user_id"] == logged_in["user_id"]

    def test_a_guest_whose_phone_has_an_account_is_led_to_it(self, run, open_door, phone):
        async def story():
            async with open_door() as door:
                account = (await door.by_code(phone)).json()
                door.pass_time(minutes=2)
                guest = (await door.call("POST", "/v1/auth/guest", json={})).json()
                joined = (await door.by_code(phone, guest["access_token"])).json()
                events = door.shop.sql(
                    "select payload from platform.outbox where event_type = 'identity.guest_joined' "
                    "and aggregate_id = %s",
                    account["user_id"],
                )
                return account, guest, joined, events

        account, guest, joined, events = run(story())
        assert joined["user_id"] == account["user_id"]
        assert events == [({"guest_id": guest["user_id"], "user_id": account["user_id"]},)]
