"""The API as a whole: who may read it, its document, and that what it answers is what that promises."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice.control.words import NodePicture, RecordPicture, TemplatePicture
from sluice.web.rest.api import OPERATORS_REFUSALS, REFUSALS
from support.kept import BLOCK, keep_story
from support.openapi import faults, schema_of
from support.pictures import ACCOUNT, NOW, pool
from support.rest import OPERATOR, Api, with_api
from support.scripted_pool import ScriptedPool

COMMANDS = {
    "/api/v1/operator/difficulty": {"name": "alice", "difficulty": 1},
    "/api/v1/operator/close": {"name": "alice"},
    "/api/v1/operator/ban": {"what": "alice"},
    "/api/v1/operator/unban": {"what": "alice"},
    "/api/v1/operator/drain": {},
}

#: What only an operator may read.
OPERATORS = {"/api/v1/settings"}
#: What a read has to be asked with.
ASKED = {
    "/api/v1/account": {"name": ACCOUNT},
    "/api/v1/workers": {"account": ACCOUNT},
    "/api/v1/worker": {"account": ACCOUNT, "name": "rig"},
    "/api/v1/charts/account": {"name": ACCOUNT},
    "/api/v1/charts/worker": {"account": ACCOUNT},
}


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_the_document_knows_the_api_and_nothing_else(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        document = await api.read("/api/v1/openapi.json")
        assert document["openapi"].startswith("3.1")
        assert all(path.startswith("/api/v1/") for path in document["paths"])
        for method, path, operation in operations(document):
            assert operation["summary"]
            assert operation["description"]
            is_command = path in COMMANDS
            assert (method == "post") is is_command
            is_operators = is_command or path in OPERATORS
            assert ("security" in operation) is is_operators
            wanted = {200, *REFUSALS, *(OPERATORS_REFUSALS if is_operators else ())}
            assert {int(status) for status in operation["responses"]} == wanted
            assert len(operation["tags"]) == 1

    with_api(tmp_path, ask)


def test_every_field_is_described(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        document = await api.read("/api/v1/openapi.json")
        for name, schema in document["components"]["schemas"].items():
            for field, what in schema["properties"].items():
                assert what.get("description") or "$ref" in what or "items" in what, f"{name}.{field}"

    with_api(tmp_path, ask)


def test_every_answer_is_as_the_document_promises(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        document = await api.read("/api/v1/openapi.json")
        for method, path, _ in operations(document):
            if method == "get":
                asked = path.replace("{block_hash}", BLOCK)
                answer = await api.client.get(asked, params=ASKED.get(path), headers=OPERATOR)
            else:
                answer = await api.client.post(path, json=COMMANDS[path], headers=OPERATOR)
            schema = schema_of(document, method, path, answer.status_code)
            assert list(faults(document, schema, answer.json())) == [], path
            assert answer.status_code == 200, path

    script = ScriptedPool(
        pool(
            nodes=(NodePicture("home", "leads", lag=0.5, template_age=1.0, outcomes={"accepted": 1}),),
            template=TemplatePicture(1.0, 101, 5_000, 5, 3),
            record=RecordPicture(),
        )
    )
    with_api(tmp_path, ask, script, database=keep_story(tmp_path, int(NOW)))


def test_a_refusal_is_as_the_document_promises(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        document = await api.read("/api/v1/openapi.json")
        answer = await api.client.get("/api/v1/log?limit=0")
        assert list(faults(document, schema_of(document, "get", "/api/v1/log", 400), answer.json())) == []
        answer = await api.client.post("/api/v1/operator/drain", json={})
        schema = schema_of(document, "post", "/api/v1/operator/drain", 401)
        assert list(faults(document, schema, answer.json())) == []

    with_api(tmp_path, ask)


def test_any_page_may_read_it(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        for path in ("/api/v1/network", "/api/v1/openapi.json"):
            answer = await api.client.get(path, headers={"origin": "http://bitaxe.local"})
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
            assert "access-control-allow-credentials" not in answer.headers
        page = await api.client.get("/", headers={"origin": "http://bitaxe.local"})
        assert "access-control-allow-origin" not in page.headers

    with_api(tmp_path, ask)


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/network", "/api/v1/network/x"),
        # The framework's own pages of the document.
        *("/schema", "/schema/redoc", "/schema/swagger", "/schema/openapi.json", "/schema/openapi.yaml"),
    ],
)
def test_what_is_not_there_is_a_problem(tmp_path: Path, path: str) -> None:
    async def ask(api: Api) -> None:
        assert (await api.refused(path))[0] == 404

    with_api(tmp_path, ask)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_reading_is_all_that_one_can_do(tmp_path: Path, method: str) -> None:
    async def ask(api: Api) -> None:
        assert (await api.refused("/api/v1/network", method=method))[0] == 405

    with_api(tmp_path, ask)


def test_an_address_that_asks_too_often_waits_and_this_machine_does_not(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        visitor = {"x-forwarded-for": "198.51.100.7"}
        answers = [await api.client.get("/api/v1/network", headers=visitor) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 1
        assert answers[-1].headers["content-type"].startswith("application/problem+json")
        assert "default-src 'none'" in answers[-1].headers["content-security-policy"]
        other = {"x-forwarded-for": "198.51.100.8"}
        assert (await api.client.get("/users/other", headers=other)).status_code == 200
        for _ in range(20):
            await api.read("/api/v1/network")

    with_api(tmp_path, ask, requests_per_minute=60, trusted_proxies="127.0.0.1")


def references(part: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_document_is_sound(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        document = await api.read("/api/v1/openapi.json")
        assert {"openapi", "info", "paths", "components"} <= document.keys()
        assert {"title", "version"} <= document["info"].keys()
        for reference in references(document):
            found: Any = document
            for name in reference.removeprefix("#/").split("/"):
                found = found[name]
        known = {tag["name"] for tag in document["tags"]}
        identities = [operation["operationId"] for _, _, operation in operations(document)]
        assert len(set(identities)) == len(identities)
        for _, path, operation in operations(document):
            assert set(operation["tags"]) <= known
            parameters = operation.get("parameters", [])
            in_path = {each["name"] for each in parameters if each["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))
            assert all(each["description"] for each in parameters), path
            assert all(each["required"] for each in parameters if each["in"] == "path")
            for scheme in operation.get("security", ()):
                assert scheme.keys() <= document["components"]["securitySchemes"].keys()

    with_api(tmp_path, ask)
