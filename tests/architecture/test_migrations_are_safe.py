"""Migrations run while the shop is open: no long locks, and nothing is taken away that running code still uses."""

from pathlib import Path

import pytest
from migration_lint import problems

VERSIONS = sorted((Path(__file__).parents[2] / "getit" / "migrations" / "versions").glob("*.py"))
# The first tables were made before anybody used them.
BEFORE_ANYBODY = {"0001", "0002", "0003", "0004"}


@pytest.mark.parametrize(
    "path", [one for one in VERSIONS if one.name[:4] not in BEFORE_ANYBODY], ids=lambda path: path.name
)
def test_a_migration_stops_nobody(path):
    assert problems(path) == []


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("op.create_index('ix', 'orders', ['a'], schema='orders')", "concurrently"),
        ("op.execute('create index ix on orders.orders (a)')", "concurrently"),
        ("op.add_column('orders', sa.Column('a', sa.Text(), nullable=False), schema='orders')", "default"),
        ("op.execute('alter table orders.orders add column a text not null')", "default"),
        ("op.execute('alter table orders.orders add column a uuid not null default gen_random_uuid()')", "volatile"),
        ("op.alter_column('orders', 'a', type_=sa.BigInteger(), schema='orders')", "type"),
        ("op.execute('alter table orders.orders alter column a type bigint')", "type"),
        ("op.execute('alter table orders.orders add constraint c check (a > 0)')", "not valid"),
        ("op.create_check_constraint('c', 'orders', 'a > 0', schema='orders')", "not valid"),
        ("op.execute('alter table orders.orders alter column a set not null')", "not null"),
        ("op.drop_column('orders', 'a', schema='orders')", "contract"),
        ("op.execute('alter table orders.orders rename column a to b')", "contract"),
    ],
)  # fmt: skip
def test_what_would_stop_the_shop_is_seen(tmp_path, step, why):
    """The broken twins."""
    path = tmp_path / "0999_bad.py"
    path.write_text(f"import sqlalchemy as sa\nfrom alembic import op\n\n\ndef upgrade() -> None:\n    {step}\n")
    assert any(why in problem for problem in problems(path))


def test_a_new_table_may_have_everything(tmp_path):
    path = tmp_path / "0999_good.py"
    path.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n\ndef upgrade() -> None:\n"
        "    op.create_table('t', sa.Column('a', sa.Text(), nullable=False), schema='s')\n"
        "    op.create_index('ix', 't', ['a'], schema='s')\n"
        "    op.execute('alter table orders.orders add constraint c check (a > 0) not valid')\n"
    )
    assert problems(path) == []
