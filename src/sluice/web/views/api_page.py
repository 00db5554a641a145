"""The API for people: its OpenAPI document as sections of calls, and the shapes of what they take and answer.

Rule: everything stands in the document; what a schema means is said here in words, and nothing is added.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.legible import count_text

#: What JSON calls its values, in words.
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: words, and the shape that they lead to, if any."""

    words: str
    shape: str = ""
    or_null: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A value by its name; `place` is where a parameter stands; `default` is empty if there is none."""

    name: str
    kind: Kind
    words: str
    needed: bool
    default: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation; `refusals` by status."""

    method: str
    path: str
    summary: str
    words: str
    with_key: bool
    parameters: tuple[Field, ...]
    takes: Kind | None
    gives: Kind | None
    refusals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """Calls that belong together."""

    name: str
    words: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that goes over the wire."""

    name: str
    words: str
    fields: tuple[Field, ...]


def sections_of(document: Mapping[str, Any]) -> list[Section]:
    """In the order of the document's tags; a call stands under its first."""
    calls = [
        (operation["tags"][0], _call(document, method, path, operation))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    return [
        Section(tag["name"], tag["description"], tuple(call for name, call in calls if name == tag["name"]))
        for tag in document["tags"]
    ]


def shapes_of(document: Mapping[str, Any]) -> list[Shape]:
    """All of them, by name."""
    schemas = document["components"]["schemas"].values()
    shapes = (
        Shape(schema["title"], schema.get("description", ""), tuple(_fields(document, schema)))
        for schema in schemas
    )
    return sorted(shapes, key=lambda shape: shape.name)


def _call(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Call:
    answers = operation["responses"]
    good: Mapping[str, Any] = next((answers[status] for status in answers if status.startswith("2")), {})
    body = operation.get("requestBody")
    return Call(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=operation.get("description", ""),
        with_key="security" in operation,
        parameters=tuple(
            _field(document, each["name"], each["schema"], needed=each["required"], place=each["in"])
            for each in operation.get("parameters", ())
        ),
        takes=_content(document, body) if body else None,
        gives=_content(document, good),
        refusals={status: answer["description"] for status, answer in answers.items() if status >= "400"},
    )


def _content(document: Mapping[str, Any], message: Mapping[str, Any]) -> Kind | None:
    return next((_kind(document, each["schema"]) for each in message.get("content", {}).values()), None)


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield _field(document, name, each, needed=name in needed)


def _field(
    document: Mapping[str, Any], name: str, schema: Mapping[str, Any], *, needed: bool, place: str = ""
) -> Field:
    default = schema.get("default")
    shown = (
        "" if default in (None, "") else str(default).lower() if isinstance(default, bool) else str(default)
    )
    return Field(name, _kind(document, schema), schema.get("description", ""), needed, shown, place)


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Kind:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Kind("", document["components"]["schemas"][name]["title"])
    if "oneOf" in schema:
        return _either(_kind(document, each) for each in schema["oneOf"])
    if schema.get("type") == "array":
        inner = _kind(document, schema["items"])
        return Kind(f"a list of {inner.words}".rstrip(), inner.shape)
    if schema.get("additionalProperties"):
        inner = _kind(document, schema["additionalProperties"])
        return Kind(f"by name, each {inner.words}".rstrip(), inner.shape)
    if "enum" in schema:
        return Kind(f"one of {', '.join(map(str, schema['enum']))}")
    return Kind(_TYPES.get(schema.get("type", ""), "any value") + _bounds(schema))


def _either(kinds: Iterable[Kind]) -> Kind:
    others = list(kinds)
    rest = [kind for kind in others if kind != Kind(_TYPES["null"])]
    shape = next((kind.shape for kind in rest if kind.shape), "")
    return Kind(" or ".join(kind.words for kind in rest if kind.words), shape, len(rest) < len(others))


def _bounds(schema: Mapping[str, Any]) -> str:
    if "minimum" not in schema or "maximum" not in schema:
        return ""
    return f" from {count_text(int(schema['minimum']))} to {count_text(int(schema['maximum']))}"
