"""The supervisor on real processes: order, restart, orderly stop, and no orphan when it is killed itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

PROGRAM = """
import asyncio, signal, sys
from foundation.settings import load_settings
from getit import probes, services
from getit.services import Service
from getit.supervisor import Supervisor

settings = load_settings()

def web(name, port, *needs):
    # A child with a grandchild: both must go.
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'http.server', '{port}', '--bind', '127.0.0.1']); p.wait()"
    return Service(name, lambda: [sys.executable, "-c", code], probes.port("127.0.0.1", port), needs=needs, ports={"GETIT_X": port})

async def main():
    supervisor = Supervisor(settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    (settings.folder("run") / "supervisor.pid").write_text(str(__import__("os").getpid()))
    await supervisor.start([*services.engine_services(settings), web("second", settings.serving_port, "first"),
                            web("first", settings.commerce_port, "postgres")])
    await stop.wait()
    await supervisor.stop()

asyncio.run(main())
"""


class Running:
    def __init__(self, settings, environment):
        self.settings = settings
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, start_new_session=True)

    def state(self):
        try:
            document = json.loads((self.settings.home / "run" / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return {row["name"]: row for row in document["services"]}

    def until(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: {self.state()}"
            assert self.process.poll() is None, "the supervisor ended"
            time.sleep(0.05)

    def is_all_running(self):
        rows = self.state()
        return len(rows) == 4 and all(row["state"] == "running" for row in rows.values())

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def running(base_settings, tmp_path, child_environment):
    def free():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    tmp_path.chmod(0o755)
    ports = {f"{name}_port": free() for name in ("postgres", "valkey", "commerce", "serving")}
    settings = base_settings.model_copy(update={"home": tmp_path / "home", **ports})
    running = Running(settings, child_environment(settings))
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(30)


def test_starts_in_order_restarts_the_killed_and_stops_in_reverse(running):
    running.until(running.is_all_running, "not all running")
    rows = running.state()
    born = {name: psutil.Process(row["pid"]).create_time() for name, row in rows.items()}
    assert born["postgres"] <= born["first"] <= born["second"]

    for victim in ("first", "postgres"):
        os.kill(rows[victim]["pid"], signal.SIGKILL)
        running.until(
            lambda victim=victim: running.is_all_running() and running.state()[victim]["pid"] != rows[victim]["pid"],
            f"{victim} was not restarted",
        )
        assert running.state()[victim]["restarts"] == 1

    family = running.family()
    running.process.terminate()
    assert running.process.wait(30) == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert {row["state"] for row in running.state().values()} == {"stopped"}


def test_a_killed_supervisor_leaves_no_orphan(running):
    running.until(running.is_all_running, "not all running")
    family = running.family()
    assert len(family) >= 6

    running.process.kill()
    running.process.wait()

    assert psutil.wait_procs(family, timeout=30)[1] == []


def test_a_taken_port_names_the_setting_and_the_owner(run, base_settings):
    from getit.child import Child, PortTaken
    from getit.services import Service

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        service = Service("commerce", lambda: ["true"], lambda: None, ports={"GETIT_COMMERCE_PORT": port})
        with pytest.raises(PortTaken) as caught:
            run(Child.start(service, environment={}, log=base_settings.folder("logs") / "x.log", host="127.0.0.1"))

    assert "GETIT_COMMERCE_PORT" in str(caught.value)
    assert str(os.getpid()) in str(caught.value)
