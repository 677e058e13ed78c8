"""Structured logs: one line of JSON an event, with the request's id; secrets and personal data are cut out. Nothing else."""

import logging
import re
import sys
from typing import Any

import structlog

SECRET_KEYS = re.compile(r"password|token|secret|otp|pin|phone|email|nid|wallet|authorization", re.IGNORECASE)


def _redact(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    for key in event:
        if SECRET_KEYS.search(key):
            event[key] = "[redacted]"
    return event


def configure_logging(service: str, level: str = "info") -> None:
    """Send logs of this process to standard output; call once, at the start of a process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stdout, format="%(name)s %(levelname)s %(message)s"
    )


def get_logger(**context: object) -> Any:
    """Logger bound to a context."""
    return structlog.get_logger(**context)
