"""Query strings: read into their model, and documented from it.

FastAPI can do both, but it inspects the type of every field anew for each request; with forty filters that took a
third of a list request's time. So the model reads the query string itself, and FastAPI only documents it.
"""

import copy
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin

from fastapi import Query, params
from fastapi.dependencies.utils import get_dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.kit.errors import field_error
from api.kit.problems import invalid


class Asked:
    """The dependency that reads a query string."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self._lists = {name for name, field in model.model_fields.items() if _is_list(field.annotation)}
        self._optional = not any(field.is_required() for field in model.model_fields.values())

    @cached_property
    def _nothing(self) -> BaseModel | None:
        """What an empty query string says; None when it may not be empty."""
        return self.model() if self._optional else None

    async def __call__(self, request: Request) -> Any:  # noqa: ANN401
        """The query string as the model; the problem ``invalid_input`` with a pointer for each error."""
        if not request.scope["query_string"] and self._nothing is not None:
            return self._nothing
        given: dict[str, Any] = {}
        for name, value in request.query_params.multi_items():
            if name in self._lists:
                given.setdefault(name, []).append(value)
            elif name in given:
                before = given[name]
                given[name] = [*before, value] if isinstance(before, list) else [before, value]
            else:
                given[name] = value
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            known = self.model.model_fields
            details = error.errors(include_url=False, include_input=False)
            raise invalid(
                *(field_error({**detail, "loc": ("query", *detail["loc"])}, known=known) for detail in details)
            ) from error


def asked(model: type[BaseModel]) -> params.Depends:
    """Mark a parameter as the query string, as in ``query: Annotated[AccountQuery, …]``."""
    return params.Depends(Asked(model), use_cache=False)


def documented(routes: Iterable[APIRoute]) -> list[APIRoute]:
    """The routes as the OpenAPI document shows them: with the parameters of their query strings."""
    return [_documented(route) for route in routes]


def _documented(route: APIRoute) -> APIRoute:
    models = [part.call.model for part in route.dependant.dependencies if isinstance(part.call, Asked)]
    if not models:
        return route
    twin = copy.copy(route)
    twin.dependant = copy.copy(route.dependant)
    twin.dependant.query_params = [
        *route.dependant.query_params,
        *(parameter for model in models for parameter in _parameters(model)),
    ]
    return twin


def _parameters(model: type[BaseModel]) -> list[Any]:
    async def endpoint(query: Any) -> None:  # noqa: ANN401
        del query

    endpoint.__annotations__["query"] = Annotated[model, Query()]
    return get_dependant(path="", call=endpoint).query_params


def _is_list(annotation: Any) -> bool:  # noqa: ANN401
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
