"""Whose rows the work at hand may see: the second wall behind ownership checks, held by PostgreSQL (row level security).

A shopper's reads run as the role `getit_shopper`, whose policies (`getit.databases`) show what is that person's own.
Not here: the checks themselves, which come first.
"""

from contextvars import ContextVar, Token
from uuid import UUID

ROLE = "getit_shopper"
_only: ContextVar[str] = ContextVar("rows_of", default="")
#: One statement, so that a connection is never between two states.
RESTRICT = "select set_config('role', %s, false), set_config('getit.rows_of', %s, false)"


def only_of(user_id: UUID) -> None:
    """From now on, the work at hand sees this person's rows of the guarded tables, and nobody else's."""
    _only.set(str(user_id))


def begin() -> Token[str]:
    """New work, not restricted yet; give the token to `end`."""
    return _only.set("")


def end(token: Token[str]) -> None:
    """The work is over: whatever it was restricted to ends with it."""
    _only.reset(token)


def current() -> str:
    """Person to whose rows the work at hand is restricted; empty: not restricted."""
    return _only.get()
