"""Coins and limits as pure decisions. Not here: the ledger of money (coins are no money until they are spent)."""

from datetime import timedelta

POISHA_PER_COIN = 10_000
COIN_LIFE = timedelta(days=180)
MOST_WISHES = 500
MOST_FOLLOWED = 1000
MOST_VIEWS = 100


def coins_for(total_poisha: int) -> int:
    """Coins for a delivered order: one for each full 100 taka."""
    return max(total_poisha, 0) // POISHA_PER_COIN


def coins_to_expire(earned_and_over: int, used: int) -> int:
    """Coins whose time is over and that nobody has used.

    `earned_and_over`: all coins ever earned whose life has ended; `used`: all ever spent or expired. The oldest are used
    first, so what is used beyond them was younger.
    """
    return max(earned_and_over - used, 0)
