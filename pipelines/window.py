"""Which business dates a build of the warehouse must rebuild: those that late or changed rows belong to. Not here: dbt."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg

from pipelines import quality

Connection = psycopg.Connection[Any]

# Rows that arrived or changed since the last build, as the business date whose facts they are part of.
CHANGED = """
with changed (at) as (
    select placed_at from raw.orders__order_groups where _load_no > %(built)s
    union all
    select placed_at from raw.orders__orders where _load_no > %(built)s
    union all
    select groups.placed_at from raw.payments__attempts as attempts
    join raw.orders__order_groups as groups on groups.id = attempts.group_id
    where attempts._load_no > %(built)s
    union all
    select created_at from raw.payments__attempts where _load_no > %(built)s
    union all
    select groups.placed_at from raw.risk__labels as labels
    join raw.orders__order_groups as groups on groups.id = labels.group_id
    where labels._load_no > %(built)s
    union all
    select groups.placed_at from raw.risk__decisions as decisions
    join raw.orders__order_groups as groups on groups.id = decisions.group_id
    where decisions._load_no > %(built)s
)

select
    min((at at time zone 'Asia/Dhaka')::date),
    max((at at time zone 'Asia/Dhaka')::date)
from changed
"""

# Facts repeat a few attributes of sellers, districts and products; when one of those changes, every date is affected.
ATTRIBUTES_CHANGED = """
select exists (
    select 1 from marts.dim_product as built
    join raw.catalog__products as product on product.id = built.product_id
    join raw.catalog__categories as category on category.id = product.category_id
    where (category.path, product.uom) is distinct from (built.category_path, built.uom)
) or exists (
    select 1 from marts.dim_seller as built
    join raw.sellers__sellers as seller on seller.id = built.seller_id
    where seller.name <> built.name
) or exists (
    select 1 from marts.dim_district as built
    join raw.reference__districts as district using (district_code)
    where (district.district_name_en, district.division_name_en)
        is distinct from (built.district_name_en, built.division_name_en)
)
"""


@dataclass(frozen=True)
class Window:
    """Business dates to rebuild, both included; `is_full` when that is everything."""

    min_on: date
    max_on: date
    is_full: bool = False

    def dates(self) -> list[date]:
        """Every date of the window."""
        return [self.min_on + timedelta(days=offset) for offset in range((self.max_on - self.min_on).days + 1)]

    def widened(self, other: "Window") -> "Window":
        """The smallest window that holds both."""
        return Window(
            min(self.min_on, other.min_on), max(self.max_on, other.max_on), is_full=self.is_full or other.is_full
        )


def due_window(warehouse: Connection, *, first_on: date, today: date) -> Window:
    """What the rows that came since the last build make necessary; today's date always belongs to it."""
    built = quality.last_built(warehouse)
    everything = Window(first_on, today, is_full=True)
    if built == 0 or _changed_attributes(warehouse):
        return everything
    row = warehouse.execute(CHANGED, {"built": built}).fetchone()
    if row is None or row[0] is None:
        return Window(today, today)
    return Window(min(row[0], today), max(row[1], today), is_full=row[0] <= first_on)


def _changed_attributes(warehouse: Connection) -> bool:
    built = warehouse.execute("select to_regclass('marts.dim_product')").fetchone()
    if built is None or built[0] is None:
        return True
    row = warehouse.execute(ATTRIBUTES_CHANGED).fetchone()
    return bool(row and row[0])


def ingested_horizon(warehouse: Connection) -> int:
    """Transaction up to which every raw table is complete."""
    row = warehouse.execute("select coalesce(min(changed_xid), 0) from raw.extract_cursors").fetchone()
    return int(row[0]) if row else 0


def last_load(warehouse: Connection) -> int:
    """Number of the newest load."""
    row = warehouse.execute("select coalesce(max(load_no), 0) from raw.loads").fetchone()
    return int(row[0]) if row else 0
