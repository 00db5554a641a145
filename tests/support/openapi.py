"""What an OpenAPI 3.1 document promises, and whether an answer keeps it: as much of JSON Schema as ours uses."""

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
#: Words of a schema that say something to people, or that are checked together with another.
SILENT = {"description", "title", "default", "examples", "format"}
KNOWN = SILENT | {
    "$ref", "type", "oneOf", "anyOf", "properties", "required", "additionalProperties", "items", "enum", "pattern",
    "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength",
}  # fmt: skip


def schema_of(document: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    """The schema of an answer; KeyError if the document does not know it."""
    [content] = document["paths"][path][method]["responses"][str(status)]["content"].values()
    schema: dict[str, Any] = content["schema"]
    return schema


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "$") -> Iterator[str]:
    """What in `value` is not as promised; fields that nobody has promised, too."""
    unknown = schema.keys() - KNOWN
    assert not unknown, f"this checker does not know {unknown}"
    if "$ref" in schema:
        found: Any = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        yield from faults(document, found, value, at)
        return
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            tried = [list(faults(document, each, value, at)) for each in schema[choice]]
            if all(tried):
                yield min(tried, key=len)[0]
            return
    wanted = schema.get("type", list(TYPES))
    types = tuple(
        type_ for name in ([wanted] if isinstance(wanted, str) else wanted) for type_ in TYPES[name]
    )
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"{at}: {value!r} is no {wanted}"
        return
    if isinstance(value, dict):
        yield from _object_faults(document, schema, value, at)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from faults(document, schema.get("items", {}), each, f"{at}[{place}]")
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value!r} is not like {schema['pattern']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"


def _object_faults(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], at: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in set(schema.get("required", ())) | set(properties):
        if name not in value:
            yield f"{at}.{name}: it is promised, and not there"
    more = schema.get("additionalProperties", not properties)
    for name, each in value.items():
        if name in properties:
            yield from faults(document, properties[name], each, f"{at}.{name}")
        elif isinstance(more, dict):
            yield from faults(document, more, each, f"{at}.{name}")
        elif not more:
            yield f"{at}.{name}: nobody has promised it"
