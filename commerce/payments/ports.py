"""What a bank must be able to do for us: send money out, tell what became of it. Adapters speak its protocol; see `bank`.

Not here: why money is sent (payouts to sellers, refunds to buyers who paid cash).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from foundation.errors import Unavailable


class BankSilent(Unavailable):
    """No usable answer: the bank may or may not have sent it. Only a query or its statement tells."""

    code = "bank-silent"
    message = "The bank does not answer just now. We will find out what it did; do not send again."


class BankRefused(Exception):
    """The bank answered that it will not send it."""


@dataclass(frozen=True)
class Outcome:
    """What became of a transfer: accepted | paid | rejected | returned."""

    reference: str
    status: str
    #: Its number on the bank's statement; 0 where it was asked for.
    seq: int = 0


class Bank(Protocol):
    """Sends money to accounts and wallets."""

    async def send(self, *, reference: str, kind: str, account: str, amount_poisha: int) -> Outcome:
        """Send money; a reference is carried out once, whatever happens. After `BankSilent` ask `find`.

        Raises:
            BankSilent, BankRefused.
        """
        ...

    async def find(self, reference: str) -> Outcome | None:
        """What became of a transfer; None if the bank knows of none.

        Raises:
            BankSilent.
        """
        ...

    async def statement(self, after: int) -> Sequence[Outcome]:
        """Outcomes after a number, in order.

        Raises:
            BankSilent.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
