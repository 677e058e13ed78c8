"""Two processes of the commerce API on one database, each of which a test may kill and start again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from conftest import free_port


@dataclass
class Servers:
    """API processes by number."""

    start_one: Callable[[int], object]
    ports: list[int]
    processes: dict[int, object] = field(default_factory=dict)

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number % len(self.ports)]}"

    def start(self, number: int) -> None:
        self.processes[number] = self.start_one(self.ports[number])

    def kill(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].wait()

    def wait_ready(self, number: int) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                if httpx.get(f"{self.url(number)}/health/ready", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, "commerce did not start"
            time.sleep(0.02)


@pytest.fixture
def servers(settings, launch):
    def start_one(port: int) -> object:
        own = settings.model_copy(update={"commerce_port": port})
        return launch(
            own, "-m", "uvicorn", "commerce.app:create_app", "--factory", "--port", str(port), "--no-access-log",
            "--log-level", "critical",
        )  # fmt: skip

    servers = Servers(start_one, [free_port(), free_port()])
    for number in (0, 1):
        servers.start(number)
    for number in (0, 1):
        servers.wait_ready(number)
    return servers
