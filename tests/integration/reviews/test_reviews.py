"""Reviews over HTTP: only who received it speaks, once a line; sums are exact whatever happens; staff has the last word."""

import asyncio
import contextlib
import random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from commerce.context import Commerce
from commerce.reviews import use_cases
from commerce.reviews.schemas import NewReview, ReviewWords
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7


def deliver(shop, buyer_id, *, offer=0, status="delivered") -> UUID:
    """An order of one line in a state; its id."""
    group, order = uuid7(), uuid7()
    product, seller = shop.sql("select product_id, seller_id from catalog.offers where id = %s", shop.offers[offer])[0]
    shop.sql(
        "insert into orders.order_groups (id, number, buyer_id, payment_method, subtotal_poisha, total_poisha, placed_at) "
        "values (%s, %s, %s, 'cod', 100, 100, now())", group, str(group), buyer_id,
    )  # fmt: skip
    shop.sql(
        "insert into orders.orders (id, group_id, seller_id, status, subtotal_poisha, total_poisha, commission_poisha, vat_poisha, "
        "placed_at, closed_at) values (%s, %s, %s, %s, 100, 100, 8, 1, now(), now())", order, group, seller, status,
    )  # fmt: skip
    shop.sql(
        "insert into orders.order_lines (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, total_poisha) "
        "values (%s, 1, %s, %s, 1, 100, 100)", order, shop.offers[offer], product,
    )  # fmt: skip
    return order


@pytest.fixture(scope="module")
def product(shop) -> UUID:
    shop.add_offer(stock=5, seller=0)
    shop.add_offer(stock=5, seller=1)
    return shop.sql("select product_id from catalog.offers where id = %s", shop.offers[0])[0][0]


@pytest.fixture
def member(shop):
    """Make somebody work for a seller."""

    def add(user_id, seller):
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_staff')",
            shop.sellers[seller],
            user_id,
        )

    return add


def test_only_who_received_it_reviews_it_and_once(run, open_api, settings, shop, product):
    async def story():
        async with open_api(settings) as api:
            buyer, other = api.buyers(shop, 2)
            order, waiting = deliver(shop, buyer.user_id), deliver(shop, buyer.user_id, status="shipped")
            open_before = (await buyer.client.get("/v1/reviews/open")).json()["items"]
            body = {"order_id": str(order), "line_no": 1, "rating": 4, "body": "ভালো চাল"}
            foreign = await other.client.post("/v1/reviews", json=body)
            early = await buyer.client.post("/v1/reviews", json={**body, "order_id": str(waiting)})
            no_line = await buyer.client.post("/v1/reviews", json={**body, "line_no": 2})
            twins = await asyncio.gather(*(buyer.client.post("/v1/reviews", json=body) for _ in range(5)))
            photo = await buyer.client.post("/v1/reviews", json={**body, "photos": ["0" * 64]})
            open_after = (await buyer.client.get("/v1/reviews/open")).json()["items"]
            shown = (await api.client.get(f"/v1/products/{product}/reviews")).json()
            return foreign, early, no_line, twins, photo, open_before, open_after, shown

    foreign, early, no_line, twins, photo, open_before, open_after, shown = run(story())

    assert (foreign.status_code, early.status_code, no_line.status_code, photo.status_code) == (404, 404, 404, 422)
    assert sorted(one.status_code for one in twins) == [201, 409, 409, 409, 409]
    assert (len(open_before), len(open_after)) == (1, 0)
    assert shown["rating"] == {"ratings": 1, "rating_centi": 400, "by_stars": [0, 0, 0, 1, 0]}
    assert "author_id" not in shown["items"][0]


