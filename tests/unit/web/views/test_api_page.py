"""The API for people."""

import re
from pathlib import Path

import httpx
import pytest

from sluice.web.guard import CONTENT_SECURITY_POLICY
from sluice.web.views.api_page import Field, Kind, sections_of, shapes_of
from support.rest import Api, with_api
from support.web import page_of, text_of

SCHEMAS = {
    "Thing": {
        "title": "Thing",
        "description": "Of a kind.",
        "required": ["many"],
        "properties": {
            "many": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
            "some": {"oneOf": [{"type": "number"}, {"type": "null"}], "description": "If any."},
            "by_reason": {"type": "object", "additionalProperties": {"type": "integer"}},
            "one": {"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
            "word": {"enum": ["a", "b"]},
            "size": {"type": "integer", "minimum": 1.0, "maximum": 1000.0, "default": 5},
            "off": {"type": "boolean", "default": False},
            "whatever": {},
        },
    }
}


def test_a_schema_is_said_in_words() -> None:
    [shape] = shapes_of({"components": {"schemas": SCHEMAS}})
    assert (shape.name, shape.words) == ("Thing", "Of a kind.")
    assert {each.name: each.kind for each in shape.fields} == {
        "many": Kind("a list of", "Thing"),
        "some": Kind("a number", or_null=True),
        "by_reason": Kind("by name, each a whole number"),
        "one": Kind("", "Thing", or_null=True),
        "word": Kind("one of a, b"),
        "size": Kind("a whole number from 1 to 1,000"),
        "off": Kind("true or false"),
        "whatever": Kind("any value"),
    }
    assert [each.default for each in shape.fields if each.default] == ["5", "false"]
    assert [each.name for each in shape.fields if each.needed] == ["many"]


def test_every_call_and_every_shape_of_the_document_is_on_the_page(tmp_path: Path) -> None:
    document: dict[str, object] = {}

    async def ask(api: Api) -> None:
        document.update(await api.read("/api/v1/openapi.json"))

    with_api(tmp_path, ask)
    sections, shapes = sections_of(document), shapes_of(document)
    assert [section.name for section in sections] == ["pool", "miners", "blocks", "operator"]
    calls = [call for section in sections for call in section.calls]
    paths = document["paths"]
    assert isinstance(paths, dict)
    assert {call.path for call in calls} == set(paths)
    limit = next(call for call in calls if call.path == "/api/v1/accounts").parameters[1]
    assert limit == Field(
        "limit", Kind("a whole number from 1 to 1,000"), "How many entries at most.", False, "100", "query"
    )
    page = api_page(tmp_path)
    text = text_of(page.text)
    for call in calls:
        assert f"{call.method} {call.path} {call.summary}" in text
        assert call.words in text
    ids = set(re.findall(r'id="([^"]*)"', page.text))
    assert {f"shape-{shape.name.replace('[', '%5B').replace(']', '%5D')}" for shape in shapes} <= ids
    assert set(re.findall(r'href="#([^"]*)"', page.text)) <= ids


def api_page(tmp_path: Path) -> httpx.Response:
    directory = tmp_path / "page"
    directory.mkdir()
    return page_of(directory, "/api/docs")


def test_it_is_under_the_same_policy_and_brings_no_script_along(tmp_path: Path) -> None:
    page = api_page(tmp_path)
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert re.findall(r"<script[^>]*src=\"(/static/[^\"]*)\"", page.text)
    assert not re.findall(r"<script(?![^>]*src=\"/static/)|style=|onclick", page.text)


@pytest.mark.parametrize("path", ["/", "/connect", "/nothing"])
def test_every_page_leads_to_it(tmp_path: Path, path: str) -> None:
    assert '<a href="/api/docs">API</a>' in page_of(tmp_path, path).text
