"""Role × operation × owner: every operation has a row, the code asks for what the row says, and real answers agree.

The cells are made from the OpenAPI document, the routes and the roles; `access_rows` is the part that people decide.
"""

import re
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from access_rows import ROWS

from commerce.app import ROUTERS, create_app
from commerce.identity.roles import ROLES
from commerce.notifications.use_cases import notify
from foundation.ids import uuid7
from foundation.web.identity import access_of

STREAMS = {"GET /v1/live/orders"}
ADDRESS = {"recipient": "Rahima Begum", "phone": "01712345678", "line": "House 7", "district_code": "BD-13"}
BODIES = {
    "PUT /v1/me/addresses/{address_id}": ADDRESS,
    "PUT /v1/seller/staff/{user_id}": {"role": "seller_owner"},
    "POST /v1/orders/{order_id}/transitions": {"to": "shipped"},
    "POST /v1/seller/stock/{offer_id}/receipts": {"hub_id": str(uuid4()), "quantity": 1},
    "POST /v1/seller/stock/{offer_id}/write-offs": {"hub_id": str(uuid4()), "quantity": 1, "reason": "broken"},
    "PUT /v1/seller/stock/{offer_id}/watch": {"threshold": 1},
    "PUT /v1/reviews/{review_id}": {"rating": 4},
    "POST /v1/payments/refunds/{refund_id}/destination": {"wallet": "01712345678"},
    "POST /v1/seller/returns/{request_id}/answer": {"is_approved": True},
    "POST /v1/seller/returns/{request_id}/inspection": {"findings": []},
    "POST /v1/seller/disputes/{dispute_id}/answer": {"is_conceded": False, "note": "It did come."},
    "PUT /v1/seller/reviews/{review_id}/answer": {"body": "Thank you for buying."},
    "POST /v1/seller/questions/{question_id}/answers": {"body": "Yes, it is new rice."},
    "PATCH /v1/seller/offers/{offer_id}": {"price_poisha": 9_000},
    "PATCH /v1/seller/products/{product_id}": {"title_en": "Another name"},
    "POST /v1/messages/threads/{thread_id}": {"text": "hello"},
    "POST /v1/messages/shop/threads/{thread_id}": {"text": "hello"},
    "POST /v1/seller/webhooks/{endpoint_id}/replay": {"since": "2026-01-01T00:00:00Z"},
}


def operations() -> dict[str, object]:
    """Every operation of the routes: "METHOD path" → route."""
    return {
        f"{method} {route.path}": route
        for router in ROUTERS
        for route in router.routes
        for method in getattr(route, "methods", ())
    }


def documented(settings) -> set[str]:
    """Every operation of the OpenAPI document, but for health and metrics, which no gateway route leads to."""
    document = create_app(settings).openapi()
    return {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        if path.startswith("/v1/")
        for method in item
    }


def missing_rows(known: set[str]) -> set[str]:
    return known - ROWS.keys()


def test_every_operation_has_a_row_and_every_row_an_operation(settings):
    known = documented(settings)
    assert known == set(operations())
    assert missing_rows(known) == set()
    assert ROWS.keys() - known == set()
    assert missing_rows(known | {"POST /v1/backdoor"}) == {"POST /v1/backdoor"}, "a new operation without a row fails"


@pytest.mark.parametrize("operation", sorted(ROWS))
def test_the_code_asks_for_what_the_row_says(operation):
    asked = access_of(operations()[operation].dependant)
    row = ROWS[operation]
    wanted = set() if row.access in {"public", "member"} else set(row.access.split())
    assert (asked.is_public, set(asked.scopes)) == (row.access == "public", wanted)


@pytest.mark.parametrize("operation", sorted(ROWS))
def test_things_named_in_a_path_have_an_owner_or_a_reason(operation):
    """An identifier in a path of buyers or sellers must say whose it is."""
    row = ROWS[operation]
    if "{" in operation and row.access != "public" and row.owner == "none":
        pytest.fail("say in access_rows whose thing the path names")


@dataclass
class World:
    """Two shoppers and two sellers; the first of each owns something of every kind."""

    owner: object
    stranger: object
    seller: object
    rival: object
    things: dict[str, str]


async def notice_of(api, person) -> str:
    commerce = api.app.state.commerce
    async with commerce.database.transaction() as connection:
        await notify(
            commerce,
            connection,
            user_id=person.user_id,
            event_id=uuid7(),
            template="order.shipped",
            params={"number": "G1"},
        )
    return (await person.client.get("/v1/me/notifications")).json()["items"][0]["id"]


