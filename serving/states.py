"""The states behind the online features, in PostgreSQL: the truth that Valkey copies and that decisions fall back to.

Written by the feeder alone, together with its place in the stream, so an event counts once. Not here: what a state holds
(`models.features.online`), the copy (`store`), which of the two a decision reads (`lookup`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg

from foundation.database import Database, execute, fetch_all, fetch_one
from foundation.outbox import Cursor
from foundation.statements import load_statements
from models.features.catalogue import CHECKOUT
from models.features.online import State, decode, empty_state, encode, entity_plans

SQL = load_statements(__file__)
PLANS = entity_plans(CHECKOUT)
DECLARED = CHECKOUT.fingerprint

#: Entity and key, such as ("buyer", "0198…").
Key = tuple[str, str]


class StoreUnavailable(Exception):
    """The features are away, late, not built or something else: decide without them and say so."""


class TakenOver(Exception):
    """Another feeder moved on, or a rebuild was asked for: look again where the stream stands."""


@dataclass(frozen=True)
class Standing:
    """Where the states stand in the stream of events."""

    cursor: Cursor
    is_rebuild_asked: bool


class StateTable:
    """States by entity and key in `scoring.feature_states`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self) -> Standing | None:
        """Where the states stand; None before they are built."""
        async with self._database.connection() as connection:
            row = await fetch_one(connection, SQL["standing"], declared=DECLARED)
        return Standing(Cursor(int(row["xid"]), row["seq"]), row["is_rebuild_asked"]) if row else None

    async def read(self, wanted: Iterable[Key]) -> dict[Key, State]:
        """States of these entities; one never seen has an empty one.

        Raises:
            StoreUnavailable: they are not built, or hold something else.
            Unavailable: PostgreSQL cannot be reached.
        """
        keys = list(wanted)
        async with self._database.connection() as connection:
            rows = await fetch_all(
                connection, SQL["read_states"], declared=DECLARED,
                entities=[entity for entity, _ in keys], keys=[key for _, key in keys],
            )  # fmt: skip
        if not rows:
            raise StoreUnavailable("the online features are not built yet")
        found = {(row["entity"], row["key"]): row["state"] for row in rows if row["entity"] is not None}
        try:
            return {
                key: decode(found[key], PLANS[key[0]]) if key in found else empty_state(PLANS[key[0]]) for key in keys
            }
        except ValueError as error:
            raise StoreUnavailable(str(error)) from error

    async def save(self, states: Mapping[Key, State], *, old: Cursor, new: Cursor) -> None:
        """Write states and the place in the stream, all or nothing.

        Raises:
            TakenOver: the stream stands elsewhere; nothing was written.
            Unavailable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            moved = await fetch_one(
                connection, SQL["move_cursor"], declared=DECLARED, xid=str(new.xid), seq=new.seq,
                old_xid=str(old.xid), old_seq=old.seq,
            )  # fmt: skip
            if moved is None:
                raise TakenOver
            if states:
                await execute(
                    connection, SQL["save_states"], declared=DECLARED,
                    entities=[entity for entity, _ in states], keys=[key for _, key in states],
                    states=[encode(state, PLANS[entity]) for (entity, _), state in states.items()],
                )  # fmt: skip

    async def ask_rebuild(self) -> bool:
        """Have the feeder build the states anew from history; False if they were never built, then it does so anyway."""
        async with self._database.connection() as connection:
            return await fetch_one(connection, SQL["ask_rebuild"], declared=DECLARED) is not None


def replace_states(url: str, states: Mapping[Key, State], cursor: Cursor) -> None:
    """Write all states anew, in one transaction: decisions see the old ones or the new ones.

    Raises:
        psycopg.Error.
    """
    with psycopg.connect(url, application_name="features") as connection:
        # Two feeders that build at once take turns.
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"features:{DECLARED}"])
        connection.execute(SQL["forget_states"], {"declared": DECLARED})
        connection.execute(SQL["forget_retired"], {"declared": DECLARED})
        with (
            connection.cursor() as writer,
            writer.copy(
                "copy scoring.feature_states (declared, entity, key, state) from stdin (format binary)"
            ) as rows,
        ):
            rows.set_types(["text", "text", "text", "bytea"])
            for (entity, key), state in states.items():
                rows.write_row((DECLARED, entity, key, encode(state, PLANS[entity])))
        connection.execute(SQL["start_cursor"], {"declared": DECLARED, "xid": str(cursor.xid), "seq": cursor.seq})
