"""Figures of the pages beside the marts they come from: the whole history, to the poisha. Not here: how they look."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.data import _pool, _read, read, read_first
from dashboards.words import Words
from foundation.settings import load_settings

SCRIPT = "from dashboards.views import {page}\nfrom dashboards.words import Words\n{page}.render(Words('en'))"
EN = Words("en")


ATTEMPTS = 5


def forget() -> None:
    load_settings.cache_clear()
    _read.clear()
    _pool.clear()


@pytest.fixture
def beside(installation, monkeypatch):
    """Figures of this process beside SQL on the same installation, both of one build: the market builds on."""
    for name, value in installation.environment.items():
        if name.startswith("GETIT_"):
            monkeypatch.setenv(name, value)

    def build():
        return installation.sql("getit_warehouse", "select max(built_at) from marts.ops_builds")

    def measure(figure, statement):
        for _ in range(ATTEMPTS):
            forget()
            before = build()
            pair = figure(), installation.sql("getit_warehouse", statement)[0][0]
            if build() == before:
                return pair
        pytest.fail("the warehouse was built anew in every attempt")

    yield measure
    forget()


def figures_of(page):
    """Tiles of a page."""
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=60).run()
    assert not app.exception
    return {metric.label: metric.value for metric in app.metric}


def figures_of_everything(page):
    """Tiles of a page with its dates set to the first and the last day."""
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=60).run()
    app.button_group(key="period").set_value("Choose dates").run()
    dates = app.date_input(key="dates")
    dates.set_value((dates.min, dates.max)).run()
    assert not app.exception
    return {metric.label: metric.value for metric in app.metric}


#: Sales that finance has reconciled with commerce and with the files.
FINANCE = (
    "select sum(mart_value)::bigint from marts.fin_reconciliation"
    " where step = 'commerce = mart + no sale' and measure = 'amount_poisha'"
)


def test_sales_of_the_whole_history_are_those_of_finance(beside):
    shown, expected = beside(lambda: figures_of_everything("overview")["Sales"], FINANCE)

    assert shown == EN.taka(expected)


def test_the_days_add_up_to_finance_to_the_poisha(beside):
    def days():
        bounds = read_first("date_bounds")
        rows = read("sales_by_day", channel=None, first_on=bounds["first_on"], last_on=bounds["last_on"])
        return int(rows["sales_poisha"].sum())

    shown, expected = beside(days, FINANCE)

    assert shown == expected


@pytest.mark.parametrize("mart", ["agg_sales_day_category", "agg_sales_day_seller", "agg_sales_day_district"])
def test_every_cut_adds_up_to_the_same_sales(installation, mart):
    cut, whole = installation.sql(
        "getit_warehouse",
        f"select (select sum(sales_poisha) from marts.{mart}), (select sum(sales_poisha) from marts.agg_sales_day)",
    )[0]

    assert cut == whole


def test_checkouts_of_the_whole_history_are_those_of_the_mart(beside):
    shown, expected = beside(
        lambda: figures_of_everything("fraud")["Checkouts"],
        "select sum(order_groups)::float8 from marts.agg_outcomes_day where placed_on between"
        " (select min(sold_on) from marts.agg_sales_day) and (select max(sold_on) from marts.agg_sales_day)",
    )

    assert shown == EN.short(expected)


def test_a_seller_has_the_refusals_of_its_own_parcels(beside):
    def refused():
        bounds = read_first("date_bounds")
        best = read("sellers", since=bounds["first_on"])["seller_id"].iloc[0]
        span = {"first_on": bounds["first_on"], "last_on": bounds["last_on"]}
        rows = read("seller_outcomes", seller_id=best, method=None, channel=None, **span)
        return int(rows["order_groups"].sum()), int(rows["refused"].sum())

    shown, expected = beside(
        refused,
        "select array[count(*), count(*) filter (where status = 'refused')] from marts.fct_orders where seller_id ="
        " (select seller_id from marts.agg_sales_day_seller group by 1 order by sum(sales_poisha) desc limit 1)"
        " and placed_on <= (select max(sold_on) from marts.agg_sales_day)",
    )

    assert shown == tuple(expected)


def test_stock_is_that_of_the_mart(beside):
    shown, expected = beside(
        lambda: figures_of("supply"),
        "select array[sum(offers), sum(stock_value_poisha)]::float8[] from marts.agg_stock_health",
    )

    assert shown["Active offers"] == EN.short(expected[0])
    assert shown["Stock at cost"] == EN.taka(expected[1])


def test_the_forecast_is_that_of_the_model(beside):
    shown, expected = beside(
        lambda: figures_of("demand")["Forecast, next 4 weeks"],
        "select sum(expected_units)::float8 from marts_ml.demand_forecast_category"
        " where abs(quantile - 0.5) < 0.001 and week_starts_on in"
        " (select distinct week_starts_on from marts_ml.demand_forecast_category order by 1 limit 4)",
    )

    assert shown == EN.short(expected)
