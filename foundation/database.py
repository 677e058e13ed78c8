"""PostgreSQL access: the pool of a process and the unit of work (one transaction). Not here: SQL, tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from foundation import rows
from foundation.errors import Conflict, InvalidInput, Unavailable

Connection = AsyncConnection[DictRow]

# Limits of a request's transaction: a stuck one must not hold the outbox horizon back for long.
SESSION_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
}


RETRY_PAUSE_S = 0.05


class Database:
    """Pool of connections to one database."""

    def __init__(self, url: str, *, size: int, name: str, role: str = "none") -> None:
        self._role = role
        self._restricted: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
        options = {"application_name": name, "autocommit": True, "row_factory": dict_row, "prepare_threshold": 2}
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            kwargs=options,
            configure=_limit_session,
            check=None,
            timeout=3.0,
            # Left to itself the pool doubles its pauses after an outage; this one gives up soon and begins anew at once.
            reconnect_timeout=0.25,
            reconnect_failed=self._connect_anew,
            open=False,
        )

    async def _connect_anew(self, pool: AsyncConnectionPool[Connection]) -> None:
        """Ask for one connection in place of the one that could not be made: whoever waits gets it."""
        await asyncio.sleep(RETRY_PAUSE_S)
        if not pool.closed:
            await pool.resize(0, pool.max_size)
            await pool.resize(1, pool.max_size)

    async def open(self) -> None:
        """Open the pool; does not wait for PostgreSQL, so that a service starts and reports not ready."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit, for single reads.

        Raises:
            Unavailable: PostgreSQL cannot be reached or no connection came free in time.
            InvalidInput: a text holds a NUL character.
            Conflict: another request holds the rows (lock time-out, deadlock).
        """
        try:
            async with self._pool.connection() as connection:
                await self._restrict(connection)
                yield connection
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            raise Conflict("Another request is changing the same thing. Try again.") from error
        except psycopg.DataError as error:
            # The driver refuses what PostgreSQL text cannot hold; anything else is a mistake of ours.
            if "NUL" not in str(error):
                raise
            raise InvalidInput("A text holds a NUL character. Remove it and send the request again.") from error
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unavailable from error

    async def _restrict(self, connection: Connection) -> None:
        """Put the wall where the work at hand needs it: nothing to do when the connection's last work had the same."""
        wanted = rows.current()
        if self._restricted.get(connection, "") == wanted:
            return
        role = rows.ROLE if wanted else self._role
        await connection.execute(rows.RESTRICT, [role, wanted])
        self._restricted[connection] = wanted

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction (READ COMMITTED): committed at the end of the block, rolled back on any exception."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Connection]:
        """As `transaction`, with statements sent together: none waits for its answer until a row is fetched.

        For the hot paths. An error of a statement is raised by the next fetch or at the end of the block, and rolls all
        back; `execute` cannot tell how many rows it touched (use RETURNING and `fetch_one` where that matters).
        """
        async with self.connection() as connection, connection.pipeline(), connection.transaction():
            yield connection


async def _limit_session(connection: AsyncConnection[Any]) -> None:
    for setting, value in SESSION_LIMITS.items():
        await connection.execute(f"set {setting} = '{value}'")


async def fetch_all(connection: Connection, statement: str, **params: object) -> list[DictRow]:
    """All rows of a statement, as dictionaries."""
    cursor = await connection.execute(statement, params)
    return await cursor.fetchall()


async def fetch_one(connection: Connection, statement: str, **params: object) -> DictRow | None:
    """First row of a statement, or None."""
    cursor = await connection.execute(statement, params)
    return await cursor.fetchone()


async def execute(connection: Connection, statement: str, **params: object) -> int:
    """Run a statement; number of rows it touched."""
    cursor = await connection.execute(statement, params)
    return cursor.rowcount
