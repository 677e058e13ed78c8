"""The sandbox providers in one process: bKash at the root, Pathao, the bank and messengers below their names.

Start: `uvicorn sandbox.app:create_app --factory`. Only `/bkash` is behind the gateway. Not here: any protocol.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from foundation.settings import Settings, load_settings
from sandbox.bank.app import create_app as create_bank
from sandbox.bkash.app import create_app as create_bkash
from sandbox.courier.app import create_app as create_courier
from sandbox.messages.app import create_app as create_messages


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; a mounted one does not start by itself, so this one starts them."""
    settings = settings or load_settings()
    parts = {
        "/pathao": create_courier(settings),
        "/bank": create_bank(settings),
        "/messages": create_messages(settings),
        "/": create_bkash(settings),
    }

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for part in parts.values():
                await stack.enter_async_context(part.router.lifespan_context(part))
            yield

    app = FastAPI(title="GetIt sandbox", lifespan=lifespan, openapi_url=None)
    app.state.parts = parts
    for path, part in parts.items():
        app.mount(path, part)
    return app
