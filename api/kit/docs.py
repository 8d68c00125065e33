"""Documentation pages that open without the internet: the reference, and one page per problem code."""

import html
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.kit.openapi import document_text
from api.kit.problems import CATALOGUE, NOT_FOUND, Language, preferred_language
from api.kit.routing import Operation

router = APIRouter(include_in_schema=False, route_class=Operation)

_COMMITTED: Final = Path(__file__).parents[2] / "openapi" / "v1.json"
_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
    "favicon.png": "image/png",
}


@lru_cache
def _asset(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()


@router.get("/")
async def root() -> Response:
    """To the reference."""
    return RedirectResponse("/docs")


@router.get("/openapi/v1.json")
async def openapi_document(request: Request) -> Response:
    """The OpenAPI document of version 1."""
    return Response(_document(request), media_type="application/json")


def _document(request: Request) -> bytes:
    app = request.app
    if not hasattr(app.state, "openapi_bytes"):
        # Building it takes seconds and megabytes; the committed file says the same, which a test makes sure of.
        built = _COMMITTED.read_bytes() if _COMMITTED.is_file() else document_text(app).encode()
        app.state.openapi_bytes = built
    return bytes(app.state.openapi_bytes)


@router.get("/docs")
async def reference() -> Response:
    """The reference, with a form to try each operation."""
    return get_swagger_ui_html(
        openapi_url="/openapi/v1.json",
        title="Perennial API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon.png",
        swagger_ui_parameters={
            "docExpansion": "none",
            "defaultModelsExpandDepth": 0,
            "persistAuthorization": False,
        },
    )


@router.get("/redoc")
async def reading_reference() -> Response:
    """The reference as one long page for reading."""
    return get_redoc_html(
        openapi_url="/openapi/v1.json",
        title="Perennial API",
        redoc_js_url="/docs/assets/redoc.standalone.js",
        redoc_favicon_url="/docs/assets/favicon.png",
        with_google_fonts=False,
    )


@router.get("/docs/assets/{name}")
async def asset(name: str) -> Response:
    """A script or style of the reference pages."""
    if name not in _ASSETS:
        raise NOT_FOUND(what="page")
    return Response(_asset(name), media_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})


@router.get("/problems")
async def problem_catalogue(request: Request) -> Response:
    """Every problem code, with what it means."""
    language = preferred_language(request.headers.get("accept-language"))
    rows = "".join(
        f'<tr><td><a href="/problems/{kind.code}"><code>{kind.code}</code></a></td><td>{kind.status}</td>'
        f"<td>{html.escape(kind.texts(language)[0])}</td></tr>"
        for kind in sorted(CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))
    )
    return _page("problems", f"<table><tr><th>code</th><th>status</th><th>title</th></tr>{rows}</table>", language)


@router.get("/problems/{code}")
async def problem_page(request: Request, code: str) -> Response:
    """What one problem code means."""
    if code not in CATALOGUE:
        raise NOT_FOUND(what="problem code")
    kind = CATALOGUE[code]
    language = preferred_language(request.headers.get("accept-language"))
    sections = "".join(
        f'<section lang="{each.value}"><h2>{html.escape(kind.texts(each)[0])}</h2>'
        f"<p>{_rendered(kind.texts(each)[1])}</p></section>"
        for each in sorted(Language, key=lambda each: each is not language)
    )
    return _page(
        code,
        f'<p>HTTP status {kind.status}</p>{sections}<p><a href="/problems">All problems</a></p>',
        language,
    )


def _rendered(detail: str) -> str:
    """A detail's template as HTML: its code as code, its parameters in italics."""
    code = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(detail))
    return re.sub(r"\{(\w+)\}", r"<var>\1</var>", code)


def _page(title: str, body: str, language: Language) -> Response:
    style = (
        "body{font:16px/1.6 system-ui,sans-serif;max-width:48rem;margin:3rem auto;padding:0 1rem;color:#1d2b33}"
        "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;border-bottom:1px solid #dde}"
        "code{background:#f2f4f6;padding:.1rem .3rem;border-radius:3px}"
    )
    return HTMLResponse(
        f'<!doctype html><html lang="{language.value}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)} – Perennial</title>'
        f"<style>{style}</style><h1><code>{html.escape(title)}</code></h1>{body}</html>",
        headers={"Content-Language": language.value, "Vary": "Accept-Language"},
    )