def test_seller_answers_people_vote_and_staff_decides(run, open_api, settings, shop, product, member):
    async def story():
        async with open_api(settings) as api:
            buyer, seller, rival, *crowd = api.buyers(shop, 6)
            member(seller.user_id, 0)
            member(rival.user_id, 1)
            sell = {"authorization": f"Bearer {api.token_for(seller.user_id, 'sell')}"}
            steal = {"authorization": f"Bearer {api.token_for(rival.user_id, 'sell')}"}
            body = {"order_id": str(deliver(shop, buyer.user_id)), "line_no": 1, "rating": 1, "body": "Broken rice"}
            review = (await buyer.client.post("/v1/reviews", json=body)).json()
            path = f"/v1/reviews/{review['review_id']}"
            answered = await api.client.put(f"/v1/seller{path[3:]}/answer", json={"body": "Sorry!"}, headers=sell)
            foreign = await api.client.put(f"/v1/seller{path[3:]}/answer", json={"body": "Ha!"}, headers=steal)
            own = await buyer.client.put(f"{path}/helpful")
            votes = [await one.client.put(f"{path}/helpful") for one in (*crowd, *crowd)]
            taken = await crowd[0].client.delete(f"{path}/helpful")
            before = (await api.client.get(f"/v1/products/{product}/reviews")).json()["rating"]["ratings"]
            for one in (*crowd, crowd[0]):
                assert (await one.client.post(f"{path}/reports", json={"reason": "abuse"})).status_code == 204
            held = (await api.client.get(f"/v1/products/{product}/reviews")).json()["rating"]["ratings"]
            staff = api.staff("moderate").client
            waiting = (await staff.get("/v1/moderation/reviews")).json()["items"]
            refused = await buyer.client.post(f"/v1/moderation{path[3:]}/publish")
            hidden = await staff.post(f"/v1/moderation{path[3:]}/hide", json={"reason": "abuse of a person"})
            again = await staff.post(f"/v1/moderation{path[3:]}/hide", json={"reason": "twice"})
            edited = await buyer.client.put(path, json={"rating": 5, "body": "Fine"}, headers={"if-match": '"1"'})
            return answered, foreign, own, votes, taken, before, held, waiting, refused, hidden, again, edited

    answered, foreign, own, votes, taken, before, held, waiting, refused, hidden, again, edited = run(story())

    assert answered.json()["seller_answer"] == "Sorry!"
    assert foreign.status_code == 404
    assert own.json()["helpful"] == 0
    assert votes[-1].json()["helpful"] == 3
    assert taken.json()["helpful"] == 2
    assert held == before - 1
    assert answered.json()["review_id"] in [one["review_id"] for one in waiting]
    assert (refused.status_code, hidden.status_code, again.status_code) == (403, 200, 409)
    assert edited.json()["state"] == "hidden", "new words do not bring back what staff took down"


def test_a_way_around_the_shop_is_held(run, open_api, settings, shop, product):
    async def story():
        async with open_api(settings) as api:
            (buyer,) = api.buyers(shop, 1)
            body = {
                "order_id": str(deliver(shop, buyer.user_id)),
                "line_no": 1,
                "rating": 5,
                "body": "কিনতে কল ০১৭১২-৩৪৫৬৭৮",
            }
            review = await buyer.client.post("/v1/reviews", json=body)
            question = await buyer.client.post(f"/v1/products/{product}/questions", json={"body": "whatsapp number?"})
            return review.json(), question.json(), (await api.client.get(f"/v1/products/{product}/questions")).json()

    review, question, listed = run(story())
    assert (review["state"], question["state"]) == ("held", "held")
    assert question["id"] not in str(listed)


def test_questions_are_answered_by_the_seller_first(run, open_api, settings, shop, product, member):
    async def story():
        async with open_api(settings) as api:
            asker, buyer, seller, rival = api.buyers(shop, 4)
            member(seller.user_id, 0)
            member(rival.user_id, 1)
            deliver(shop, buyer.user_id)
            asked = (await asker.client.post(f"/v1/products/{product}/questions", json={"body": "Is it aged?"})).json()
            path = f"questions/{asked['id']}/answers"
            await buyer.client.post(f"/v1/{path}", json={"body": "Yes, a year"})
            await asker.client.post(f"/v1/{path}", json={"body": "Thanks"})
            statuses = []
            for one in (seller, rival):
                headers = {"authorization": f"Bearer {api.token_for(one.user_id, 'sell')}"}
                statuses.append(
                    (
                        await api.client.post(f"/v1/seller/{path}", json={"body": "Two years"}, headers=headers)
                    ).status_code
                )
            missing = await asker.client.post(f"/v1/questions/{uuid7()}/answers", json={"body": "What?"})
            return statuses, missing, (await api.client.get(f"/v1/products/{product}/questions")).json()["items"]

    statuses, missing, items = run(story())
    assert (statuses, missing.status_code) == ([201, 404], 404)
    assert [(one["is_buyer"], one["seller_id"] is not None) for one in items[0]["answers"]] == [
        (False, True),
        (True, False),
        (False, False),
    ]


