"""Every page as Streamlit runs it, without a browser: figures, filters, languages, empty states, a lost warehouse."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.data import _pool, _read
from dashboards.words import Words
from foundation.settings import load_settings

APP = Path(__file__).parents[3] / "dashboards" / "app.py"
PAGES = ("overview", "fraud", "demand", "supply", "health")
SCRIPT = "from dashboards.views import {page}\nfrom dashboards.words import Words\n{page}.render(Words('{locale}'))"


@pytest.fixture
def connect(monkeypatch, child_environment):
    """Point the pages of this process at an installation."""

    def use(settings):
        for name, value in child_environment(settings).items():
            if name.startswith("GETIT_"):
                monkeypatch.setenv(name, value)
        load_settings.cache_clear()
        _read.clear()
        _pool.clear()

    yield use
    load_settings.cache_clear()
    _pool.clear()


def page(name, locale="en"):
    return AppTest.from_string(SCRIPT.format(page=name, locale=locale), default_timeout=30)


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("locale", ["en", "bn", "hi"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_figures(built, connect, name, locale):
    connect(built)

    app = page(name, locale).run()

    assert not app.exception
    assert not app.error
    assert len(app.metric) >= 3
    assert all(metric.value for metric in app.metric)
    opening = Words(locale)("Data as of {loaded}, warehouse built {built} (Dhaka time).", loaded="|", built="|").split(
        "|"
    )[0]
    assert opening
    assert app.caption[0].value.startswith(opening)


def test_the_overview_adds_up(built, connect, query):
    connect(built)
    expected = query(
        "select sum(sales_poisha), sum(orders) from marts.agg_sales_day"
        " where sold_on > (select max(sold_on) from marts.agg_sales_day) - 30"
    )[0]

    shown = figures(page("overview").run())

    assert shown["Orders"] == str(expected[1])
    assert shown["Sales"] == Words("en").taka(int(expected[0]))


def test_a_category_narrows_the_overview(built, connect):
    connect(built)
    app = page("overview").run()
    everything = figures(app)["Orders"]

    app.selectbox(key="category").select("FUEL").run()

    assert not app.exception
    assert int(figures(app)["Orders"]) < int(everything)


def test_a_seller_narrows_the_overview(built, connect):
    connect(built)
    app = page("overview").run()
    everything = figures(app)["Orders"]

    app.selectbox(key="seller").select_index(0).run()

    assert not app.exception
    assert int(figures(app)["Orders"]) < int(everything)


def test_a_payment_method_without_orders_shows_the_empty_state(built, connect):
    connect(built)
    app = page("fraud").run()

    app.selectbox(key="method").select("bkash").run()

    assert not app.exception
    assert "Nothing to show for this choice." in [info.value for info in app.info]


def test_what_is_out_of_stock_is_counted(built, connect):
    connect(built)

    shown = figures(page("supply").run())

    assert shown["Out of stock"] == "1"
    assert "Proposed purchases" in shown


def test_the_product_choice_shows_its_forecast(built, connect):
    connect(built)
    app = page("demand").run()

    app.selectbox(key="product").select_index(0).run()

    assert not app.exception
    assert figures(app)["Forecast, next 4 weeks"] == "60"


def test_every_identity_holds(built, connect):
    connect(built)

    shown = figures(page("health").run())

    assert shown["Differences"] == "0"
    done, whole = shown["Identities that hold"].split(" / ")
    assert done == whole


def test_the_front_page_offers_every_page(built, connect):
    connect(built)

    app = AppTest.from_file(APP, default_timeout=30).run()

    assert not app.exception
    assert app.title[0].value == "Business overview"


def test_an_empty_warehouse_is_no_error(settings, connect, tmp_path):
    from pipelines.warehouse import prepare_warehouse

    empty = settings.model_copy(update={"home": tmp_path, "database_prefix": f"{settings.database_prefix}_none"})
    prepare_warehouse(empty.model_copy(update={"database_prefix": settings.database_prefix}))
    connect(settings.model_copy(update={"database_prefix": settings.database_prefix}))

    for name in PAGES:
        app = page(name).run()
        assert not app.exception, name


def test_a_lost_warehouse_is_told_in_words(built, connect):
    connect(built.model_copy(update={"database_url": "postgresql://getit@127.0.0.1:1/postgres"}))

    app = AppTest.from_file(APP, default_timeout=60).run()

    assert not app.exception
    assert "cannot be reached" in app.error[0].value
