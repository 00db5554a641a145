"""Whether each field of an answer says what it is."""

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec


def undescribed(module: ModuleType) -> Iterator[str]:
    """Structs of a module without a docstring, and their fields without a description."""
    for name, struct in inspect.getmembers(module, inspect.isclass):
        if not issubclass(struct, msgspec.Struct) or struct.__module__ != module.__name__:
            continue
        if not struct.__doc__:
            yield name
        if not struct.__struct_config__.frozen:
            yield f"{name} can be changed"
        schema: dict[str, Any] = next(iter(msgspec.json.schema_components([struct])[1].values()), {})
        for field, what in schema.get("properties", {}).items():
            refers = "$ref" in what or "anyOf" in what or "$ref" in what.get("items", {})
            if not what.get("description") and not refers:
                yield f"{name}.{field}"
