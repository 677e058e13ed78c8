"""Personal data: a dump of the whole database holds no phone number, no e-mail, no address, no password, no token."""

import os
import subprocess
from uuid import uuid4

from getit.engines import postgres_binaries

PHONE, WALLET = "01798765432", "01787654321"
CANARIES = (
    "98765432", "87654321", "canary-street-99", "canary-lane-88", "7711223344", "5544332211998", "4111 1111 1111 1111", "canary@example.com", "correct horse canary", "canary-device-77",
)  # fmt: skip


def dump(settings) -> str:
    url = settings.server().rsplit("/", 1)[0] + "/" + settings.database_name("getit")
    program = postgres_binaries() / "pg_dump"
    return subprocess.run([program, url], capture_output=True, text=True, check=True, env={**os.environ}).stdout


async def become_seller(api, session, other_shop) -> list[str]:
    """The same person keeps an address, writes to a shop, opens one and shows papers; the secrets they were given."""

    async def call(verb, path, token, **body):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}
        answer = await api.client.request(verb, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    token = session["access_token"]
    home = {"recipient": "Rahima", "phone": PHONE, "line": "canary-lane-88", "district_code": "BD-13"}
    await call("POST", "/v1/me/addresses", token, **home)
    opened = await call("POST", "/v1/sellers", token, name="Rahima Store", legal_name="Rahima Begum")
    owner = opened["access_token"]
    await call("PATCH", "/v1/seller", owner, pickup_line="canary-lane-88", pickup_phone=PHONE)
    identity = {"method": "nid", "number": "19902617711223344", "name": "Rahima Begum"}
    await call("POST", "/v1/seller/requirements/identity", owner, **identity)
    account = {"method": "bank", "number": "5544332211998", "routing_number": "225150135", "name": "Rahima Begum"}
    await call("POST", "/v1/seller/requirements/payout_account", owner, **account)
    thread = await call("POST", "/v1/messages/threads", token, seller_id=str(other_shop))
    await call(
        "POST", f"/v1/messages/threads/{thread['id']}", token, text=f"Call me on {PHONE}, card 4111 1111 1111 1111"
    )
    key = await call("POST", "/v1/me/keys", owner, name="till", scopes=["sell"])
    return [owner, key["key"]]


def test_a_dump_holds_no_canary(run, open_api, settings, shop, capsys):
    offer = shop.add_offer(stock=10)

    async def story():
        async with open_api(settings) as api:
            body = {
                "phone": PHONE,
                "email": "canary@example.com",
                "password": "correct horse canary",
                "full_name": "Rahima",
            }
            session = (await api.client.post("/v1/auth/register", json=body)).raise_for_status().json()
            order = {
                "lines": [{"offer_id": str(offer), "quantity": 1}], "payment_method": "bkash", "payer_wallet": WALLET,
                "device_id": "canary-device-77",
                "address": {"district_code": "BD-13", "line": "canary-street-99", "phone": PHONE},
            }  # fmt: skip
            headers = {"authorization": f"Bearer {session['access_token']}", "idempotency-key": str(uuid4())}
            placed = await api.client.post("/v1/orders", json=order, headers=headers)
            wrong = await api.client.post("/v1/auth/login", json={"phone": PHONE, "password": "correct horse canary!"})
            right = await api.client.post(
                "/v1/auth/login", json={"phone": "+880 1798-765432", "password": "correct horse canary"}
            )
            secrets = [
                session["access_token"],
                session["refresh_token"],
                *await become_seller(api, session, shop.sellers[0]),
            ]
            return secrets, placed, wrong, right

    secrets, placed, wrong, right = run(story())

    assert placed.status_code == 201
    assert wrong.status_code == 401
    assert right.status_code == 200
    text = dump(settings)
    assert placed.json()["number"] in text, "the dump does not hold the order: the test looks at the wrong database"
    found = [canary for canary in (*CANARIES, *secrets) if canary in text]
    assert found == []
    logged = capsys.readouterr()
    assert [canary for canary in CANARIES if canary in logged.out + logged.err] == []


def test_the_plain_twin_would_be_found(settings, shop):
    """Negative control: what is stored in the clear shows up in the dump."""
    shop.sql("create table if not exists platform.plain_phones (phone text)")
    shop.sql("insert into platform.plain_phones values (%s)", PHONE)
    try:
        assert CANARIES[0] in dump(settings)
    finally:
        shop.sql("drop table platform.plain_phones")


def test_each_role_sees_only_its_own(settings, shop):
    import psycopg
    import pytest

    forbidden = {
        "getit_pipelines": "insert into ledger.accounts (code, kind) values ('x', 'escrow')",
        "getit_serving": "select 1 from identity.users",
        "getit_dashboards": "select 1 from orders.orders",
        "getit_app": "delete from ledger.entries",
        "getit_market": "select 1 from orders.orders",
    }
    for role, statement in forbidden.items():
        with (
            psycopg.connect(settings.postgres("getit", role=role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
