"""Errors as HTTP answers: problem+json (RFC 9457) in the caller's language. Not here: the errors themselves."""

import re
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from orjson import OPT_NON_STR_KEYS, dumps
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from foundation import errors
from foundation.i18n import negotiate, translate
from foundation.web.validation import told

_log = structlog.get_logger("problems")
_SENTENCE = re.compile(r"(?<=[.।])\s")


class FieldProblem(BaseModel):
    """A field of the request that is not valid."""

    field: str
    reason: str
    detail: str


class Problem(BaseModel):
    """Problem document (RFC 9457). `code` is for programs, `detail` for people, in the caller's language."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


_PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
#: What every operation may answer beside its success.
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"description": "The request is not valid", **_PROBLEM},
    "4XX": {"description": "The request cannot be fulfilled; the problem says why and what to do", **_PROBLEM},
    "5XX": {"description": "The service cannot answer now", **_PROBLEM},
}
BY_STATUS: dict[int, type[errors.GetItError]] = {
    kind.status: kind
    for kind in (
        errors.BadRequest, errors.Unauthenticated, errors.Forbidden, errors.NotFound, errors.Conflict,
        errors.InvalidInput, errors.TooManyRequests, errors.Unavailable,
    )
}  # fmt: skip


def request_locale(request: Request) -> str:
    """Language of the caller."""
    return negotiate(request.headers.get("accept-language"))


async def caller_locale(request: Request) -> str:
    """`request_locale` as a dependency: a plain function would cost a hop into a thread."""
    return request_locale(request)


def _first_sentence(text: str) -> str:
    """Up to the first full stop; Bangla and Hindi end a sentence with a danda."""
    return _SENTENCE.split(text, maxsplit=1)[0]


def problem_response(request: Request, error: errors.GetItError, extra: dict[str, Any] | None = None) -> Response:
    """Problem document of an error."""
    locale = request_locale(request)
    document = {
        "type": f"https://getit.example/problems/{error.code}",
        "title": _first_sentence(translate(type(error).message, locale)) if not error.params else error.code,
        "status": error.status,
        "code": error.code,
        "detail": translate(error.template, locale, **error.params),
        "request_id": request.scope.get("request_id"),
        **error.extensions,
        **(extra or {}),
    }
    headers = {"content-language": locale}
    if error.status in {409, 429, 503}:
        headers["retry-after"] = str(error.params.get("retry_after", 1))
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(
        dumps(document, option=OPT_NON_STR_KEYS, default=str),
        status_code=error.status,
        media_type="application/problem+json",
        headers=headers,
    )


async def _on_getit_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.GetItError):
        raise error
    return problem_response(request, error)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    locale = request_locale(request)
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]), "reason": item["msg"],
         "detail": told(item["type"], item.get("ctx") or {}, locale)}
        for item in error.errors()
    ]  # fmt: skip
    return problem_response(request, errors.InvalidInput(), {"errors": fields})


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    kind = BY_STATUS.get(error.status_code)
    if kind is not None:
        return problem_response(request, kind() if kind is not errors.TooManyRequests else kind(retry_after=1))
    body = {"type": "about:blank", "title": error.detail, "status": error.status_code, "detail": error.detail}
    return Response(dumps(body), status_code=error.status_code, media_type="application/problem+json")


async def _on_crash(request: Request, error: Exception) -> Response:
    _log.error("unhandled", path=request.url.path, exc_info=error)
    return problem_response(request, errors.GetItError())


def install_problems(app: FastAPI) -> None:
    """Answer every error of the application as problem+json."""
    app.add_exception_handler(errors.GetItError, _on_getit_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_crash)


def document_problems(app: FastAPI) -> None:
    """Put the problem document into the API's description, where every operation refers to it."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, FieldProblem):
            schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas[model.__name__].pop("$defs", None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
