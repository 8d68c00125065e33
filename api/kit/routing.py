"""Routing: one router per resource, found at a cost that does not grow with the number of operations."""

import dataclasses
import inspect
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.headers import header
from api.kit.problems import TOO_LARGE

VERSION = "/v1"
BODY_BYTES = 1024 * 1024
BULK_BODY_BYTES = 32 * 1024 * 1024
TAKES_FILE = "x-takes-file"
JSON_LINES = "application/jsonl"
Finish = Callable[[BaseException | None], Awaitable[None]]
Handler = Callable[[Request], Awaitable[Response]]
_PATTERN: Final = ("path_regex", "path_format", "param_convertors")
_INPUTS: Final = [
    field.name
    for field in dataclasses.fields(Dependant)
    if field.name.endswith(("_params", "_param_name", "dependencies", "concurrency"))
]


def resource_router(path: str, *, tag: str) -> APIRouter:
    """The router of one resource, for instance ``/accounts``, under the API's version."""
    return APIRouter(prefix=VERSION + path, tags=[tag], route_class=Operation, generate_unique_id_function=operation_id)


def operation_id(route: APIRoute) -> str:
    """The operation's id: its function's name, which reads as an SDK method."""
    return route.name


def takes_file(**examples: str) -> dict[str, Any]:
    """The ``openapi_extra`` of an operation whose body is a file, read piece by piece from ``request.stream()``.

    Its body may have ``Settings.upload_bytes``. ``examples`` are contents by language.
    """
    shown = {language: {"value": content} for language, content in examples.items()}
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "examples": shown}}
    return {TAKES_FILE: True, "requestBody": {"required": True, "content": content}}


def takes_lines(example: str) -> dict[str, Any]:
    """The ``openapi_extra`` of an operation whose body is JSON Lines, as large as that of a bulk operation."""
    content = {JSON_LINES: {"schema": {"type": "string"}, "examples": {"en": {"value": example}}}}
    return {"requestBody": {"required": True, "content": content}}


@contextmanager
def building_late() -> Iterator[None]:
    """Around the first use of FastAPI's fields: it ignores this warning only where it makes them.

    Our models put the building of their validators off (``defer_build``), and their fields with it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
        yield


class Operation(APIRoute):
    """A route whose transaction ends after the endpoint has returned and before the answer is sent.

    A dependency that opens a transaction leaves ``scope["finish"]``, which commits (None) or rolls back (an error).
    FastAPI's own ``yield`` dependencies do the same at ten times the cost. Operations that need no more of FastAPI than
    their path are called directly: it would find out anew in each request what to call.

    Of what FastAPI finds out when it makes a route, it has nothing until the first use: that takes milliseconds, and
    there are hundreds of operations to start with (``api.kit.preparing``).
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, methods: Iterable[str], **given: Any) -> None:  # noqa: ANN401
        self.path, self.endpoint, self.name, self.methods = path, endpoint, endpoint.__name__, set(methods)
        self._given = given

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """What is not there yet: the path's pattern when a request is looked for, the rest when it is needed."""
        if "_given" not in self.__dict__:
            raise AttributeError(name)
        if name in _PATTERN:
            self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
        else:
            super().__init__(self.path, self.endpoint, methods=self.methods, **self.__dict__.pop("_given"))
            if self.body_field is not None:
                with building_late():
                    self.body_field.validate({})
            if (handle := _direct(self)) is not None:
                # Without the exit stacks that FastAPI puts around a handler, which would stay empty.
                self.app = self._answering(handle)
        return getattr(self, name)

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler with the end of the transaction around it."""
        handle = super().get_route_handler()

        async def handle_and_finish(request: Request) -> Response:
            return await _finished(handle, self._limited(request.scope, request.receive))

        return handle_and_finish

    def _answering(self, handle: Handler) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await _finished(handle, self._limited(scope, receive))
            await response(scope, receive, send)

        return app

    def _limited(self, scope: Scope, receive: Receive) -> Request:
        """The request, whose body may not be longer than the operation takes."""
        if TAKES_FILE in (self.openapi_extra or ()):
            return Request(scope, _limited(scope, receive, scope["app"].state.settings.upload_bytes))
        return Request(scope, _limited(scope, receive, BULK_BODY_BYTES if ":bulk-" in self.path else BODY_BYTES))


async def _finished(handle: Handler, request: Request) -> Response:
    try:
        response = await handle(request)
    except BaseException as error:
        await _finish(request, error)
        raise
    await _finish(request, None)
    return response


async def _finish(request: Request, error: BaseException | None) -> None:
    finish: Finish | None = request.scope.pop("finish", None)
    if finish is not None:
        await finish(error)


def _direct(route: APIRoute) -> Handler | None:
    """The handler of an operation that needs only its path and dependencies on the request; None for any other."""
    needed, endpoint = route.dependant, route.endpoint
    calls: dict[str, Any] = {part.name or "": part.call for part in needed.dependencies}
    if (
        not _needs_only(needed, "path_params", "dependencies")
        or not all(_needs_only(part, "request_param_name") for part in needed.dependencies)
        or not all(inspect.iscoroutinefunction(type(call).__call__) for call in calls.values())
        or not all(calls)
        or inspect.signature(endpoint).return_annotation is not Response
        or not inspect.iscoroutinefunction(endpoint)
    ):
        return None

    async def handle(request: Request) -> Response:
        values: dict[str, Any] = {name: await call(request) for name, call in calls.items()}
        if needed.path_params:
            path, errors = request_params_to_args(needed.path_params, request.path_params)
            if errors:
                raise RequestValidationError(errors)
            values |= path
        response: Response = await endpoint(**values)
        return response

    return handle


def _needs_only(part: Dependant, *inputs: str) -> bool:
    return not any(getattr(part, name) for name in _INPUTS if name not in inputs)


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """The request's messages, up to ``limit`` bytes of body; then the problem ``body_too_large``."""
    declared = header(scope, b"content-length")
    if declared.isdecimal() and int(declared) > limit:
        raise TOO_LARGE(limit=limit)
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TOO_LARGE(limit=limit)
        return message

    return receive_some


class Dispatch(BaseRoute):
    """Finds the route of a path among those of its resource.

    Starlette walks a list of routes from its start for each request, and FastAPI walks routers that are included in
    routers once per level: with hundreds of operations that would cost more than the operation.
    """

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self.routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._by_resource: dict[str, list[APIRoute]] = {}
        for route in self.routes:
            self._by_resource.setdefault(_resource(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The match of the route that fits, which Starlette then hands to :meth:`handle`."""
        found: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] == "http":
            for route in self._by_resource.get(_resource(scope["path"]), ()):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    return match, child_scope
                if match is Match.PARTIAL and found[0] is Match.NONE:
                    found = match, child_scope
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that matched."""
        await scope["route"].handle(scope, receive, send)


def operations_among(routes: Iterable[BaseRoute]) -> list[APIRoute]:
    """All operations among an application's routes."""
    found: list[APIRoute] = []
    for route in routes:
        if isinstance(route, Dispatch):
            found += route.routes
        elif isinstance(route, APIRoute):
            found.append(route)
    return found


def _resource(path: str) -> str:
    """``accounts`` of ``/v1/accounts/{account_id}`` and of ``/v1/accounts:bulk-upsert``."""
    parts = path.split("/", 3)
    return parts[2].partition(":")[0] if len(parts) > 2 else ""
