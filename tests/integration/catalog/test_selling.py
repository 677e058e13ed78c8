"""Sellers' catalogue over HTTP: staged changes, offers on shared products, prices over time, whose is what."""

import psycopg
import pytest


def shirt_of(category, **more):
    return {
        "title_en": "Cotton shirt", "title_bn": "সুতির শার্ট", "category_id": str(category), "attributes": {"material": "cotton"},
        "variants": [{"colour": "blue", "size": "M"}, {"colour": "red", "size": "XL"}], **more,
    }  # fmt: skip


class TestStagedChanges:
    def test_a_product_is_shown_once_staff_confirms_it(self, run, open_api, settings, shop, shopkeepers, shirts):
        async def story():
            async with open_api(settings) as api:
                seller, rival = shopkeepers[0].client(api), shopkeepers[1].client(api)
                staff = api.staff("moderate").client
                change = (await seller.post("/v1/seller/products", json=shirt_of(shirts))).json()
                path = f"/v1/products/{change['product_id']}"
                hidden = await api.client.get(path)
                stolen = await rival.post(f"/v1/seller/catalog/changes/{change['change_id']}/withdraw")
                by_seller = await seller.post(f"/v1/moderation/changes/{change['change_id']}/confirm")
                waiting = (await staff.get("/v1/moderation/changes")).json()["items"]
                done = await staff.post(f"/v1/moderation/changes/{change['change_id']}/confirm")
                twice = await staff.post(
                    f"/v1/moderation/changes/{change['change_id']}/decline", json={"reason": "late"}
                )
                shown = await api.client.get(path, headers={"accept-language": "bn"})
                return change, hidden, stolen, by_seller, waiting, done, twice, shown

        change, hidden, stolen, by_seller, waiting, done, twice, shown = run(story())

        assert change["state"] == "pending"
        assert (hidden.status_code, stolen.status_code, by_seller.status_code) == (404, 404, 403)
        assert [one["change_id"] for one in waiting] == [change["change_id"]]
        assert done.json()["state"] == "confirmed"
        assert twice.status_code == 409
        assert shown.json()["title"] == "সুতির শার্ট"
        assert len(shown.json()["variants"]) == 2
        noted = shop.sql("select action from audit.records where subject_id = %s", change["change_id"])
        assert noted == [("catalog.change_confirmed",)]
        events = shop.sql(
            "select event_type from platform.outbox where aggregate_id = %s order by seq", change["product_id"]
        )
        assert ("catalog.product_changed",) in events

    def test_an_edit_waits_and_two_editors_do_not_overwrite_each_other(
        self, run, open_api, settings, shopkeepers, shirts
    ):
        async def story():
            async with open_api(settings) as api:
                seller, rival = shopkeepers[0].client(api), shopkeepers[1].client(api)
                staff = api.staff("moderate").client
                change = (await seller.post("/v1/seller/products", json=shirt_of(shirts))).json()
                await staff.post(f"/v1/moderation/changes/{change['change_id']}/confirm")
                path = f"/v1/seller/products/{change['product_id']}"
                version = (await api.client.get(f"/v1/products/{change['product_id']}")).json()["version"]
                seen = {"if-match": f'"{version}"'}
                none = await seller.patch(path, json={"title_en": "Silk shirt"})
                edit = await seller.patch(path, json={"title_en": "Silk shirt"}, headers=seen)
                pending = await seller.patch(path, json={"title_en": "Other"}, headers=seen)
                foreign = await rival.patch(path, json={"title_en": "Mine"}, headers=seen)
                before = (await api.client.get(f"/v1/products/{change['product_id']}")).json()["title"]
                await staff.post(f"/v1/moderation/changes/{edit.json()['change_id']}/confirm")
                after = (await api.client.get(f"/v1/products/{change['product_id']}")).json()["title"]
                stale = await seller.patch(path, json={"title_en": "Third"}, headers=seen)
                return none, edit, pending, foreign, before, after, stale

        none, edit, pending, foreign, before, after, stale = run(story())

        assert none.status_code == 400
        assert [action["field"] for action in edit.json()["actions"]] == ["title_en"]
        assert (pending.status_code, foreign.status_code, stale.status_code) == (409, 404, 412)
        assert (before, after) == ("Cotton shirt", "Silk shirt")

    def test_checks_find_what_moderators_must_see(self, run, open_api, settings, shopkeepers, shirts):
        async def story():
            async with open_api(settings) as api:
                seller = shopkeepers[0].client(api)
                bad = shirt_of(shirts, title_bn="ফার্স্ট কপি শার্ট", description_en="Order on whatsapp ০১৭১২ ৩৪৫ ৬৭৮")
                found = await seller.post("/v1/seller/products", json=bad)
                lacking = await seller.post("/v1/seller/products", json=shirt_of(shirts, attributes={}))
                wrong = await seller.post("/v1/seller/products", json=shirt_of(shirts, variants=[{"colour": "green"}]))
                return found.json(), lacking, wrong

        found, lacking, wrong = run(story())

        assert {(one["check"], one["field"]) for one in found["findings"]} == {
            ("prohibited-words", "title_bn"), ("contact-outside", "description_en"),
        }  # fmt: skip
        assert lacking.json()["code"] == "attributes-missing"
        assert wrong.json()["code"] == "bad-attribute"


