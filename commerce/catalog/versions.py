"""Optimistic concurrency over HTTP: a thing's version as its ETag, If-Match to change it. Not here: the things."""

import re
from typing import Annotated

from fastapi import Depends, Header

from foundation.errors import BadRequest, Conflict


class VersionMissing(BadRequest):
    code = "if-match-missing"
    message = 'Send the If-Match header with the ETag you saw, such as "3", so that nobody\'s change is overwritten.'


class Stale(Conflict):
    """Somebody else changed it meanwhile."""

    status = 412
    code = "stale-version"
    message = "It was changed meanwhile (now version {version}). Read it again, then repeat your change."


def etag(version: int) -> str:
    """ETag of a version."""
    return f'"{version}"'


def _version_seen(
    if_match: Annotated[str | None, Header(max_length=40, description="ETag of the version you change.")] = None,
) -> int:
    found = re.fullmatch(r'(?:W/)?"?([0-9]{1,9})"?', if_match.strip()) if if_match else None
    if found is None:
        raise VersionMissing
    return int(found.group(1))


#: Version that the caller has seen, from If-Match.
SeenVersion = Annotated[int, Depends(_version_seen)]
