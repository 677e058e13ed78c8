"""Fetching what a stranger's URL names, through redirects, each guarded like the first. Not here: the guard (`safe_urls`)."""

import asyncio
from urllib.parse import urljoin

from foundation import safe_urls
from foundation.errors import InvalidInput

MAX_REDIRECTS = 3


class FetchFailed(InvalidInput):
    code = "fetch-failed"
    message = "Nothing usable came from this address in time. Check it, or upload the file itself."


async def fetch_public(url: str, *, limit_bytes: int, deadline_s: float = 10.0, allow_private: bool = False) -> bytes:
    """Body of what a URL names, through at most three redirects.

    `allow_private` is for tests on one machine only.

    Raises:
        UnsafeUrl, FetchFailed.
    """
    try:
        async with asyncio.timeout(deadline_s):
            for _ in range(MAX_REDIRECTS + 1):
                target = await safe_urls.vet(url, allow_private=allow_private)
                answer = await safe_urls.call(target, headers={"accept": "image/*"}, limit=limit_bytes + 1)
                if answer.location is None:
                    return _usable(answer, limit_bytes)
                url = urljoin(url, answer.location)
    except (TimeoutError, safe_urls.CallFailed) as error:
        raise FetchFailed from error
    raise FetchFailed


def _usable(answer: safe_urls.Answer, limit_bytes: int) -> bytes:
    if answer.status_code != 200 or len(answer.body) > limit_bytes:
        raise FetchFailed
    return answer.body
