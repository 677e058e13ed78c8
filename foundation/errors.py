"""Every anticipated error of GetIt, in one tree; status and problem type live on the class.

GetItError
├── InvalidInput 422        the caller can mend the request
├── BadRequest 400          the request lacks something the protocol asks for
├── Unauthenticated 401
├── Forbidden 403
├── NotFound 404
├── Conflict 409            the state of the world forbids it now
├── TooManyRequests 429
└── Unavailable 503         try again later

`message` is an English template and at once the key of its translation; `params` fill its placeholders.
Not here: errors of one service only (they subclass these in its own files).
"""

from typing import ClassVar


class GetItError(Exception):
    """Something went wrong that the program knows about."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    message: ClassVar[str] = "Something went wrong on our side. Try again; if it stays, tell us the request id."

    def __init__(self, message: str | None = None, **params: object) -> None:
        self.template = message or self.message
        self.params = params
        super().__init__(self.template.format(**params) if params else self.template)

    @property
    def extensions(self) -> dict[str, object]:
        """Machine-readable members that the problem document carries beside its text."""
        return {key: value for key, value in self.params.items() if isinstance(value, str | int | float | bool | list)}


class BadRequest(GetItError):
    status = 400
    code = "bad-request"
    message = "The request is incomplete."


class InvalidInput(GetItError):
    status = 422
    code = "invalid-input"
    message = "The request is not valid. Correct the fields listed and send it again."


class Unauthenticated(GetItError):
    status = 401
    code = "unauthenticated"
    message = "Log in first: send a valid access token in the Authorization header."


class Forbidden(GetItError):
    status = 403
    code = "forbidden"
    message = "Your account may not do this."


class NotFound(GetItError):
    status = 404
    code = "not-found"
    message = "There is no such thing, or it is not yours."


class Conflict(GetItError):
    status = 409
    code = "conflict"
    message = "This cannot be done in the present state."


class TooManyRequests(GetItError):
    status = 429
    code = "too-many-requests"
    message = "Too many requests. Wait {retry_after} seconds and try again."


class Unavailable(GetItError):
    status = 503
    code = "unavailable"
    message = "The service is busy or restarting. Try again in a few seconds."
