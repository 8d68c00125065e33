"""Finds what in a new OpenAPI document breaks the callers of an old one; openapi/COMPATIBILITY.md has the rules.

Schemas are compared by direction: what callers send must still be accepted, and what they are answered must still be
what they can read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Node = Mapping[str, Any]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def breaks(old: Node, new: Node) -> list[str]:
    """Every break, in words; empty when the new document only adds."""
    return list(dict.fromkeys(_Comparison(old, new).paths()))


@dataclass
class _Comparison:
    old: Node
    new: Node
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def paths(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method, operation in operations.items():
                where = f"{method.upper()} {path}"
                if method not in self.new["paths"].get(path, {}):
                    yield f"{where}: removed"
                else:
                    yield from self._operation(where, operation, self.new["paths"][path][method])

    def _operation(self, where: str, old: Node, new: Node) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{where}: the operation id was {old['operationId']}"
        if new.get("security") and new["security"] != old.get("security"):
            yield f"{where}: needs another credential or scope"
        yield from self._parameters(where, old, new)
        yield from self._body(where, old.get("requestBody", {}), new.get("requestBody", {}))
        yield from self._responses(where, old["responses"], new["responses"])

    def _parameters(self, where: str, old: Node, new: Node) -> Iterator[str]:
        before, after = self._by_name(self.old, old), self._by_name(self.new, new)
        for name, parameter in before.items():
            if name not in after:
                yield f"{where} {name}: removed"
                continue
            now = after[name]
            if now.get("required") and not parameter.get("required"):
                yield f"{where} {name}: required now"
            if any(parameter.get(key) != now.get(key) for key in ("style", "explode")):
                yield f"{where} {name}: written in another style"
            yield from self._sent(f"{where} {name}", parameter["schema"], now["schema"])
        for name in after.keys() - before.keys():
            if after[name].get("required"):
                yield f"{where} {name}: new and required"

    def _by_name(self, document: Node, operation: Node) -> dict[str, Node]:
        found = [_resolved(document, each) for each in operation.get("parameters", [])]
        return {f"{each['in']} {each['name']}": each for each in found}

    def _body(self, where: str, old: Node, new: Node) -> Iterator[str]:
        if new.get("required") and not old.get("required"):
            yield f"{where}: a body is required now"
        for media, content in old.get("content", {}).items():
            if media not in new.get("content", {}):
                yield f"{where}: takes no {media} any more"
            else:
                yield from self._sent(f"{where} body", content["schema"], new["content"][media]["schema"])

    def _responses(self, where: str, old: Node, new: Node) -> Iterator[str]:
        for status in [status for status in new if status < "4" and status not in old]:
            yield f"{where}: a new success, {status}"
        for status in [status for status in old if status < "4"]:
            if status not in new:
                yield f"{where}: no {status} any more"
                continue
            before, after = _resolved(self.old, old[status]), _resolved(self.new, new[status])
            for name in before.get("headers", {}).keys() - after.get("headers", {}).keys():
                yield f"{where} {status}: no header {name} any more"
            for media, content in before.get("content", {}).items():
                if media not in after.get("content", {}):
                    yield f"{where} {status}: answers no {media} any more"
                else:
                    now = after["content"][media]["schema"]
                    yield from self._answered(f"{where} {status}", content["schema"], now)

    def _sent(self, where: str, old: Any, new: Any) -> Iterator[str]:
        """What keeps a value that the old schema allows from being sent."""
        if not self._first_time("sent", old, new):
            return
        old, new = _resolved(self.old, _schema(old)), _resolved(self.new, _schema(new))
        if "anyOf" in old or "anyOf" in new:
            for each in _choices(old):
                if all(list(self._again()._sent(where, each, choice)) for choice in _choices(new)):
                    yield f"{where}: {_kind(each)} is refused now"
            return
        if lost := _types(old) - _types(new):
            yield f"{where}: {', '.join(sorted(lost))} is refused now"
        if "enum" in new and (gone := set(old.get("enum", ["any other value"])) - set(new["enum"])):
            yield f"{where}: {', '.join(map(str, sorted(gone)))} is refused now"
        yield from _tighter(where, old, new)
        yield from self._fields_sent(where, old, new)
        yield from self._inside(self._sent, where, old, new)

    def _fields_sent(self, where: str, old: Node, new: Node) -> Iterator[str]:
        for name in set(new.get("required", [])) - set(old.get("required", [])):
            yield f"{where}/{name}: required now"
        for name, schema in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}/{name}: removed"
            else:
                yield from self._sent(f"{where}/{name}", schema, new["properties"][name])
        if new.get("additionalProperties", True) is False and old.get("additionalProperties", True) is not False:
            yield f"{where}: other fields are refused now"

    def _answered(self, where: str, old: Any, new: Any) -> Iterator[str]:
        """What keeps a reader of the old schema from reading a value of the new one."""
        if not self._first_time("answered", old, new):
            return
        old, new = _resolved(self.old, _schema(old)), _resolved(self.new, _schema(new))
        if "anyOf" in old or "anyOf" in new:
            for each in _choices(new):
                if all(list(self._again()._answered(where, choice, each)) for choice in _choices(old)):
                    yield f"{where}: may be {_kind(each)} now"
            return
        if more := _types(new) - _types(old):
            yield f"{where}: may be {', '.join(sorted(more))} now"
        if "format" in old and old["format"] != new.get("format"):
            yield f"{where}: had the format {old['format']}"
        for name, schema in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}/{name}: removed"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{where}/{name}: may be missing now"
            yield from self._answered(f"{where}/{name}", schema, new["properties"][name])
        yield from self._inside(self._answered, where, old, new)

    def _inside(self, compare: Any, where: str, old: Node, new: Node) -> Iterator[str]:
        for keyword, mark in (("items", "/*"), ("additionalProperties", "/*"), ("propertyNames", " keys")):
            if isinstance(new.get(keyword), Mapping):
                yield from compare(where + mark, old.get(keyword, {}), new[keyword])

    def _first_time(self, direction: str, old: Any, new: Any) -> bool:
        """Whether two components have not been compared yet; they may contain themselves."""
        pair = direction, str(_schema(old).get("$ref")), str(_schema(new).get("$ref"))
        if "None" in pair:
            return True
        first = pair not in self._seen
        self._seen.add(pair)
        return first

    def _again(self) -> "_Comparison":
        """A copy of the comparison, to try one choice among several."""
        return _Comparison(self.old, self.new, set(self._seen))


def _schema(given: Any) -> Node:
    """A schema; ``true`` and ``false`` are schemas too."""
    return given if isinstance(given, Mapping) else {} if given else {"not": {}}


def _resolved(document: Node, node: Node) -> Node:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _types(schema: Node) -> set[str]:
    given = schema.get("type", ["array", "boolean", "null", "number", "object", "string"])
    types = {given} if isinstance(given, str) else set(given)
    return types | {"integer"} if "number" in types else types


def _kind(schema: Node) -> str:
    return str(schema.get("$ref", schema.get("type", "another value"))).rpartition("/")[2]


def _choices(schema: Node) -> list[Node]:
    """What a value may be: the members of ``anyOf``, or one schema for each of several types."""
    if "anyOf" in schema:
        return list(schema["anyOf"])
    types = schema.get("type")
    return [{**schema, "type": each} for each in types] if isinstance(types, list) else [schema]


def _tighter(where: str, old: Node, new: Node) -> Iterator[str]:
    for keyword in ("pattern", "format", "const"):
        if keyword in new and new[keyword] != old.get(keyword):
            yield f"{where}: must have the {keyword} {new[keyword]} now"
    if "default" in old and old["default"] != new.get("default"):
        yield f"{where}: the default was {old['default']}"
    for keyword in _LOWER:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield f"{where}: {keyword} is {new[keyword]} now"
    for keyword in _UPPER:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield f"{where}: {keyword} is {new[keyword]} now"