async def build_world(api, shop) -> World:
    owner, stranger = api.buyers(shop, 2)
    offer = shop.add_offer(stock=50, seller=0)
    shop.add_offer(stock=50, seller=1)
    people = []
    for number in (0, 1):
        user = uuid7()
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
            shop.sellers[number], user,
        )  # fmt: skip
        people.append(api._as(api.token_for(user, *ROLES["seller_owner"]), user, ""))
    seller, rival = people
    placed = (await owner.place({offer: 1})).json()
    prepaid = (await owner.place({offer: 1}, payment_method="bkash")).json()
    voucher = {
        "code": f"OWN{uuid4().hex[:8].upper()}", "kind": "fixed", "amount_poisha": 100, "max_discount_poisha": 100,
        "limit_total": 5, "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2036-01-01T00:00:00Z",
    }  # fmt: skip
    made = await seller.client.post(
        "/v1/seller/promotions/vouchers", json=voucher, headers={"idempotency-key": str(uuid4())}
    )
    assert made.status_code == 201, made.text
    product = {"title_en": "Chinigura rice", "category_id": str(shop.category)}
    change = (await seller.client.post("/v1/seller/products", json=product)).json()
    file = {"file": ("offers.csv", b"sku,title_en,category,price\nA-1,Rice,Grocery > Rice,10\n", "text/csv")}
    job = await seller.client.post("/v1/seller/catalog/imports", files=file)
    assert job.status_code in {201, 202}, job.text
    things = {
        "offer": str(offer), "group": placed["group_id"], "order": placed["orders"][0]["order_id"],
        "attempt": prepaid["payment"]["attempt_id"], "voucher": voucher["code"],
        "product": change["product_id"], "change": change["change_id"], "import": job.json()["job_id"],
    }  # fmt: skip
    hook = {"url": "https://203.0.113.9/hook", "event_types": ["order.placed"]}
    api.app.state.commerce = replace(
        commerce := api.app.state.commerce,
        settings=commerce.settings.model_copy(update={"allow_private_webhooks": True}),
    )
    things["webhook"] = (await seller.client.post("/v1/seller/webhooks", json=hook)).json()["id"]
    wanted = {"seller_id": str(shop.sellers[0])}
    things["thread"] = (await owner.client.post("/v1/messages/threads", json=wanted)).json()["id"]
    things["notice"] = await notice_of(api, owner)
    invite = {"role": "seller_staff", "email": f"{uuid4().hex}@example.com"}
    asked = await seller.client.post("/v1/seller/invites", json=invite)
    assert asked.status_code == 201, asked.text
    things |= {"invite": asked.json()["id"], "colleague": str(uuid7())}
    shop.sql(
        "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_staff')",
        shop.sellers[0], things["colleague"],
    )  # fmt: skip
    things |= await account_of(shop, owner)
    things["refund"] = failed_refund(shop, things["order"])
    things |= await reviewed(api, shop, owner, offer)
    return World(owner, stranger, seller, rival, things)


async def account_of(shop, owner) -> dict[str, str]:
    """A session, an address and a key of the owner."""
    address = await owner.client.post("/v1/me/addresses", json=ADDRESS)
    assert address.status_code == 201, address.text
    session, key = uuid7(), uuid7()
    shop.sql(
        "insert into identity.sessions (id, user_id, platform, method, created_at, last_used_at) "
        "values (%s, %s, 'web', 'password', now(), now())", session, owner.user_id,
    )  # fmt: skip
    shop.sql(
        "insert into identity.api_keys (id, user_id, name, prefix, secret_hash, scopes, created_at, expires_at) "
        "values (%s, %s, 'key', %s, 'x', 'sell', now(), now() + interval '1 day')", key, owner.user_id, str(key),
    )  # fmt: skip
    return {"address": address.json()["id"], "session": str(session), "key": str(key)}


def failed_refund(shop, order_id: str) -> str:
    """Cash owed back whose transfer failed."""
    refund = uuid7()
    shop.sql(
        "insert into payments.refunds (id, attempt_id, order_id, amount_poisha, reason, state) "
        "select %s, a.id, a.order_id, 100, 'returned', 'failed' from payments.attempts a where a.order_id = %s",
        refund, order_id,
    )  # fmt: skip
    return str(refund)


async def reviewed(api, shop, owner, offer) -> dict[str, str]:
    """A review of a delivered order and a question about its product."""
    courier = api.staff("courier").client
    order_id = (await owner.place({offer: 1})).json()["orders"][0]["order_id"]
    for state in ("shipped", "delivered"):
        await courier.post(f"/v1/orders/{order_id}/transitions", json={"to": state})
    review = await owner.client.post("/v1/reviews", json={"order_id": order_id, "line_no": 1, "rating": 5})
    assert review.status_code == 201, review.text
    cases = await quarrelled(owner, order_id)
    product = review.json()["product_id"]
    question = await owner.client.post(f"/v1/products/{product}/questions", json={"body": "Is it this year's rice?"})
    return cases | {"review": review.json()["review_id"], "question": next(
        value for name, value in question.json().items() if name.endswith("id")
    )}  # fmt: skip


