"""Search over HTTP: facets count what filters leave, one variant must match, pages fit together, documents follow the shop."""

import asyncio
import random

import pytest

from commerce.context import Commerce
from commerce.search import indexing
from foundation.ids import uuid7


@pytest.fixture
def search(run, open_api, settings):
    """Ask several searches in one go."""

    def ask(*many, path="/v1/search", **headers):
        async def story():
            async with open_api(settings) as api:
                answers = [await api.client.get(path, params=params, headers=headers) for params in many]
                assert [answer.status_code for answer in answers] == [200] * len(many), answers[0].text
                return [answer.json() for answer in answers]

        return run(story())

    return ask


def work(settings, duty, times=1):
    async def story():
        commerce = Commerce.build(settings, name="test")
        await commerce.open()
        for _ in range(times):
            await duty(commerce)
        await commerce.close()

    asyncio.run(story())


def follow(settings):
    work(settings, indexing.follow, times=2)


def facet(answer, name):
    found = [one["values"] for one in answer["facets"] if one["name"] == name]
    return {value["value"]: value["products"] for value in found[0]} if found else {}


class TestFacets:
    def test_a_facet_counts_what_its_filter_leaves(self, search, market):
        (answer,) = search({"q": "rice"})
        for name, parameter in (("category", "category_id"), ("brand", "brand"), ("seller", "seller_id")):
            for value, products in list(facet(answer, name).items())[:4]:
                (narrowed,) = search({"q": "rice", parameter: value})
                assert narrowed["total"] == products, (name, value)
        assert facet(answer, "in_stock")["1"] == search({"q": "rice", "in_stock": "true"})[0]["total"]

    def test_a_chosen_facet_still_shows_its_alternatives(self, search, market):
        plain, chosen = search({"q": "dal"}, {"q": "dal", "brand": "Teer"})
        assert set(facet(plain, "brand")) == set(facet(chosen, "brand"))
        assert chosen["total"] < plain["total"]

    def test_prices_are_banded_and_bounded(self, search, market):
        plain, bounded = search({"q": "oil"}, {"q": "oil", "min_price_poisha": 25_000, "max_price_poisha": 49_999})
        assert bounded["total"] == facet(plain, "price").get("2", 0)
        assert all(25_000 <= hit["price_poisha"] <= 49_999 for hit in bounded["items"])


class TestPages:
    @pytest.mark.parametrize("sort", ["relevance", "price", "-price", "newest", "popular"])
    def test_pages_hold_every_match_once_in_order(self, search, market, sort):
        seen, cursor = [], None
        for _ in range(20):
            (answer,) = search({"q": "frozen", "sort": sort, "limit": 7, **({"cursor": cursor} if cursor else {})})
            seen += answer["items"]
            cursor = answer["next_cursor"]
            if cursor is None:
                break
        (first,) = search({"q": "frozen", "sort": sort})
        ids = [hit["product_id"] for hit in seen]
        assert len(ids) == len(set(ids)) == first["total"] > 14
        prices = [hit["price_poisha"] for hit in seen]
        if "price" in sort:
            assert prices == sorted(prices, reverse=sort == "-price")

    def test_a_made_up_cursor_is_refused(self, run, open_api, settings, market):
        async def story():
            async with open_api(settings) as api:
                wrong = [
                    await api.client.get("/v1/search", params={"q": "rice", "cursor": one})
                    for one in ("x", "WyJhIiwiYiJd")
                ]
                return [*wrong, await api.client.get("/v1/search", params={"q": "!!!"})]

        assert [answer.status_code for answer in run(story())] == [422, 422, 422]


class TestWords:
    def test_a_typing_error_is_told(self, search, market):
        wrong, right = search({"q": "choclate"}, {"q": "chocolate"})
        assert (wrong["did_you_mean"], right["did_you_mean"]) == ("chocolate", None)
        assert wrong["total"] == right["total"] > 0

    def test_words_that_no_product_has_together_are_looked_for_singly(self, search, market):
        (answer,) = search({"q": "jamdani ketchup"})
        assert answer["is_partial"]
        assert answer["total"] > 1

    def test_bangla_readers_see_bangla_titles(self, search, market):
        (answer,) = search({"q": "dim"}, **{"accept-language": "bn"})
        assert answer["items"][0]["title"] == "ফার্মের ডিম ১২টি"

    def test_suggestions_begin_as_typed_in_any_writing(self, search, market):
        english, bangla, nothing = search({"q": "mini"}, {"q": "ইলি"}, {"q": "?"}, path="/v1/search/suggestions")
        assert "Miniket Rice Premium 5 kg" in [one["phrase"] for one in english["items"]]
        assert any(one["phrase"].startswith("Miniket") for one in english["items"])
        assert nothing["items"] == []
        assert bangla["items"] == []

    def test_browsing_without_words_shows_the_best(self, search, market):
        (answer,) = search({})
        assert answer["items"]
        assert answer["is_estimate"] == (answer["total"] > 1_000)


@pytest.fixture(scope="module")
def shirt(shop, market, settings):
    """A shirt in blue M and red XL: no variant is blue and XL."""
    product = uuid7()
    shop.sql("insert into catalog.products (id, code, category_id, title_en) values (%s, 'shirt', %s, 'Checked flannel overshirt')",
             product, shop.category)  # fmt: skip
    for values in ('{"colour": "blue", "size": "M"}', '{"colour": "red", "size": "XL"}'):
        shop.sql(
            "insert into catalog.variants (id, product_id, attributes) values (%s, %s, %s)", uuid7(), product, values
        )
    return product