class TestOffers:
    def test_many_sellers_offer_one_product_and_the_buy_box_says_why(self, run, open_api, settings, shop, shopkeepers):
        async def story():
            async with open_api(settings) as api:
                first, second = shopkeepers[0].client(api), shopkeepers[1].client(api)
                product = str(shop.sql("select product_id from catalog.offers where id = %s", shop.offers[0])[0][0])
                body = {"product_id": product, "price_poisha": 9_000, "sku": "R-1", "handling_days": 1}
                offer = await second.post("/v1/seller/offers", json=body)
                twice = await second.post("/v1/seller/offers", json=body)
                peeked = await first.get(f"/v1/seller/offers/{offer.json()['offer_id']}")
                empty = (await api.client.get(f"/v1/products/{product}")).json()["buy_box"]
                shop.sql("insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, 4, 4)",
                         offer.json()["offer_id"], shop.hub_id)  # fmt: skip
                full = (await api.client.get(f"/v1/products/{product}")).json()["buy_box"]
                return offer, twice, peeked, empty, full

        offer, twice, peeked, empty, full = run(story())

        assert offer.status_code == 201, offer.text
        assert offer.headers["etag"] == '"1"'
        assert (twice.status_code, peeked.status_code) == (409, 404)
        assert empty[0]["offer_id"] != offer.json()["offer_id"], "who has nothing to sell wins nothing"
        assert full[0]["offer_id"] == offer.json()["offer_id"]
        assert "lowest-price" in full[0]["reasons"]

    def test_prices_are_kept_and_a_reduction_shows_the_lowest_of_30_days(
        self, run, open_api, settings, shop, shopkeepers
    ):
        product = shop.sql("select product_id from catalog.offers where id = %s", shop.offers[0])[0][0]

        async def story():
            async with open_api(settings) as api:
                seller, rival = shopkeepers[0].client(api), shopkeepers[1].client(api)
                path = f"/v1/seller/offers/{shop.offers[0]}"
                shop.sql(
                    "update catalog.offers set created_at = now() - interval '90 days' where id = %s", shop.offers[0]
                )
                for version, change in ((1, {"price_poisha": 8_000}), (2, {"price_poisha": 12_000}),
                                        (3, {"price_poisha": 9_500, "list_price_poisha": 15_000})):  # fmt: skip
                    done = await seller.patch(path, json=change, headers={"if-match": f'"{version}"'})
                    assert done.status_code == 200, done.text
                stale = await seller.patch(path, json={"price_poisha": 1}, headers={"if-match": '"1"'})
                foreign = await rival.patch(path, json={"price_poisha": 1}, headers={"if-match": '"4"'})
                silly = await seller.patch(path, json={"list_price_poisha": 9_500}, headers={"if-match": '"4"'})
                prices = (await seller.get(f"{path}/prices")).json()["items"]
                shown = (await api.client.get(f"/v1/products/{product}")).json()["offers"]
                gone = await seller.patch(path, json={"status": "withdrawn"}, headers={"if-match": '"4"'})
                back = await seller.patch(path, json={"status": "active"}, headers={"if-match": '"5"'})
                return stale, foreign, silly, prices, shown, gone, back

        stale, foreign, silly, prices, shown, gone, back = run(story())

        assert (stale.status_code, foreign.status_code, silly.status_code) == (412, 404, 422)
        assert [one["price_poisha"] for one in prices] == [9_500, 12_000, 8_000, 10_000]
        assert prices[0]["until_at"] is None
        assert prices[1]["until_at"] == prices[0]["from_at"]
        own = next(one for one in shown if one["offer_id"] == str(shop.offers[0]))
        assert own["lowest_30d_poisha"] == 8_000, "not the 12,000 of just before"
        assert (gone.status_code, back.status_code) == (200, 409)

    def test_prices_of_the_past_cannot_be_rewritten(self, shop):
        with pytest.raises(psycopg.errors.RestrictViolation):
            shop.sql("update catalog.price_history set price_poisha = 1")

    def test_an_offer_names_its_variant(self, run, open_api, settings, shopkeepers, shirts):
        async def story():
            async with open_api(settings) as api:
                seller, staff = shopkeepers[0].client(api), api.staff("moderate").client
                change = (await seller.post("/v1/seller/products", json=shirt_of(shirts))).json()
                await staff.post(f"/v1/moderation/changes/{change['change_id']}/confirm")
                product = (await api.client.get(f"/v1/products/{change['product_id']}")).json()
                body = {"product_id": product["product_id"], "price_poisha": 50_000}
                vague = await seller.post("/v1/seller/offers", json=body)
                made = [
                    await seller.post("/v1/seller/offers", json={**body, "variant_id": one["variant_id"]})
                    for one in product["variants"]
                ]
                foreign = await seller.post("/v1/seller/offers", json={**body, "variant_id": product["product_id"]})
                return vague, made, foreign

        vague, made, foreign = run(story())

        assert vague.json()["code"] == "which-variant"
        assert [one.status_code for one in made] == [201, 201]
        assert foreign.status_code == 404


