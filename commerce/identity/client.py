"""From where a request comes: keyed hashes of device, address and program, never the values. Not here: routes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from commerce.context import Commerce
from commerce.identity.rules import platform_of


@dataclass(frozen=True)
class Client:
    """A caller's machine, as far as the shop remembers it."""

    source_index: str
    # Address and program together.
    client_index: str
    platform: str


def _client(request: Request) -> Client:
    commerce: Commerce = request.app.state.commerce
    # Behind the gateway the server takes the address from X-Forwarded-For of the trusted proxy.
    host = request.client.host if request.client else "unknown"
    agent = request.headers.get("user-agent")
    return Client(
        source_index=commerce.cipher.index(host, "source"),
        client_index=commerce.cipher.index(f"{host} {agent}", "client"),
        platform=platform_of(agent),
    )


ThisClient = Annotated[Client, Depends(_client)]
