"""The sandbox provider's process: `uvicorn sandbox.bkash.app:create_app --factory`.

`/admin` (fault script, statement of captures) is not behind the gateway. Not here: the protocol.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from foundation.settings import Settings, load_settings
from sandbox.bkash import api, pages
from sandbox.bkash.faults import Faults
from sandbox.bkash.store import Store

admin = APIRouter(prefix="/admin", tags=["for tests and operators"])


@admin.get("/captures")
async def captures(request: Request) -> list[dict[str, Any]]:
    """Money taken, payment by payment."""
    store: Store = request.app.state.store
    return store.captures()


@admin.put("/faults")
async def set_faults(request: Request, script: dict[str, Any]) -> dict[str, Any]:
    """Replace the fault script; {} ends all faults."""
    store: Store = request.app.state.store
    store.set_faults(script)
    request.app.state.faults = Faults(script)
    return script


@admin.get("/health")
async def health() -> dict[str, str]:
    """The process runs."""
    return {"status": "pass"}


async def _unauthorised(_: Request, __: Exception) -> Response:
    return JSONResponse({"message": "The incoming token has expired"}, 401)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; opens its books when it starts."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.folder("sandbox") / "bkash.sqlite")
        app.state.faults = Faults(app.state.store.faults())
        app.state.tokens = {}
        yield
        app.state.store.close()

    app = FastAPI(title="bKash sandbox", lifespan=lifespan, docs_url="/bkash/docs", openapi_url="/bkash/openapi.json")
    app.state.settings = settings
    app.add_exception_handler(api.NotAuthorised, _unauthorised)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.include_router(admin)
    return app
