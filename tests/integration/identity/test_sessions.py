"""Sessions: refresh tokens rotate, one used twice ends the family, devices are known by their hash, guessing is slowed."""

import asyncio


async def refreshed(door, token, agent="Android"):
    return await door.call("POST", "/v1/auth/refresh", json={"refresh_token": token}, agent=agent)


def test_tokens_rotate_and_the_session_stays(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            second = (await refreshed(door, session["refresh_token"])).json()
            third = (await refreshed(door, second["refresh_token"])).json()
            page = (await door.call("GET", "/v1/me/sessions", third["access_token"])).json()
            return session, second, third, page

    session, second, third, page = run(story())
    assert len({session["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    assert [(item["is_current"], item["platform"]) for item in page["items"]] == [(True, "android")]


def test_a_token_used_twice_ends_the_whole_family(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            honest = (await refreshed(door, session["refresh_token"])).json()
            thief = await refreshed(door, session["refresh_token"], agent="curl")
            after = await refreshed(door, honest["refresh_token"])
            events = door.shop.sql(
                "select 1 from platform.outbox where event_type = 'identity.refresh_token_reused' "
                "and aggregate_id = %s",
                session["user_id"],
            )
            return thief, after, events

    thief, after, events = run(story())
    assert (thief.status_code, after.status_code) == (401, 401)
    assert len(events) == 1


def test_the_same_client_may_repeat_at_once_but_not_later(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            windows = await asyncio.gather(*(refreshed(door, session["refresh_token"]) for _ in range(3)))
            both_live = [await refreshed(door, window.json()["refresh_token"]) for window in windows]
            door.pass_time(seconds=11)
            late = await refreshed(door, session["refresh_token"])
            after = await refreshed(door, both_live[0].json()["refresh_token"])
            return windows, both_live, late, after

    windows, both_live, late, after = run(story())
    assert {answer.status_code for answer in [*windows, *both_live]} == {200}
    assert (late.status_code, after.status_code) == (401, 401)


def test_log_out_ends_one_and_all(run, open_door):
    async def story():
        async with open_door() as door:
            body, one = await door.register()
            login = {"phone": body["phone"], "password": body["password"]}
            two = (await door.call("POST", "/v1/auth/login", json=login)).json()
            three = (await door.call("POST", "/v1/auth/login", json=login)).json()
            _, stranger = await door.register()
            await door.call("POST", "/v1/auth/logout", one["access_token"])
            first = await refreshed(door, one["refresh_token"])
            page = (await door.call("GET", "/v1/me/sessions?limit=1", two["access_token"])).json()
            rest = await door.call("GET", f"/v1/me/sessions?cursor={page['next_cursor']}", two["access_token"])
            foreign = await door.call("DELETE", f"/v1/me/sessions/{page['items'][0]['id']}", stranger["access_token"])
            ended = await door.call("DELETE", f"/v1/me/sessions/{page['items'][0]['id']}", two["access_token"])
            third = await refreshed(door, three["refresh_token"])
            await door.call("POST", "/v1/auth/logout-all", two["access_token"])
            second = await refreshed(door, two["refresh_token"])
            return first, rest.json(), foreign, ended, third, second

    first, rest, foreign, ended, third, second = run(story())
    assert len(rest["items"]) == 1
    assert (foreign.status_code, ended.status_code) == (404, 204)
    assert [answer.status_code for answer in (first, third, second)] == [401, 401, 401]


def test_a_new_device_is_told_and_only_its_hash_is_kept(run, open_door):
    device = {"device_id": "device-canary-4711"}

    async def story():
        async with open_door() as door:
            body, session = await door.register(**device)
            login = {"phone": body["phone"], "password": body["password"]}
            await door.call("POST", "/v1/auth/login", json={**login, **device})
            await door.call("POST", "/v1/auth/login", json={**login, "device_id": "another-device-1"}, agent="iPhone")
            page = await door.call("GET", "/v1/me/devices", session["access_token"])
            events = door.shop.sql(
                "select payload->>'is_first' from platform.outbox where event_type = 'identity.device_added' "
                "and aggregate_id = %s order by seq",
                session["user_id"],
            )
            kept = door.shop.sql("select device_index from identity.devices")
            return page.json(), events, kept

    page, events, kept = run(story())
    assert [item["platform"] for item in page["items"]] == ["ios", "android"]
    assert events == [("true",), ("false",)]
    assert "canary" not in str(kept)


def test_guessing_a_password_is_slowed_and_waits_out(run, open_door):
    async def story():
        async with open_door() as door:
            body, _ = await door.register()
            login = {"phone": body["phone"], "password": body["password"]}
            wrong = {**login, "password": "not the password"}
            answers = [await door.call("POST", "/v1/auth/login", json=wrong) for _ in range(5)]
            blocked = await door.call("POST", "/v1/auth/login", json=login)
            by_code = await door.by_code(body["phone"], None)
            unknown = [
                await door.call("POST", "/v1/auth/login", json={**wrong, "phone": "01712999999"}) for _ in range(6)
            ]
            return answers, blocked, by_code, unknown

    answers, blocked, by_code, unknown = run(story())
    assert [answer.status_code for answer in answers] == [401] * 5
    assert blocked.status_code == 429
    assert blocked.json()["retry_after"] >= 1
    assert by_code.status_code == 200
    # A number without an account is slowed alike: the brake does not tell who exists.
    assert [answer.status_code for answer in unknown] == [401] * 5 + [429]


def test_after_the_pause_the_right_password_opens_and_forgives(run, open_door):
    async def story():
        async with open_door() as door:
            body, _ = await door.register()
            login = {"phone": body["phone"], "password": body["password"]}
            wrong = {**login, "password": "not the password"}
            for _ in range(5):
                await door.call("POST", "/v1/auth/login", json=wrong)
            door.pass_time(seconds=31)
            opened = await door.call("POST", "/v1/auth/login", json=login)
            again = [await door.call("POST", "/v1/auth/login", json=wrong) for _ in range(4)]
            return opened, again

    opened, again = run(story())
    assert opened.status_code == 200
    assert {answer.status_code for answer in again} == {401}


def test_of_two_strangers_who_use_one_token_at_once_one_wins_and_the_family_ends(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            answers = await asyncio.gather(
                *(refreshed(door, session["refresh_token"], agent=agent) for agent in ("Android", "curl"))
            )
            winner = next(answer for answer in answers if answer.status_code == 200)
            return answers, await refreshed(door, winner.json()["refresh_token"])

    answers, after = run(story())
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert after.status_code == 401


def test_the_twin_without_a_family_would_let_the_thief_stay(run, open_door):
    """Negative control: where a used token is only refused and the family lives on, the thief's own successor works."""

    async def story():
        async with open_door() as door:
            _, session = await door.register()
            thief = (await refreshed(door, session["refresh_token"], agent="curl")).json()
            await refreshed(door, session["refresh_token"])
            held = await refreshed(door, thief["refresh_token"], agent="curl")
            # What a naive log-in does: nothing more than refuse the second use.
            door.shop.sql("update identity.sessions set revoked_at = null where user_id = %s", session["user_id"])
            naive = await refreshed(door, thief["refresh_token"], agent="curl")
            return held, naive

    held, naive = run(story())
    assert held.status_code == 401
    assert naive.status_code == 200
