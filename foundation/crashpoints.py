"""Named points at which a test may kill the process, to prove that a crash there loses nothing. Inert otherwise."""

import os

REGISTERED = (
    "payment.submitted", "payment.executed", "refund.submitted", "refund.executed", "relay.handled",
    "booking.submitted", "booking.made", "payout.submitted", "payout.sent",
)  # fmt: skip
EXIT_CODE = 137


def reach(point: str) -> None:
    """Die here, as by SIGKILL, if the environment asks for it (GETIT_CRASH_AT names the point, environment `local`)."""
    if os.environ.get("GETIT_CRASH_AT") == point and os.environ.get("GETIT_ENVIRONMENT", "local") == "local":
        os._exit(EXIT_CODE)
