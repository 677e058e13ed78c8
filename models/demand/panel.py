"""Weekly sales as matrices: series × weeks, from daily sales. Not here: features, forecasts.

A week is a trailing block of seven days that ends on the last complete Dhaka date: no half week ever enters.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from foundation.clock import business_date
from models.family import NotEnoughData

Matrix = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]

DAYS = 7
MATRICES = ("units", "sales", "discount")
#: Fewer weeks than this teach nothing about eight weeks ahead.
LEAST_WEEKS = 20


@dataclass(frozen=True)
class Panel:
    """Series × weeks. `groups` is what a series belongs to: its category, or a category's department."""

    keys: Words
    groups: Words
    units: Matrix
    sales: Matrix
    discount: Matrix
    #: First day of week 0.
    first_day: date

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return int(self.units.shape[1])

    def __len__(self) -> int:
        return len(self.keys)

    def select(self, rows: npt.NDArray[np.bool_]) -> "Panel":
        """The series for which `rows` is true."""
        return replace(self, **{name: getattr(self, name)[rows] for name in ("keys", "groups", *MATRICES)})

    def until(self, origin: int) -> "Panel":
        """History up to and including week `origin`."""
        return replace(self, **{name: getattr(self, name)[:, : origin + 1] for name in MATRICES})

    def divided(self, factors: Matrix) -> "Panel":
        """Units and money divided by a factor of each series and week; prices stay what they are."""
        return replace(self, **{name: getattr(self, name) / factors for name in MATRICES})


def active_weeks(panel: Panel, origin: int, window: int | None = None) -> npt.NDArray[np.int64]:
    """Weeks with sales among the last `window` weeks (all, if None) up to an origin."""
    history = panel.units[:, : origin + 1]
    return np.asarray((history[:, -(window or panel.weeks) :] > 0).sum(axis=1))


def last_complete_date(as_of: datetime) -> date:
    """The Dhaka date before the one that runs at `as_of`."""
    return business_date(as_of) - timedelta(days=1)


def write_weeks(lake: Path, target: Path, as_of: datetime, *, longest_weeks: int = 104) -> Path:
    """Weekly sales of countable goods as Parquet: one row a product and week (`week_no` 0 is the latest).

    Raises:
        NotEnoughData: fewer than `LEAST_WEEKS` whole weeks of sales.
    """
    sales = lake / "marts" / "fct_sales_daily_product.parquet"
    end = last_complete_date(as_of)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(
            f"""
            copy (
                select product_id, any_value(category_path) as category_path, any_value(department) as department,
                    (date '{end}' - sold_on::date) // {DAYS} as weeks_ago,
                    sum(units)::double as units, sum(sales_poisha)::bigint as sales_poisha,
                    sum(discount_poisha)::bigint as discount_poisha,
                    date '{end}' as ends_on
                from read_parquet('{sales}')
                where is_countable and sold_on <= date '{end}' and sold_on > date '{end}' - {DAYS * longest_weeks}
                group by product_id, weeks_ago order by product_id, weeks_ago
            ) to '{target}' (format parquet)
            """
        )
        row = connection.execute(f"select max(weeks_ago) from read_parquet('{target}')").fetchone()
    weeks = 0 if row is None or row[0] is None else int(row[0])
    if weeks < LEAST_WEEKS:
        raise NotEnoughData(f"{weeks} whole weeks of sales; forecasts need {LEAST_WEEKS}. Import history or wait.")
    return target


def read_panels(dataset: Path) -> tuple[Panel, Panel, date]:
    """Products, categories, and the last day of the latest week. The oldest, incomplete block is left out."""
    with duckdb.connect() as connection:
        query = f"select * from read_parquet('{dataset}')"
        frame = connection.execute(query).fetchnumpy()
        ends = connection.execute(f"select max(ends_on) from ({query})").fetchone()
    if ends is None or not isinstance(ends[0], date):
        raise NotEnoughData("The training set is empty: import sales first.")
    weeks = int(frame["weeks_ago"].max())
    columns = weeks - 1 - frame["weeks_ago"].astype(int)
    whole = columns >= 0
    first_day = ends[0] - timedelta(days=DAYS * weeks - 1)
    values = [frame[name].astype(float)[whole] for name in ("units", "sales_poisha", "discount_poisha")]
    product, category = (frame[name].astype(str)[whole] for name in ("product_id", "category_path"))
    department = frame["department"].astype(str)[whole]
    at = columns[whole]
    return (
        pivot(product, category, at, values=values, weeks=weeks, first_day=first_day),
        pivot(category_of(category), department, at, values=values, weeks=weeks, first_day=first_day),
        ends[0],
    )


def category_of(paths: Words) -> Words:
    """Second level of category paths ("Department > Category > Type"): the level that is forecast by itself."""
    unique, inverse = np.unique(paths, return_inverse=True)
    return np.asarray([" > ".join(path.split(" > ")[:2]) for path in unique])[inverse]


def pivot(
    keys: Words, groups: Words, columns: npt.NDArray[np.int64], *, values: list[Matrix], weeks: int, first_day: date
) -> Panel:
    """Panel from rows; rows of one cell are added up."""
    unique, first, row = np.unique(keys, return_index=True, return_inverse=True)
    matrices = []
    for value in values:
        matrix = np.zeros((len(unique), weeks))
        np.add.at(matrix, (row, columns), value)
        matrices.append(matrix)
    units, sales, discount = matrices
    return Panel(unique, groups[first], units, sales, discount, first_day)