def test_attributes_are_inherited_and_only_staff_defines_them(run, open_api, settings, shopkeepers, shirts):
    async def story():
        async with open_api(settings) as api:
            seller, staff = shopkeepers[0].client(api), api.staff("moderate").client
            path = f"/v1/moderation/categories/{shirts}/attributes/fit"
            body = {"label_en": "Fit", "label_bn": "মাপ", "kind": "choice", "choices": [{"code": "slim", "en": "Slim"}]}
            refused = await seller.put(path, json=body)
            empty = await staff.put(path, json={**body, "choices": []})
            made = await staff.put(path, json=body)
            listed = (
                await api.client.get(f"/v1/categories/{shirts}/attributes", headers={"accept-language": "bn"})
            ).json()
            gone = await staff.delete(path)
            category = await staff.post("/v1/moderation/categories", json={"parent_id": str(shirts), "name_en": "Polo"})
            deep = await staff.post(
                "/v1/moderation/categories", json={"parent_id": category.json()["category_id"], "name_en": "Deep"}
            )
            return refused, empty, made, listed["items"], gone, category, deep

    refused, empty, made, listed, gone, category, deep = run(story())

    assert (refused.status_code, empty.status_code, made.status_code, gone.status_code) == (403, 422, 204, 204)
    found = {one["code"]: one for one in listed}
    assert found["colour"]["is_inherited"]
    assert not found["size"]["is_inherited"]
    assert found["fit"]["label"] == "মাপ"
    assert category.json()["path"] == "Clothing > Shirts > Polo"
    assert deep.status_code == 422
