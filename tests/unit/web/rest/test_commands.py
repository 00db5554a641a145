"""What an operator can have done, as the pool is told it."""

from pathlib import Path
from typing import Any

import pytest

from sluice.control.place import NAME
from sluice.control.words import Ban, CloseChannels, Command, Drain, Refused, SetDifficulty, Unban
from sluice.web.rest.commands import MOST_NAME, OPERATOR
from support.rest import OPERATOR as KEY
from support.rest import Api, with_api

HERE = "/api/v1/operator"


@pytest.mark.parametrize(
    ("path", "body", "command"),
    [
        ("difficulty", {"name": "alice.rig", "difficulty": 0.5}, SetDifficulty("alice.rig", 0.5)),
        ("difficulty", {"name": "alice", "difficulty": 1}, SetDifficulty("alice", 1.0)),
        ("difficulty", {"name": "alice"}, SetDifficulty("alice")),
        ("difficulty", {"name": "alice", "difficulty": None}, SetDifficulty("alice")),
        ("close", {"name": "\u202e<b>"}, CloseChannels("\u202e<b>")),
        ("ban", {"what": "192.0.2.0/24", "seconds": 60}, Ban("192.0.2.0/24", 60.0)),
        ("ban", {"what": "alice"}, Ban("alice")),
        ("unban", {"what": "alice"}, Unban("alice")),
        ("drain", {}, Drain()),
        ("drain", {"off": True}, Drain(off=True)),
    ],
)
def test_a_command_is_carried_to_the_pool(
    tmp_path: Path, path: str, body: dict[str, Any], command: Command
) -> None:
    async def ask(api: Api) -> None:
        answer = await api.client.post(f"{HERE}/{path}", json=body, headers=KEY)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"words": "it is done", "count": 2}
        assert api.pool.commands == [command]

    with_api(tmp_path, ask)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("difficulty", {"name": "alice", "difficulty": 0}),
        ("difficulty", {"name": "alice", "difficulty": -1}),
        ("difficulty", {"name": "alice", "difficulty": 1e300}),
        ("difficulty", {"name": "alice", "difficulty": True}),
        ("difficulty", {"name": ""}),
        ("difficulty", {}),
        ("difficulty", []),
        ("difficulty", None),
        ("close", {"name": "x" * (MOST_NAME + 1)}),
        ("close", {"name": 7}),
        ("close", {"nane": "alice"}),
        ("ban", {"what": "alice", "seconds": 0}),
        ("ban", {"what": "alice", "seconds": 1e30}),
        ("ban", {"what": "alice", "second": 1}),
        ("drain", {"off": "perhaps"}),
    ],
)
def test_what_means_nothing_is_not_carried(tmp_path: Path, path: str, body: object) -> None:
    async def ask(api: Api) -> None:
        status, _ = await api.refused(f"{HERE}/{path}", method="POST", json=body, headers=KEY)
        assert status == 400
        assert api.pool.commands == []

    with_api(tmp_path, ask)


def test_the_pools_no_is_told_in_its_words(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        api.pool.answer = Refused("nobody is called alice")
        refused = await api.refused(f"{HERE}/close", method="POST", json={"name": "alice"}, headers=KEY)
        assert refused == (409, "nobody is called alice")

    with_api(tmp_path, ask)


def test_no_other_page_may_do_it(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        origin = {"origin": "https://stranger.example"}
        answer = await api.client.post(f"{HERE}/drain", json={}, headers=KEY | origin)
        assert "access-control-allow-origin" not in answer.headers
        before = origin | {
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization",
        }
        preflight = await api.client.options(f"{HERE}/drain", headers=before)
        assert not [name for name in preflight.headers if name.startswith("access-control-")]
        assert "set-cookie" not in answer.headers

    with_api(tmp_path, ask)


def test_every_command_is_behind_the_guard() -> None:
    assert len(OPERATOR.routes) == 5
    assert OPERATOR.guards


def test_where_no_pool_answers_the_problem_says_so(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        (tmp_path / NAME).unlink()
        status, words = await api.refused(f"{HERE}/close", method="POST", json={"name": "alice"}, headers=KEY)
        assert status == 503
        assert words.startswith("The pool did not answer: ")

    with_api(tmp_path, ask)
