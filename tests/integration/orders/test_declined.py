"""An order that the champion declines: refused with reasons, nothing reserved, the decision kept, each retry told the same.

The model and the scoring process are real; the bundle's cost table is one under which every order is declined.
"""

from dataclasses import replace

import pytest
from conftest import wait_for_port
from fraud_fixtures import PASSED

from serving.feeder import Feeder

MERCILESS = {"decline_margin_ratio": 0.0, "decline_goodwill_poisha": 0, "least_decline_probability": 0.0}


@pytest.fixture
def scoring(settings, valkey, learned, launch, run):
    """A scoring process whose champion declines everything."""
    details = learned.candidate.details
    thresholds = {**details["manifest"]["thresholds"], **MERCILESS}
    manifest = {**details["manifest"], "thresholds": thresholds}
    merciless = replace(
        learned.candidate, version="20260101T000000-merciless", details={**details, "manifest": manifest}
    )
    learned.family.publish(merciless, PASSED, settings.home)

    async def build():
        feeder = Feeder(settings)
        await feeder.database.open()
        await feeder.build()
        await feeder.database.close()
        await feeder.store.close()

    run(build())
    launch(settings, "-m", "uvicorn", "serving.app:create_app", "--factory", "--port", str(settings.serving_port))
    wait_for_port(settings.serving_port)


def test_refused_with_reasons_and_told_the_same_again(shop, settings, scoring, open_api, run):
    offer = shop.add_offer(stock=10, price_poisha=250_000)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            return [await buyer.place({offer: 2}, key="declined") for _ in range(3)], await buyer.place({offer: 2})

    same, other = run(story())

    assert {answer.status_code for answer in (*same, other)} == {403}
    assert same[0].json()["code"] == "order-declined"
    assert same[0].json()["reasons"]
    assert len({str(answer.json()["reasons"]) for answer in same}) == 1
    assert shop.sql("select on_hand, reserved from inventory.stock where offer_id = %s", offer) == [(10, 0)]
    assert shop.sql("select count(*) from orders.order_groups") == [(0,)]
    kept = shop.sql("select action, source, model_version from risk.decisions")
    assert kept == [("decline", "model", "20260101T000000-merciless")] * 2
