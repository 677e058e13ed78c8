"""A headless Chromium walks every page in two languages: real figures, no error, nothing asked of the internet."""

import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

PAGES = {"overview": "", "fraud": "fraud", "demand": "demand", "supply": "supply", "health": "health"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--no-first-run",
)  # fmt: skip
# Digits of any script: a tile that shows none shows no figure.
DIGIT = re.compile(r"[0-9০-৯]")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium on this machine: install it (Debian: apt-get install chromium) to walk the pages",
)


@pytest.fixture(scope="module")
def address(built, child_environment):
    """The dashboards, served as `getit up` serves them."""
    port = built.dashboards_port
    process = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.address", "127.0.0.1",
            "--server.port", str(port), "--server.baseUrlPath", "dashboards", "--server.headless", "true",
            "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none",
        ],
        env=child_environment(built), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/dashboards"
    wait_for(f"{url}/_stcore/health")
    yield url
    process.terminate()
    process.wait(15)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def tab(browser):
    tab = browser.new_page(viewport={"width": 1440, "height": 2200})
    tab.asked = []
    tab.on("request", lambda request: tab.asked.append(request.url))
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


def open_page(tab, address, path, locale):
    tab.goto(f"{address}/{path}?lang={locale}")
    tab.wait_for_selector("[data-testid=stMetric]", timeout=30_000)
    tab.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length == 0", timeout=30_000)


@pytest.mark.parametrize("locale", ["en", "bn"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_real_figures(tab, address, pictures, name, locale):
    open_page(tab, address, PAGES[name], locale)
    tab.wait_for_timeout(800)
    tab.screenshot(path=pictures / f"{name}-{locale}.png")

    values = [value.inner_text() for value in tab.locator("[data-testid=stMetricValue]").all()]
    assert tab.locator("[data-testid=stException]").count() == 0
    assert len(values) >= 3
    assert any(DIGIT.search(value) for value in values)
    if locale == "bn":
        assert any(re.search(r"[০-৯]", value) for value in values)
        assert not any(re.search(r"[0-9]", value) for value in values)
    assert all(url.startswith((address.rsplit("/", 1)[0], "data:", "blob:", "ws://127.0.0.1")) for url in tab.asked)
    assert (pictures / f"{name}-{locale}.png").stat().st_size > 30_000


def test_charts_are_drawn(tab, address):
    open_page(tab, address, "", "en")

    tab.wait_for_selector("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg", timeout=15_000)

    assert tab.locator("[data-testid=stVegaLiteChart]").count() >= 3


def test_the_language_switch_changes_the_page(tab, address):
    open_page(tab, address, "", "en")

    tab.get_by_text("বাংলা", exact=True).click()

    tab.wait_for_selector("text=ব্যবসার সারসংক্ষেপ", timeout=15_000)


def test_a_filter_answers_quickly(tab, address):
    open_page(tab, address, "", "en")
    started = time.monotonic()

    tab.get_by_text("7 days", exact=True).click()
    tab.wait_for_function(
        "document.querySelectorAll('[data-stale=true]').length == 0"
        " && location.search.includes('period=7')", timeout=15_000,
    )  # fmt: skip

    assert time.monotonic() - started < 5.0


def test_navigation_keeps_the_language(tab, address):
    open_page(tab, address, "", "bn")

    tab.get_by_text("সরবরাহ", exact=True).first.click()

    tab.wait_for_selector("h1:has-text('সরবরাহ')", timeout=15_000)
