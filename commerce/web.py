"""What routes of commerce share: the composition of the process and the caller's language. Not here: any route."""

from typing import Annotated

from fastapi import Depends, Request

from commerce.context import Commerce
from foundation.web.problems import request_locale


def _commerce(request: Request) -> Commerce:
    commerce: Commerce = request.app.state.commerce
    return commerce


Shop = Annotated[Commerce, Depends(_commerce)]
Locale = Annotated[str, Depends(request_locale)]
