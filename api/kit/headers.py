"""A request's headers, read from the scope: an object for them costs more than the one or two that are asked for."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str:
    """The value of a header, given in lower case; the first where there are several, '' where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""
