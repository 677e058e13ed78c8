"""Rules of identity: limits of codes, sessions, keys and log-ins; how a client is recognised. Pure.

Not here: which role may do what (`roles`).
"""

from datetime import timedelta

CODE_LIFETIME = timedelta(minutes=5)
CODE_TRIES = 5
CODE_PAUSE = timedelta(seconds=60)
CODES_PER_HOUR = 5
SECOND_FACTOR_TRIES = 5

REFRESH_LIFETIME = timedelta(days=30)
# The answer to a refresh may be lost on the way, or two windows of one browser ask at once. The very same client (address
# and program) may therefore use a token again within this time and gets a successor of its own. Anybody else, or later:
# the whole family is revoked.
REFRESH_GRACE = timedelta(seconds=10)

MOST_ADDRESSES = 20
MOST_KEYS = 20
LONGEST_KEY = timedelta(days=366)
RECOVERY_CODES = 10

# Log-ins: free failures, then a pause that doubles up to the longest; a quiet spell forgives all.
ACCOUNT_FAILURES, SOURCE_FAILURES = 5, 200
SOURCE_CODES = 200
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(hours=1)

_PLATFORMS = (
    ("android", "android"), ("iphone", "ios"), ("ipad", "ios"), ("windows", "windows"), ("mac os", "mac"),
    ("linux", "linux"),
)  # fmt: skip


def pause_after(failures: int, allowed: int) -> timedelta:
    """How long to wait after so many failures."""
    if failures < allowed:
        return timedelta()
    doublings: int = min(failures - allowed, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def platform_of(user_agent: str | None) -> str:
    """Family of the system a client runs on; all that is kept of its User-Agent."""
    text = (user_agent or "").lower()
    return next((name for sign, name in _PLATFORMS if sign in text), "other")
