"""Ports for what tests start: each given once, apart for every process that shares the suite. Not here: who listens."""

import os
import random
import socket

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Below those that the kernel gives to outgoing connections.
FIRST = 20_000 + 3_000 * WORKER
_ports = iter(range(FIRST + random.SystemRandom().randrange(1_500), FIRST + 3_000))


def free_port() -> int:
    """A port that nobody listens on."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port left")
