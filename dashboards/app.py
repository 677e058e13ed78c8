"""The dashboards' front page: language, navigation, the page chosen. Run by Streamlit. Not here: any page's content."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboards import frame
from dashboards.data import WarehouseAway
from dashboards.views import demand, fraud, health, overview, supply
from dashboards.words import LANGUAGES, Words

PAGES: dict[str, tuple[str, str, Callable[[Words], None]]] = {
    "overview": ("Business overview", ":material/storefront:", overview.render),
    "fraud": ("Fraud", ":material/gpp_maybe:", fraud.render),
    "demand": ("Demand", ":material/trending_up:", demand.render),
    "supply": ("Supply", ":material/inventory_2:", supply.render),
    "health": ("Data health", ":material/fact_check:", health.render),
}


def show(render: Callable[[Words], None], words: Words) -> None:
    """A page, or what to do when its data cannot be reached."""
    try:
        render(words)
    except WarehouseAway as error:
        st.error(words(error.template), icon=":material/cloud_off:")


def choose_language() -> str:
    """Widget for the language; `?lang=bn` in the address chooses it too."""
    asked = st.query_params.get("lang", "en")
    chosen = st.segmented_control(
        "Language · ভাষা · भाषा",
        list(LANGUAGES),
        default=asked if asked in LANGUAGES else "en",
        required=True,
        format_func=LANGUAGES.__getitem__,
        key="language",
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
    )
    return chosen or "en"


def main() -> None:
    """One run of the script: Streamlit calls it for every click."""
    st.set_page_config(page_title="GetIt", page_icon="🛒", layout="wide")
    st.html(frame.LOOKS)
    with st.sidebar:
        locale = choose_language()
    words = Words(locale)
    pages = [
        st.Page(partial(show, render, words), title=words(title), icon=icon, url_path=name, default=name == "overview")
        for name, (title, icon, render) in PAGES.items()
    ]
    st.navigation(pages).run()


if __name__ == "__main__":
    main()
