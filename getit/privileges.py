"""What a child does to itself before it becomes its program: die with its parent, drop root, give way. Linux only.

PostgreSQL refuses to run as root. As root we do not create a system user: the child enters a user namespace in which
our uid 0 appears as uid 1; where namespaces are forbidden it becomes `nobody`. Not here: starting processes.
"""

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x1000_0000
INNER_UID = 1
NOBODY = 65534
BACKGROUND_NICENESS = 10
AUTOGROUP = Path("/proc/self/autogroup")

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when the thread that started it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def _enter_namespace() -> None:
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_UID} 0 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_UID} 0 1")


def has_user_namespaces() -> bool:
    """Whether a child of ours may enter a user namespace; tried in a throw-away child."""
    pid = os.fork()
    if pid == 0:
        try:
            _enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return status == 0


def give_way() -> None:
    """Let others have the processor first. Where the kernel shares it out by session, the session gives way as well."""
    os.nice(BACKGROUND_NICENESS)
    with contextlib.suppress(OSError):
        AUTOGROUP.write_text(str(BACKGROUND_NICENESS))


def before_exec(
    *, death_signal: int = signal.SIGTERM, drops_root: bool = False, is_background: bool = False
) -> Callable[[], None]:
    """What `subprocess` runs in the child between fork and exec."""
    in_namespace = drops_root and os.geteuid() == 0 and has_user_namespaces()
    to_nobody = drops_root and os.geteuid() == 0 and not in_namespace

    def prepare() -> None:
        if in_namespace:
            _enter_namespace()
        elif to_nobody:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        if is_background:
            give_way()
        # After the change of credentials: the kernel clears the setting when they change.
        die_with_parent(death_signal)

    return prepare


def hand_over(folder: Path) -> None:
    """Let the unprivileged child own its data folder where it cannot run in a namespace of ours."""
    if os.geteuid() != 0 or has_user_namespaces():
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