SUMS = (
    "select p.id, coalesce(r.ratings, 0), coalesce(r.stars, 0), r.rating_centi, coalesce(r.by_stars, '{0,0,0,0,0}') "
    "from catalog.products p left join reviews.product_ratings r on r.product_id = p.id order by p.id"
)
TRUTH = (
    "select p.id, count(r.id)::int, coalesce(sum(r.rating), 0)::bigint, floor(avg(r.rating) * 100 + 0.5)::int, "
    "array[count(r.id) filter (where rating = 1), count(r.id) filter (where rating = 2), count(r.id) filter (where rating = 3), "
    "count(r.id) filter (where rating = 4), count(r.id) filter (where rating = 5)]::int[] "
    "from catalog.products p left join reviews.reviews r on r.product_id = p.id and r.state = 'published' group by p.id order by p.id"
)
SELLER_SUMS = "select seller_id, ratings, stars from reviews.seller_ratings where ratings > 0 order by 1"
SELLER_TRUTH = "select seller_id, count(*)::int, sum(rating)::bigint from reviews.reviews where state = 'published' group by 1 order by 1"
STEP = st.tuples(
    st.sampled_from(["write", "change", "hide", "publish", "report"]), st.integers(1, 5), st.integers(0, 9)
)


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=25), seed=st.integers(0, 99))
def test_sums_are_what_the_reviews_say_whatever_happens(shop, product, settings, steps, seed):
    dice = random.Random(seed)
    ids: list[tuple[UUID, UUID]] = []

    async def step(commerce, kind, rating, pick):
        if kind == "write":
            author = uuid7()
            order = deliver(shop, author, offer=dice.randint(0, 1))
            body = dice.choice(["fine", "call 01712345678"])
            request = NewReview(order_id=order, line_no=1, rating=rating, body=body)
            ids.append(((await use_cases.write(commerce, author, request)).review_id, author))
        elif ids:
            review_id, author = ids[pick % len(ids)]
            version = shop.sql("select version from reviews.reviews where id = %s", review_id)[0][0]
            calls = {
                "change": lambda: use_cases.change(
                    commerce, author, review_id, ReviewWords(rating=rating), seen=version
                ),
                "hide": lambda: use_cases.moderate(commerce, review_id, "hidden", actor_id=author, reason="bad"),
                "publish": lambda: use_cases.moderate(commerce, review_id, "published", actor_id=author),
                "report": lambda: use_cases.report(commerce, uuid7(), review_id, "spam"),
            }
            # Refused moves (an illegal state, a hidden review) are part of the story.
            with contextlib.suppress(NotFound, Conflict):
                await calls[kind]()

    async def story():
        commerce = Commerce.build(settings, name="test")
        await commerce.open()
        try:
            for kind, rating, pick in steps:
                await step(commerce, kind, rating, pick)
        finally:
            await commerce.close()

    asyncio.run(story())
    assert shop.sql(SUMS) == shop.sql(TRUTH)
    assert shop.sql(SELLER_SUMS) == shop.sql(SELLER_TRUTH)


def test_sums_hold_when_many_write_at_once(run, open_api, settings, shop, product):
    async def story():
        async with open_api(settings) as api:
            buyers = api.buyers(shop, 20)
            bodies = [
                {"order_id": str(deliver(shop, one.user_id)), "line_no": 1, "rating": 1 + n % 5}
                for n, one in enumerate(buyers)
            ]
            return await asyncio.gather(
                *(one.client.post("/v1/reviews", json=body) for one, body in zip(buyers, bodies, strict=True))
            )

    assert {answer.status_code for answer in run(story())} == {201}
    assert shop.sql(SUMS) == shop.sql(TRUTH)


def test_a_twin_that_forgets_to_count_is_seen(shop, product):
    """Negative control: a state changed behind the sums' back."""
    shop.sql(
        "update reviews.reviews set state = 'hidden' where id = (select id from reviews.reviews where state = 'published' limit 1)"
    )
    assert shop.sql(SUMS) != shop.sql(TRUTH)
    assert Conflict.status == 409


def test_staff_decides_on_held_questions_and_answers(run, open_api, settings, shop, product):
    async def story():
        async with open_api(settings) as api:
            asker, other = api.buyers(shop, 2)
            staff = api.staff("moderate").client
            path, desk = f"/v1/products/{product}/questions", "/v1/moderation/questions"
            held = (await asker.client.post(path, json={"body": "whatsapp number please?"})).json()["id"]
            await asker.client.post(f"/v1/moderation/questions/{held}/publish", json={})
            listed = (await staff.get(desk)).json()["items"]
            published = await staff.post(f"{desk}/{held}/publish")
            twice = await staff.post(f"{desk}/{held}/publish")
            reply = await other.client.post(f"/v1/questions/{held}/answers", json={"body": "Call 01712-345678"})
            answer = reply.json()["id"]
            pages, cursor = [], None
            while True:
                query = {"limit": 1, **({"cursor": cursor} if cursor else {})}
                page = (await staff.get(desk, params=query)).json()
                pages += page["items"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            hidden = await staff.post(f"{desk}/{answer}/hide", json={"reason": "a phone number"})
            taken = (await staff.get(desk, params={"state": "hidden"})).json()["items"]
            refused = await asker.client.get(desk)
            seen = [one for one in (await api.client.get(path)).json()["items"] if one["question_id"] == held]
            missing = await staff.post(f"{desk}/{uuid7()}/publish")
            return held, answer, listed, published, twice, pages, hidden, taken, refused, seen, missing

    held, answer, listed, published, twice, pages, hidden, taken, refused, seen, missing = run(story())

    assert [(one["entry_id"], one["kind"], one["state"]) for one in listed if one["entry_id"] == held] == [
        (held, "question", "held"),
    ]
    assert published.json()["state"] == "published"
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal-entry-state")
    assert answer in [one["entry_id"] for one in pages]
    assert [one["entry_id"] for one in pages] == sorted(one["entry_id"] for one in pages)
    assert hidden.json()["kind"] == "answer"
    assert answer in [one["entry_id"] for one in taken]
    assert (refused.status_code, missing.status_code) == (403, 404)
    assert seen[0]["answers"] == []
    told = shop.sql("select action, detail ->> 'reason' from audit.records where subject_id = %s", answer)
    assert told == [("answer.hidden", "a phone number")]
