"""What the gateway forwards where: each service declares its public path prefixes here-shaped. Not here: the gateway."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicService:
    """A service behind the gateway: requests whose path starts with a prefix go to its address."""

    name: str
    url: str
    prefixes: tuple[str, ...]
    health_path: str | None = None
    # Streams and web sockets must not be cut by the answer time-out.
    is_streaming: bool = False
    priority: int = 10
