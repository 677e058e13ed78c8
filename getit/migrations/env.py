"""Alembic's environment: the metadata of every service, the connection it is given. Not here: migrations."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from getit.schema import SCHEMAS, metadata


def _configure(connection: Connection | None = None, url: str | None = None) -> None:
    context.configure(
        connection=connection,
        url=url,
        target_metadata=metadata,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name in SCHEMAS,
        version_table_schema="platform",
        literal_binds=connection is None,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _configure(url="postgresql+psycopg://")
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as opened:
        _configure(opened)
        opened.commit()
