"""Origins of columns through queries, unions, own past and counts; a renamed column is followed, a condition is not."""

import pytest

from pipelines.ingest.sources import SourceColumn, SourceTable
from pipelines.lineage import Lineage, Origin


def table(schema, name, *columns):
    return SourceTable(schema, name, tuple(SourceColumn(one, "text", one) for one in columns), (columns[0],))


@pytest.fixture
def lineage():
    found = Lineage(
        [table("orders", "orders", "id", "total_poisha", "seller_id"), table("sellers", "sellers", "id", "name")]
    )
    found.add(
        "staging.stg_orders", "select id as order_id, total_poisha as amount, seller_id from db.raw.orders__orders"
    )
    return found


def origins(lineage, sql):
    return {name: sorted(map(str, found)) for name, found in lineage.of_query(sql).items()}


def test_a_column_is_followed_through_its_names(lineage):
    lineage.add(
        "marts.fct",
        "with o as (select * from staging.stg_orders where amount > 0)"
        " select s.name as seller, sum(o.amount)::bigint as sales from o"
        " join raw.sellers__sellers as s on s.id = o.seller_id group by s.name",
    )
    assert origins(lineage, "select seller, sales / 100.0 as taka from marts.fct") == {
        "seller": ["sellers.sellers.name"],
        "taka": ["orders.orders.total_poisha"],
    }


def test_both_sides_of_a_union_count(lineage):
    sql = "select order_id as key from staging.stg_orders union all select id from raw.sellers__sellers"
    assert origins(lineage, sql) == {"key": ["orders.orders.id", "sellers.sellers.id"]}


def test_a_count_of_rows_has_tables_and_a_constant_nothing(lineage):
    sql = "select count(*) as n, 'web' as channel from staging.stg_orders"
    assert origins(lineage, sql) == {"n": ["orders.orders.(rows)"], "channel": []}


def test_what_no_query_makes_is_an_origin(lineage):
    assert lineage.of_query("select f.units from marts_ml.demand_forecast as f")["units"] == {
        Origin("marts_ml.demand_forecast", "units")
    }


def test_a_model_that_reads_its_own_past_comes_from_its_present(lineage):
    lineage.add(
        "marts.history",
        "select order_id, amount from staging.stg_orders union all select order_id, amount from marts.history",
    )
    assert origins(lineage, "select amount from marts.history") == {"amount": ["orders.orders.total_poisha"]}
