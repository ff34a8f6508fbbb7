"""Every error of the web API as JSON: ``{"error", "detail"}`` with the fitting status, never a traceback.

`error` is a word for programs, `detail` one sentence for people.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agent.errors import Conflict, NotFound
from agent.web.tokens import TokenRefused
from retrieval.errors import QueryError

log = logging.getLogger(__name__)

_WORDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal",
    503: "not_ready",
}


class ApiError(Exception):
    """An answer that is an error: its HTTP status and what the caller may read."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def error_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one form of an error."""
    word = _WORDS.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    return JSONResponse({"error": word, "detail": detail}, status_code=status, headers=dict(headers or {}))


def unauthorized(detail: str) -> ApiError:
    return ApiError(401, detail, {"WWW-Authenticate": "Bearer"})


def add_error_handlers(app: FastAPI) -> None:
    """Turn our errors, the framework's and whatever else is raised into the one form."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(NotFound, _of_status(404))
    app.add_exception_handler(Conflict, _of_status(409))
    app.add_exception_handler(TokenRefused, _token_refused)
    app.add_exception_handler(QueryError, _of_status(422))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def _of_status(status: int) -> Any:
    async def handle(_request: Request, error: Exception) -> JSONResponse:
        return error_response(status, str(error))

    return handle


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return error_response(error.status, error.detail, error.headers)


async def _token_refused(_request: Request, error: Exception) -> JSONResponse:
    return error_response(401, str(error), {"WWW-Authenticate": "Bearer"})


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return error_response(error.status_code, str(error.detail), error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_response(400, "the body is not JSON")
    place = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    message = str(first["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return error_response(422, f"{place}: {message}" if place else f"the body: {message}")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_response(500, "something went wrong on our side; please try again")
