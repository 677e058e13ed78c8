"""People change their own name, language, district and password; who has neither the old one nor the phone cannot."""

import pytest

OLD, NEW = "correct horse battery", "an entirely new one"


def test_what_is_given_changes_and_the_rest_stays(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register(locale="bn", district_code="BD-13")
            token = session["access_token"]
            answers = [
                await door.call("PATCH", "/v1/me", token, json=body)
                for body in ({"full_name": "Rahima Khatun"}, {"locale": "en", "district_code": None}, {})
            ]
            wrong = [
                await door.call("PATCH", "/v1/me", token, json=body)
                for body in ({"district_code": "BD-99"}, {"full_name": "  "}, {"locale": "fr"}, {"kind": "staff"})
            ]
            return answers, wrong

    answers, wrong = run(story())
    told = [(one.json()["full_name"], one.json()["locale"], one.json()["district_code"]) for one in answers]
    assert told == [("Rahima Khatun", "bn", "BD-13"), ("Rahima Khatun", "en", None), ("Rahima Khatun", "en", None)]
    assert [one.status_code for one in wrong] == [422] * 4


async def log_in(door, who, password):
    return await door.call("POST", "/v1/auth/login", json={"phone": who["phone"], "password": password})


def test_a_password_is_changed_with_the_old_one_and_other_sessions_end(run, open_door):
    async def story():
        async with open_door() as door:
            who, session = await door.register()
            other = (await log_in(door, who, OLD)).json()
            path, token = "/v1/me/password", session["access_token"]
            refused = [
                await door.call("PUT", path, token, json=body)
                for body in (
                    {"new_password": NEW}, {"new_password": NEW, "current_password": "not at all right"},
                    {"new_password": "short", "current_password": OLD},
                )
            ]  # fmt: skip
            done = await door.call("PUT", path, token, json={"new_password": NEW, "current_password": OLD})
            logins = [await log_in(door, who, password) for password in (OLD, NEW)]
            refreshed = [
                await door.call("POST", "/v1/auth/refresh", json={"refresh_token": one["refresh_token"]})
                for one in (session, other)
            ]
            told = door.shop.sql("select action from audit.records where subject_id = %s", session["user_id"])
            return refused, done, logins, refreshed, told

    refused, done, logins, refreshed, told = run(story())
    assert [one.status_code for one in refused] == [422] * 3
    assert refused[1].json()["code"] == "wrong-password"
    assert done.status_code == 204
    assert [one.status_code for one in logins] == [401, 200]
    assert [one.status_code for one in refreshed] == [200, 401], "whoever else was in is out"
    assert ("password.changed",) in told


def test_a_forgotten_password_is_replaced_after_a_code_by_phone_for_a_while(run, open_door):
    async def story():
        async with open_door() as door:
            who, _ = await door.register()
            await door.by_code(who["phone"])
            door.pass_time(minutes=2)
            proved = (await door.by_code(who["phone"])).json()["access_token"]
            done = await door.call("PUT", "/v1/me/password", proved, json={"new_password": NEW})
            login = await log_in(door, who, NEW)
            door.pass_time(minutes=20)
            late = await door.call("PUT", "/v1/me/password", proved, json={"new_password": OLD})
            return done, login, late

    done, login, late = run(story())
    assert (done.status_code, login.status_code, late.status_code) == (204, 200, 422)


def test_guessing_the_old_password_is_slowed_down(run, open_door):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            body = {"new_password": NEW, "current_password": "not at all right"}
            return [
                (await door.call("PUT", "/v1/me/password", session["access_token"], json=body)).status_code
                for _ in range(8)
            ]

    assert run(story()) == [422] * 5 + [429] * 3


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_key_changes_no_account(run, open_door, method):
    async def story():
        async with open_door() as door:
            _, session = await door.register()
            door.shop.sql("update identity.users set scopes = 'shop sell' where id = %s", session["user_id"])
            token = door.token("shop", "sell", user_id=session["user_id"])
            key = await door.call("POST", "/v1/me/keys", token, json={"name": "till", "scopes": ["sell"]})
            path = {"PUT": "/v1/me/password", "PATCH": "/v1/me"}[method]
            body = {"PUT": {"new_password": NEW, "current_password": OLD}, "PATCH": {"full_name": "X"}}[method]
            return await door.call(method, path, key.json()["key"], json=body)

    assert run(story()).status_code == 403


def test_a_guest_has_no_password(run, open_door):
    async def story():
        async with open_door() as door:
            guest = (await door.call("POST", "/v1/auth/guest", json={})).json()["access_token"]
            return await door.call("PUT", "/v1/me/password", guest, json={"new_password": NEW})

    assert run(story()).status_code == 403
