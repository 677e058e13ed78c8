"""The trace that a piece of work belongs to (W3C Trace Context): carried from the request into logs, events and calls.

Not here: spans and their export; the trace id is what joins lines of several services.
"""

import re
import secrets
from contextvars import ContextVar

import structlog

HEADER = "traceparent"
# Version 00: trace id, id of the caller's span, flags. All zeros is no id. https://www.w3.org/TR/trace-context/
_PARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def begin(given: str | None) -> str:
    """Take part in the caller's trace, or begin one; our own `traceparent`, which is current from now on."""
    match = _PARENT.fullmatch(given) if given else None
    trace_id, flags = match.groups() if match else (secrets.token_hex(16), "01")
    parent = f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
    _current.set(parent)
    structlog.contextvars.bind_contextvars(trace_id=trace_id)
    return parent


def current() -> str | None:
    """`traceparent` of the work at hand: for headers of calls and for events. None outside a request or reaction."""
    return _current.get()
