"""Reference facts that no commerce table holds (places of Bangladesh), landed beside the extract. Not here: the facts."""

from typing import Any

import psycopg

from foundation.bangladesh import places

Connection = psycopg.Connection[Any]

COLUMNS = (
    "district_code",
    "district_name_en",
    "district_name_bn",
    "division_code",
    "division_name_en",
    "division_name_bn",
)


def land_districts(warehouse: Connection) -> int:
    """Write the districts that are missing or different; number of rows written."""
    declared = ", ".join(f"{name} text not null" for name in COLUMNS)
    warehouse.execute(f"create table if not exists raw.reference__districts ({declared}, primary key (district_code))")
    rows = [
        (
            district.code,
            district.name_en,
            district.name_bn,
            district.division_code,
            district.division_name_en,
            district.division_name_bn,
        )
        for district in places.districts()
    ]
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    present = ", ".join(f"d.{name}" for name in COLUMNS)
    offered = ", ".join(f"excluded.{name}" for name in COLUMNS)
    with warehouse.cursor() as cursor:
        cursor.executemany(
            f"insert into raw.reference__districts as d values ({', '.join(['%s'] * len(COLUMNS))})"
            f" on conflict (district_code) do update set {changes} where ({present}) is distinct from ({offered})",
            rows,
        )
        return cursor.rowcount
