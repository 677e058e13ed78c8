"""A headless Chromium walks every page through the gateway: two languages, a desk and a phone, real figures.

Here is what only a browser can tell: drawn charts, texts on the screen, overflow, console. Not here: page logic.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

PAGES = ("overview", "fraud", "demand", "supply", "health")
WIDTHS = (1280, 390)
#: Streamlit looks for its own end points beside a page's address first, and says so on the console.
OWN_PROBES = re.compile(r"/dashboards/\w+/_stcore/(health|host-config)$")
READY = """() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
    && !document.querySelector('[data-test-script-state=running]')"""
DRAWN = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(
    chart => chart.querySelector('svg'))"""
#: Elements whose text does not fit, in figures and headings.
CUT = """() => [...document.querySelectorAll(
    '[data-testid=stMetricValue] *, [data-testid=stMetricLabel] *, [data-testid=stMetricDelta] *, h1')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
    .map(e => e.innerText)"""
#: Charts with axes and nothing else.
BLANK = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')]
    .filter(chart => ![...chart.querySelectorAll('.role-mark path')].some(mark => mark.getAttribute('d'))).length"""
FIGURES = re.compile(r"[0-9]")
OTHER_DIGITS = re.compile(r"[0-9०-९]")


class Tab:
    """A page of the browser with what its console said and what it asked for."""

    def __init__(self, page, gateway: str) -> None:
        self.page = page
        self.gateway = gateway
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def _hear(self, message) -> None:
        if message.type == "error" and not OWN_PROBES.search(message.location.get("url", "")):
            self.complaints.append(message.text)

    def open(self, name: str, query: str) -> None:
        self.page.goto(f"{self.gateway}/dashboards/{'' if name == 'overview' else name}?{query}")
        self.page.wait_for_selector("[data-testid=stMetric]", timeout=30_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the script has run and every chart is drawn."""
        self.page.wait_for_function(READY, timeout=30_000)
        self.page.wait_for_function(DRAWN, timeout=30_000)

    def figures(self) -> dict[str, str]:
        """What the tiles show, by label."""
        tiles = self.page.locator("[data-testid=stMetric]").all()
        return {
            tile.locator("[data-testid=stMetricLabel]").inner_text(): tile.locator(
                "[data-testid=stMetricValue]"
            ).inner_text()
            for tile in tiles
        }

    def changed(self, label: str, before: str) -> str:
        """Value of a tile once it is another one."""
        script = """([label, before]) => [...document.querySelectorAll('[data-testid=stMetric]')].some(tile =>
            tile.querySelector('[data-testid=stMetricLabel]').innerText === label
            && tile.querySelector('[data-testid=stMetricValue]').innerText !== before)"""
        self.page.wait_for_function(script, arg=[label, before], timeout=15_000)
        self.settle()
        return self.figures()[label]


@pytest.fixture
def tab_of(browser, busy) -> Iterator:
    """Opens tabs of a width."""
    pages = []

    def new(width: int = 1280) -> Tab:
        page = browser.new_page(viewport={"width": width, "height": 2800})
        pages.append(page)
        return Tab(page, busy.gateway)

    yield new
    for page in pages:
        page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", ["en", "bn"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_whole(tab_of, tmp_path, name, locale, width):
    tab = tab_of(width)

    tab.open(name, f"lang={locale}")

    page, figures = tab.page, tab.figures()
    tab.page.screenshot(path=tmp_path / f"{name}-{locale}-{width}.png")
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    assert tab.complaints == []
    assert len(figures) >= 3
    assert all(figures.values())
    assert page.locator("[data-testid=stVegaLiteChart]").count() >= 1
    assert page.evaluate(BLANK) == 0
    assert page.evaluate(CUT) == []
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert all(url.startswith((tab.gateway, "data:", "blob:")) for url in tab.asked)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_tells_the_time_of_its_data(tab_of, installation, name):
    (loaded,) = installation.sql(
        "getit_warehouse",
        "select to_char(max(loaded_at) at time zone 'Asia/Dhaka', 'FMDD Mon YYYY') from marts.ops_loads",
    )[0]
    tab = tab_of()

    tab.open(name, "lang=en")

    assert re.search(rf"Data as of {loaded}, \d\d:\d\d", tab.page.locator("[data-testid=stMain]").inner_text())


