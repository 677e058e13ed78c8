"""The sandbox bank: transfers to accounts and wallets over HTTP, a statement of what became of them, a control desk.

`POST /v1/transfers` is accepted once for each reference (409 after that); the statement tells the outcome: paid,
rejected, or returned after it was paid. Not here: anybody's reason to pay.
"""

import json
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, Response

from foundation.settings import Settings, load_settings
from sandbox.bkash.faults import Faults, misbehave

TABLES = """
create table if not exists transfers (
    reference text primary key, transfer_id text not null, account text not null, amount text not null, status text not null
);
create table if not exists statement (seq integer primary key autoincrement, reference text not null, status text not null);
create table if not exists faults (id integer primary key check (id = 1), document text not null);
"""
# An account that ends so does not exist; money to one that ends so comes back.
NO_SUCH, COMES_BACK = "0000", "0001"
Row = dict[str, Any]
admin = APIRouter(prefix="/admin", tags=["for tests and operators"])


class NotAuthorised(Exception):
    """Bad key."""


async def authorised(request: Request, x_api_key: Annotated[str, Header()] = "") -> None:
    """The merchant's key, or 401."""
    if x_api_key != request.app.state.settings.bank_api_key:
        raise NotAuthorised


router = APIRouter(prefix="/v1", tags=["transfers"], dependencies=[Depends(authorised)])


@router.post("/transfers")
async def transfer(request: Request, body: dict[str, Any]) -> Response:
    """Send money, once for each reference."""
    fault = request.app.state.faults.draw("transfers")
    if fault is not None and not fault.startswith("act"):
        return await misbehave(fault, request)
    store: Store = request.app.state.store
    reference, account = str(body.get("reference", "")), str(body.get("account", ""))
    if not reference or len(account) < 6 or not str(body.get("amount", "")).replace(".", "").isdigit():
        return JSONResponse({"error": "invalid_request"}, 422)
    if store.find(reference) is not None:
        return JSONResponse({"error": "duplicate_reference", **(store.find(reference) or {})}, 409)
    store.add(reference, account, str(body["amount"]))
    if fault is not None:
        return await misbehave(fault, request)
    return JSONResponse(store.find(reference), 202)


@router.get("/transfers/{reference}")
async def find(request: Request, reference: str) -> Response:
    """State of a transfer by the sender's reference."""
    fault = request.app.state.faults.draw("find")
    if fault is not None:
        return await misbehave(fault, request)
    found = request.app.state.store.find(reference)
    return JSONResponse(found, 200) if found else JSONResponse({"error": "not_found"}, 404)


@router.get("/statement")
async def statement(request: Request, after: int = 0) -> list[Row]:
    """What became of transfers, in order; `after` is the last `seq` read."""
    store: Store = request.app.state.store
    return store.statement(after)


@admin.post("/transfers/{reference}/status")
async def set_status(request: Request, reference: str, status: Annotated[str, Body(embed=True)]) -> dict[str, str]:
    """Decide a transfer: paid, rejected, returned."""
    request.app.state.store.decide(reference, status)
    return {"status": status}


@admin.get("/transfers")
async def transfers(request: Request) -> list[Row]:
    """Every transfer."""
    store: Store = request.app.state.store
    return store.transfers()


@admin.put("/faults")
async def set_faults(request: Request, script: dict[str, Any]) -> dict[str, Any]:
    """Replace the fault script; {} ends all faults."""
    request.app.state.store.set_faults(script)
    request.app.state.faults = Faults(script)
    return script


class Store:
    """The bank's books in SQLite."""

    def __init__(self, path: Any) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"pragma journal_mode = wal; {TABLES}")

    def add(self, reference: str, account: str, amount: str) -> None:
        """Take a transfer and carry it out at once, unless the account forbids it."""
        self._connection.execute(
            "insert into transfers values (?, ?, ?, ?, 'accepted')",
            (reference, f"BT{secrets.token_hex(6)}", account, amount),
        )
        self.decide(reference, "rejected" if account.endswith(NO_SUCH) else "paid")
        if account.endswith(COMES_BACK):
            self.decide(reference, "returned")

    def decide(self, reference: str, status: str) -> None:
        """Note an outcome on the statement."""
        self._connection.execute("update transfers set status = ? where reference = ?", (status, reference))
        self._connection.execute("insert into statement (reference, status) values (?, ?)", (reference, status))

    def find(self, reference: str) -> Row | None:
        """A transfer; its account is not repeated."""
        row = self._connection.execute(
            "select reference, transfer_id, amount, status from transfers where reference = ?", (reference,)
        ).fetchone()
        return dict(row) if row else None

    def transfers(self) -> list[Row]:
        """Every transfer."""
        return [dict(row) for row in self._connection.execute("select * from transfers")]

    def statement(self, after: int) -> list[Row]:
        """Outcomes after a number."""
        rows = self._connection.execute("select * from statement where seq > ? order by seq limit 100", (after,))
        return [dict(row) for row in rows]

    def faults(self) -> Row:
        """The fault script in force."""
        row = self._connection.execute("select document from faults where id = 1").fetchone()
        return dict(json.loads(row[0])) if row else {}

    def set_faults(self, document: Row) -> None:
        """Replace the fault script."""
        self._connection.execute("insert or replace into faults values (1, ?)", (json.dumps(document),))

    def close(self) -> None:
        """Close the books."""
        self._connection.close()


async def _unauthorised(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "unauthorised"}, 401)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; opens its books when it starts."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.folder("sandbox") / "bank.sqlite")
        app.state.faults = Faults(app.state.store.faults())
        yield
        app.state.store.close()

    app = FastAPI(title="Bank sandbox", lifespan=lifespan)
    app.state.settings = settings
    app.add_exception_handler(NotAuthorised, _unauthorised)
    app.include_router(router)
    app.include_router(admin)
    return app
