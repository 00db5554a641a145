"""The files of tests/vectors: facts that others established, to which we are held."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors"
MAINNET_BLOCK = "mainnet_block_000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae.raw"


def vector_bytes(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def vector_json(name: str) -> Any:
    return json.loads(vector_bytes(name))


def vector_cases(name: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The cases of a file, or those of one kind; never none."""
    cases = [case for case in vector_json(name)["cases"] if kind in (None, case.get("kind"))]
    assert cases, f"{name} has no case of kind {kind}"
    return cases


def case_name(case: Any) -> str:
    """For pytest's `ids`."""
    return str(case["name"])