class TestFollowing:
    def test_blue_and_xl_must_be_one_variant(self, search, settings, shirt):
        follow(settings)
        both, blue, neither, either = search(
            {"q": "overshirt", "attribute": ["colour:blue", "size:M"]}, {"q": "overshirt", "attribute": "colour:blue"},
            {"q": "overshirt", "attribute": ["colour:blue", "size:XL"]},
            {"q": "overshirt", "attribute": ["colour:blue", "colour:red", "size:XL"]},
        )  # fmt: skip
        assert (both["total"], blue["total"], either["total"]) == (1, 1, 1)
        assert neither["total"] == 0
        assert facet(blue, "attribute:size") == {"M": 1, "XL": 1}

    def test_the_naive_twin_matches_across_variants(self, shop, shirt):
        """Negative control: tokens of the product alone say that a blue XL exists."""
        naive = shop.sql(
            "select count(*) from search.documents where filters @> array['a=colour:blue', 'a=size:XL'] and product_id = %s",
            shirt,
        )
        assert naive == [(1,)]

    def test_documents_follow_every_change(self, search, settings, shop, market):
        eggs = market["eggs"]
        follow(settings)
        shop.sql("update catalog.products set title_en = 'Quail zzyzx spheres' where id = %s", eggs)
        shop.sql("update catalog.offers set price_poisha = 777 where product_id = %s", eggs)
        shop.sql(
            "update inventory.stock set on_hand = 0, shipped = received where offer_id in (select id from catalog.offers where product_id = %s)",
            eggs,
        )
        (stale,) = search({"q": "zzyzx"})
        follow(settings)
        (fresh,) = search({"q": "zzyzx"})
        assert stale["total"] == 0, "nothing follows by itself: the duty does"
        assert [(hit["price_poisha"], hit["is_in_stock"]) for hit in fresh["items"]] == [(777, False)]
        shop.sql("update catalog.products set is_active = false where id = %s", eggs)
        follow(settings)
        assert search({"q": "zzyzx"})[0]["total"] == 0
        shop.sql("update catalog.products set is_active = true where id = %s", eggs)

    def test_a_change_that_commits_late_is_not_lost(self, search, settings, shop, market):
        """The broken twin, a cursor on the newest transaction seen, would pass the slow one by."""
        import psycopg

        follow(settings)
        slow = psycopg.connect(settings.postgres("getit"))
        slow.execute("update catalog.products set title_en = 'Slow glacierware' where id = %s", (market["fan"],))
        shop.sql("update catalog.products set title_en = 'Quick rocketware' where id = %s", market["pen"])
        follow(settings)
        slow.commit()
        slow.close()
        follow(settings)
        assert [answer["total"] for answer in search({"q": "glacierware"}, {"q": "rocketware"})] == [1, 1]

    def test_a_rebuild_and_following_agree(self, settings, shop, market):
        follow(settings)
        columns = "product_id, words::text, filters, variants, quality, price_poisha, offer_id, is_in_stock"
        followed = shop.sql(f"select {columns} from search.documents order by product_id")

        shop.sql("truncate search.documents")
        work(settings, indexing.rebuild)
        assert shop.sql(f"select {columns} from search.documents order by product_id") == followed

    def test_orders_count_once_whether_before_a_rebuild_or_during_it(
        self, run, open_api, settings, shop, market, monkeypatch
    ):
        """The broken twin counts what commits during the rebuild in it, and again when it follows."""
        eggs = shop.sql("select id from catalog.offers where product_id = %s", market["eggs"])[0][0]
        shop.sql("update inventory.stock set on_hand = 50, received = shipped + 50 where offer_id = %s", eggs)
        place, count = [], indexing._count_orders

        async def buy():
            async with open_api(settings) as api:
                assert (await api.buyers(shop, 1)[0].place({eggs: 2})).status_code == 201

        async def count_after_an_order(commerce, before):
            await buy()
            place.append(before)
            await count(commerce, before)

        def told():
            return shop.sql(
                "select d.units_ordered, (select sum(quantity) from orders.order_lines l where l.product_id = d.product_id)"
                " from search.documents d where d.product_id = %s",
                market["eggs"],
            )[0]

        monkeypatch.setattr(indexing, "_count_orders", count_after_an_order)
        run(buy())
        work(settings, indexing.rebuild)
        during = told()
        follow(settings)
        assert (during[1] - during[0], told()[1] - told()[0]) == (2, 0)
        assert len(place) == 1


def test_random_filters_never_break_a_search(run, open_api, settings, shop, market):
    dice = random.Random(1)
    sellers = [str(one) for one in shop.sellers]

    def request():
        pairs = [
            ("q", dice.choice(["rice", "চাল", "%_'\\", "a b c d e f g h i j", "১২", "\u200d", "*:* & !"])),
            ("brand", dice.choice(["Teer", "x" * 100, "a,b", "{}", '"'])), ("seller_id", dice.choice(sellers)),
            ("attribute", dice.choice(["colour:blue", "size:'{}", "a:b"])), ("attribute", "material:x"), ("min_rating", "3"),
            ("in_stock", "true"), ("min_price_poisha", "5"), ("max_price_poisha", "900000"),
            ("sort", dice.choice(["price", "-price", "newest", "popular", "relevance"])),
        ]  # fmt: skip
        return [pair for pair in pairs if dice.random() < 0.4]

    async def story():
        async with open_api(settings) as api:
            return [(await api.client.get("/v1/search", params=request())).status_code for _ in range(150)]

    assert set(run(story())) <= {200, 422}