@pytest.mark.parametrize("name", PAGES)
def test_bangla_leaves_no_english_behind(tab_of, name):
    from foundation.i18n import catalogue

    english = {text for text, bangla in catalogue("bn").items() if text != bangla and len(text) > 3 and "{" not in text}
    tab = tab_of()

    tab.open(name, "lang=bn")

    lines = {line.strip() for line in tab.page.locator("body").inner_text().splitlines()}
    assert lines & english == set()
    values = list(tab.figures().values())
    assert any(re.search(r"[০-৯]", value) for value in values)
    assert not any(OTHER_DIGITS.search(value) for value in values)


@pytest.mark.parametrize(
    ("name", "label", "narrower"),
    [
        ("overview", "Sales", "period=7+days"),
        ("fraud", "Checkouts", "period=7+days"),
        ("supply", "Pieces sold", "period=7+days"),
        ("overview", "Orders", "category=Beef"),
        ("supply", "Active offers", "category=Beef"),
        ("demand", "Sold in the last 4 weeks", "category=Beef"),
    ],
)
def test_a_filter_in_the_address_changes_the_figures(tab_of, name, label, narrower):
    tab = tab_of()
    tab.open(name, "lang=en")
    whole = tab.figures()[label]

    tab.open(name, f"lang=en&{narrower}")

    assert FIGURES.search(tab.figures()[label])
    assert spoken(tab.figures()[label]) < spoken(whole)


@pytest.mark.parametrize(
    ("name", "label"), [("overview", "Sales"), ("fraud", "Checkouts"), ("supply", "Active offers")]
)
def test_choosing_a_seller_changes_the_figures(tab_of, name, label):
    tab = tab_of()
    tab.open(name, "lang=en")
    whole = tab.figures()[label]

    tab.page.get_by_label("Seller", exact=False).last.click()
    tab.page.get_by_role("option").first.click()

    assert spoken(tab.changed(label, whole)) < spoken(whole)


def test_the_period_switch_changes_the_figures(tab_of):
    tab = tab_of()
    tab.open("overview", "lang=en")
    month = tab.figures()["Sales"]

    tab.page.get_by_text("7 days", exact=True).click()

    assert spoken(tab.changed("Sales", month)) < spoken(month)


def test_the_history_switch_changes_the_chart(tab_of):
    tab = tab_of()
    tab.open("demand", "lang=en")
    line = "document.querySelector('[data-testid=stVegaLiteChart] svg .mark-line path').getAttribute('d')"
    before = tab.page.evaluate(line)

    tab.page.get_by_text("12 months", exact=True).click()

    tab.page.wait_for_function(f"before => {line} !== before", arg=before, timeout=15_000)


def test_the_measure_switch_changes_the_reconciliation(tab_of):
    tab = tab_of()
    axis = "[...document.querySelectorAll('[data-testid=stVegaLiteChart] svg text')].map(e => e.textContent).join(' ')"

    tab.open("health", "lang=en")
    money = tab.page.evaluate(axis)
    tab.page.get_by_text("rows", exact=True).first.click()

    assert "৳" in money
    tab.page.wait_for_function(f"!({axis}).includes('৳')", timeout=15_000)


def test_the_language_switch_changes_the_page(tab_of):
    tab = tab_of()
    tab.open("overview", "lang=en")

    tab.page.get_by_text("বাংলা", exact=True).click()

    tab.page.wait_for_selector("h1:has-text('ব্যবসার সারসংক্ষেপ')", timeout=15_000)


def test_navigation_keeps_the_language(tab_of):
    tab = tab_of()
    tab.open("overview", "lang=bn")

    tab.page.get_by_text("সরবরাহ", exact=True).first.click()

    tab.page.wait_for_selector("h1:has-text('সরবরাহ')", timeout=15_000)


def spoken(text: str) -> Decimal:
    """Number that a tile writes: "৳5.26 crore" → 52600000."""
    size = 10_000_000 if "crore" in text else 100_000 if "lakh" in text else 1
    return Decimal(re.sub(r"[^0-9.]", "", text)) * size