async def quarrelled(owner, order_id: str) -> dict[str, str]:
    """A return and a dispute of a delivered order."""
    things = {}
    lines = [{"line_no": 1, "quantity": 1}]
    for kind, path, body in (
        ("return", "/v1/returns", {"order_id": order_id, "lines": lines, "reason": "damaged"}),
        ("dispute", "/v1/disputes", {"order_id": order_id, "note": "it never came"}),
    ):
        made = await owner.client.post(path, json=body, headers={"idempotency-key": str(uuid4())})
        assert made.status_code == 201, made.text
        things[kind] = made.json()["id"]
    return things


def filled(operation: str, value: str) -> tuple[str, str]:
    method, path = operation.split(" ")
    return method, re.sub(r"{\w+}", value, path.replace("{line_no}", "1"))


async def ask(client, operation: str, value: str) -> int:
    method, path = filled(operation, value)
    body = None if method in {"GET", "DELETE"} else BODIES.get(operation, {})
    headers = {"idempotency-key": str(uuid4()), "if-match": '"1"'}
    answer = await client.request(method, path, json=body, headers=headers)
    return answer.status_code


def test_every_role_gets_what_its_row_says(run, open_api, settings, shop):
    """Anonymous and every role at every operation: refused exactly where the row refuses."""

    async def story():
        found = {}
        async with open_api(settings) as api:
            callers = {"anonymous": api.client}
            callers |= {
                role: api._as(api.token_for(uuid7(), *scopes), uuid7(), "").client for role, scopes in ROLES.items()
            }
            for operation, row in ROWS.items():
                for role, client in callers.items():
                    if operation in STREAMS and (role != "anonymous" and allowed(row, role)):
                        continue
                    found[operation, role] = await ask(client, operation, str(uuid4()))
        return found

    found = run(story())
    wrong = {cell: status for cell, status in found.items() if not agrees(ROWS[cell[0]], cell[1], status)}
    assert wrong == {}
    assert len(found) >= len(ROWS) * (len(ROLES) + 1) - len(STREAMS) * len(ROLES)


def allowed(row, role: str) -> bool:
    return row.access in {"public", "member"} or bool(ROLES[role] & set(row.access.split()))


def agrees(row, role: str, status: int) -> bool:
    if status >= 500:
        # No courier is up in this test: the route that asks one may say so.
        return status == 503 and allowed(row, role) and row.access == "sell"
    if role == "anonymous":
        return (status == 401) == (row.access != "public")
    if not allowed(row, role):
        return status == 403
    # Random identifiers and empty bodies: not found and not valid are fine, "who are you" is not. A seller's role without
    # a shop is refused for that reason alone.
    return status != 401 and (status != 403 or row.access == "sell" or row.refuses_some)


def test_what_belongs_to_somebody_else_is_not_found(run, open_api, settings, shop):
    owned = {operation: row for operation, row in ROWS.items() if row.owner not in {"none", "self", "desk"}}

    async def story():
        async with open_api(settings) as api:
            world = await build_world(api, shop)
            found = {}
            for operation, row in owned.items():
                foreign = world.rival if row.access == "sell" else world.stranger
                found[operation] = await ask(foreign.client, operation, world.things[row.owner])
            own = {}
            # What deletes comes last: it is to find the thing, too.
            for operation, row in sorted(owned.items(), key=lambda item: item[0].startswith("DELETE")):
                mine = world.seller if row.access == "sell" else world.owner
                own[operation] = await ask(mine.client, operation, world.things[row.owner])
            return found, own

    found, own = run(story())
    assert {operation: status for operation, status in found.items() if status != 404} == {}
    assert {
        operation: status for operation, status in own.items() if status == 404 and "stock" not in operation
    } == {}, "the owner must find it: else 404 proves nothing"


def test_a_route_without_its_owner_check_would_be_found(run, open_api, settings, shop, monkeypatch):
    """The broken twin: an invoice that anybody may read."""
    from commerce.orders import use_cases

    check = "(%(sees_all)s or g.buyer_id = %(buyer_id)s)"
    assert check in use_cases.SQL["invoice"]
    broken = use_cases.SQL["invoice"].replace(check, "%(buyer_id)s::uuid is not null")
    monkeypatch.setattr(use_cases, "SQL", {**use_cases.SQL, "invoice": broken})
    # The second wall would hide it: see test_second_wall.
    monkeypatch.setattr("foundation.rows.only_of", lambda user_id: None)

    async def story():
        async with open_api(settings) as api:
            world = await build_world(api, shop)
            return await ask(world.stranger.client, "GET /v1/orders/{group_id}/invoice", world.things["group"])

    assert run(story()) == 200
