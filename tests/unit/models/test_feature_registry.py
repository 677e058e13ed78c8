"""Features are registered, versioned and back-filled: a meaning never changes under its version."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from getit.reference import PAGES, features_page
from models.features import backfill as filling
from models.features import catalogue, registry
from models.features.backfill import backfill, due, values_sql
from models.features.catalogue import CHECKOUT, FEATURE_NAMES, KEYS, OWNERS, SOURCES
from models.features.language import BadDeclaration, FeatureSet
from models.features.registry import extended, read_ledger, registered


def changed(features: FeatureSet, name: str, **change) -> FeatureSet:
    """The same features with one aggregate declared otherwise."""
    aggregates = tuple(replace(a, **change) if a.name == name else a for a in features.aggregates)
    return FeatureSet(features.events, aggregates, features.quotients)


@pytest.fixture
def with_features(monkeypatch):
    def put(features: FeatureSet) -> None:
        monkeypatch.setattr(registry, "CHECKOUT", features)
        monkeypatch.setattr(filling, "CHECKOUT", features)

    return put


class TestVersions:
    def test_every_declaration_has_its_version_in_the_ledger(self):
        ledger = read_ledger()
        assert extended(ledger, registered()) == ledger, "run: make docs"

    def test_every_input_of_the_model_is_registered_with_all_that_people_ask(self):
        assert [one.name for one in registered()] == list(FEATURE_NAMES)
        assert all(one.meaning and one.owner and one.freshness and one.cost for one in registered())
        assert set(OWNERS) == set(CHECKOUT.entities) <= set(KEYS)
        assert set(SOURCES) == {kind.name for kind in CHECKOUT.events}

    def test_a_changed_event_under_an_old_version_is_refused(self, monkeypatch):
        other = replace(SOURCES["refused"], known_at="o.placed_at")
        monkeypatch.setitem(catalogue.SOURCES, "refused", other)
        with pytest.raises(BadDeclaration, match="give it version 2"):
            extended(read_ledger(), registered())

    def test_a_changed_declaration_under_an_old_version_is_refused(self, with_features):
        kinds = tuple(
            replace(kind, is_known_at_once=True) if kind.name == "placed" else kind for kind in CHECKOUT.events
        )
        with_features(FeatureSet(kinds, CHECKOUT.aggregates, CHECKOUT.quotients))
        with pytest.raises(BadDeclaration, match="buyer_placed_count_1h"):
            extended(read_ledger(), registered())

    def test_a_new_version_is_added_and_the_old_one_stays(self, with_features):
        name = "buyer_placed_count_1h"
        with_features(changed(CHECKOUT, name, version=2))
        grown = extended(read_ledger(), registered())
        assert set(grown[name]) == {"1", "2"}

    def test_a_new_version_has_online_states_of_its_own(self):
        assert changed(CHECKOUT, "buyer_placed_count_1h", version=2).fingerprint != CHECKOUT.fingerprint

    def test_prose_and_layout_change_nothing(self, monkeypatch):
        before = registry.fingerprints()
        monkeypatch.setitem(catalogue.SOURCES, "refused", replace(SOURCES["refused"], meaning="other words"))
        assert registry.fingerprints() == before


def test_the_page_is_what_the_registry_says():
    assert (PAGES / "features.md").read_text() == features_page(), "run: make docs"


@pytest.fixture
def lake(tmp_path):
    """A lake of four hundred orders by nine buyers."""
    (tmp_path / "marts").mkdir()
    tables = {
        "fct_order_groups": "select i::varchar as group_id, 'b' || i % 9 as buyer_id, 'd' || i % 7 as device_index,"
        " 'p' || i % 8 as phone_index, null::varchar as payer_index, null::varchar as voucher_code, 'BD-13' as district_code,"
        " timestamptz '2026-03-01 00:00:00+00' + to_hours(i) as placed_at, 1000 * i as total_poisha, 900 * i as subtotal_poisha,"
        " 0 as discount_poisha, 1 as item_count, 1 as seller_count, 900 * i as max_line_poisha, 'cod' as payment_method"
        " from range(1, 401) t (i)",
        "fct_orders": "select i::varchar as group_id, 'refused' as status, timestamptz '2026-03-02 00:00:00+00' + to_hours(i)"
        " as closed_at, 5 as total_poisha from range(1, 401, 3) t (i)",
        "fct_payments": "select '1' as group_id, 'bkash' as provider, 'declined' as state, 1 as amount_poisha,"
        " timestamptz '2026-03-02 00:00:00+00' as resolved_at",
        "fct_labels": "select i::varchar as group_id, i % 4 = 0 as is_fraud, timestamptz '2026-03-05 00:00:00+00' + to_hours(i)"
        " as known_at from range(1, 401, 2) t (i)",
    }
    for name, sql in tables.items():
        duckdb.sql(f"copy ({sql}) to '{tmp_path}/marts/{name}.parquet' (format parquet)")
    return tmp_path


NOW = datetime(2026, 4, 1, tzinfo=UTC)


class TestBackfill:
    def test_what_is_new_is_computed_once(self, lake):
        done = backfill(lake, as_of=NOW)
        assert set(done.names) == set(CHECKOUT.names)
        assert done.rows == 400
        assert backfill(lake, as_of=NOW).names == ()

    def test_only_what_changed_is_computed_again_with_what_depends_on_it(self, lake, with_features):
        backfill(lake, as_of=NOW)
        name = "buyer_refused_count_30d"
        with_features(changed(CHECKOUT, name, version=2))
        assert due(lake) == (), "a version alone changes no value"

    def test_a_changed_meaning_is_computed_again(self, lake, monkeypatch):
        backfill(lake, as_of=NOW)
        before = dict(duckdb.sql(values_sql(lake, "buyer_refused_count_30d")).fetchall())
        later = replace(SOURCES["refused"], known_at="o.closed_at + interval 5 day")
        monkeypatch.setitem(catalogue.SOURCES, "refused", later)

        done = backfill(lake, as_of=NOW)

        assert "buyer_refused_count_30d" in done.names
        assert "buyer_refused_ratio" in done.names
        assert "buyer_placed_count_1h" not in done.names
        after = dict(duckdb.sql(values_sql(lake, "buyer_refused_count_30d")).fetchall())
        assert before.keys() == after.keys()
        assert sum(after.values()) < sum(before.values())
        both = duckdb.sql(values_sql(lake, "buyer_placed_count_24h", "buyer_refused_ratio")).fetchall()
        assert len(both) == 400

    def test_nothing_after_the_moment_is_in_it(self, lake):
        assert backfill(lake, as_of=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=50)).rows == 50
