"""Schemas as code generators like them: no titles, no ``anyOf null`` around plain types, examples set apart."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

Schema = dict[str, Any]

PREFIX: Final = "#/components/schemas/"
_JAPANESE: Final = re.compile("[぀-ヿ㐀-鿿]")
_NULL: Final = {"type": "null"}


def tidy(schema: Schema) -> None:
    """Rewrite a schema, and those inside, in place; it keeps its meaning."""
    for inner in _inner(schema):
        tidy(inner)
    schema.pop("title", None)
    _merge_null(schema)
    _name_keys(schema)
    _keep_tighter_bound(schema, "minimum", "exclusiveMinimum", max)
    _keep_tighter_bound(schema, "maximum", "exclusiveMaximum", min)
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(schema.get(bound), float) and schema[bound].is_integer():
            schema[bound] = int(schema[bound])


def _inner(schema: Schema) -> Iterator[Schema]:
    for keyword in ("properties", "patternProperties"):
        yield from schema.get(keyword, {}).values()
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        yield from schema.get(keyword, [])
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield schema[keyword]


def _merge_null(schema: Schema) -> None:
    choices = schema.get("anyOf", [])
    if len(choices) == 2 and choices[1] == _NULL and isinstance(choices[0].get("type"), str):
        del schema["anyOf"]
        said = dict(schema)
        schema.clear()
        schema.update({**choices[0], **said, "type": [choices[0]["type"], "null"]})


def _name_keys(schema: Schema) -> None:
    # Said this way, other keys are refused as they are in fact, and generators find the type of the values.
    patterns = schema.get("patternProperties", {})
    if len(patterns) == 1 and "properties" not in schema:
        del schema["patternProperties"]
        ((pattern, value),) = patterns.items()
        schema |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}


def _keep_tighter_bound(schema: Schema, bound: str, exclusive: str, tighter: Callable[[Any, Any], Any]) -> None:
    if bound in schema and exclusive in schema:
        excess = exclusive if tighter(schema[bound], schema[exclusive]) == schema[exclusive] else bound
        del schema[bound if excess == exclusive else exclusive]


def without_null(schema: Schema) -> None:
    """Take ``null`` away from a schema: a form, a query string or a header cannot say it."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    elif schema.get("anyOf", [])[-1:] == [_NULL] and len(schema["anyOf"]) == 2:
        schema |= schema.pop("anyOf")[0]
    if schema.get("default", ...) is None:
        del schema["default"]


def tell_defaults(schema: Schema) -> None:
    """Say defaults in words: generators take a property with ``default`` for one that must be sent."""
    for inner in schema.get("properties", {}).values():
        default = inner.pop("default", None)
        if isinstance(default, (bool, int, float)) or (isinstance(default, str) and default):
            said = default if isinstance(default, str) else json.dumps(default)
            inner["description"] = f"{inner.get('description', '')} Default: `{said}`.".strip()


def parts(schema: Schema) -> Iterator[Schema]:
    """A schema and all those inside, references not followed."""
    yield schema
    for inner in _inner(schema):
        yield from parts(inner)


def named(reference: Schema) -> str | None:
    """The component that a reference names."""
    target = reference.get("$ref", "")
    return target.removeprefix(PREFIX) if target.startswith(PREFIX) else None


def examples_of(schemas: dict[str, Schema], name: str) -> list[Any]:
    """The examples of a component; a page's are made of its items'."""
    schema = schemas[name]
    items = schema.get("properties", {}).get("data", {}).get("items", {})
    if examples := schema.get("x-examples"):
        return list(json.loads(examples))
    if item := named(items):
        info = {"page": {"next_cursor": "q1bKTEnNK8ksqSxIVbJSqlaqBQA", "has_more": True}}
        page = info if "page" in schema["properties"] else {}
        return [{"data": [example], **page} for example in examples_of(schemas, item)]
    return []


def told_apart(examples: list[Any]) -> dict[str, Schema]:
    """Examples by name: ``en`` and ``ja`` after the text in them."""
    found: dict[str, Schema] = {}
    for example in examples:
        language = "ja" if _JAPANESE.search(str(example)) else "en"
        name = language if language not in found else f"{language}_{len(found) + 1}"
        found[name] = {"summary": "日本語" if language == "ja" else "English", "value": example}
    return dict(sorted(found.items()))
