import hmac
from hashlib import sha256

from msgspec import json

from sluice.alarms.message import Detail, Message, Name, Weight
from sluice.alarms.receiver import Later, Never, Sent
from sluice.alarms.topics import Topic
from sluice.alarms.webhook import SIGNATURE, Webhook, body_of
from support.alarms import HOSTILE, NOW, letter, message, send
from support.web_server import Answer, WebServer


def test_a_letter_is_json_with_documented_fields() -> None:
    with WebServer() as server:
        assert send(Webhook(f"{server.url}/hook?key=1"), unix_time=NOW + 3) == Sent()
    [request] = server.requests
    assert request.path == "/hook?key=1"
    assert request.json == {
        "version": 1,
        "id": "0123456789abcdef",
        "pool": "My Pool",
        "topic": "blocks",
        "kind": "block_found",
        "level": "info",
        "title": "Block 5 was found by alice.rig",
        "text": "It is on its way.",
        "at": NOW,
        "sent_at": NOW + 3,
        "details": {"height": 5, "user": "alice.rig"},
    }
    assert SIGNATURE not in request.headers


def test_with_a_secret_the_body_is_signed() -> None:
    with WebServer() as server:
        send(Webhook(server.url, "tell nobody"))
    [request] = server.requests
    expected = hmac.new(b"tell nobody", request.body, sha256).hexdigest()
    assert request.headers[SIGNATURE] == f"sha256={expected}"


def test_names_are_clean_in_every_field() -> None:
    details: dict[str, Detail] = {
        "user": HOSTILE,
        "workers": (HOSTILE, "b"),
        "reasons": {"stale": 3},
        "part": 0.5,
    }
    said = Message(Topic.WORKERS, "workers_gone", Weight.WARNING, (Name(HOSTILE),), (Name(HOSTILE),), details)
    body = json.decode(body_of(letter(said), NOW))
    texts = [body["title"], body["text"], body["details"]["user"], *body["details"]["workers"]]
    assert all(text.isprintable() for text in texts)
    assert body["details"]["reasons"] == {"stale": 3}
    assert body["details"]["part"] == 0.5


def test_what_goes_wrong_is_told_without_the_address() -> None:
    webhook = Webhook("http://127.0.0.1:1/KEY-IN-THE-PATH", "tell nobody")
    outcome = send(webhook)
    assert isinstance(outcome, Later)
    with WebServer(lambda request: Answer(404, request.path.encode() + b" is nothing")) as server:
        webhook = Webhook(f"{server.url}/KEY-IN-THE-PATH", "tell nobody")
        outcome = send(webhook)
        assert outcome == Never("HTTP 404: /*** is nothing")
        assert webhook.where == server.url
    assert "KEY" not in repr(webhook) + webhook.where
    assert "nobody" not in repr(webhook)


def test_an_attempt_again_has_the_same_number() -> None:
    said = letter(message())
    with WebServer() as server:
        send(Webhook(server.url), said)
        send(Webhook(server.url), said, unix_time=NOW + 60)
    first, second = (request.json for request in server.requests)
    assert first["id"] == second["id"]
    assert (first["at"], second["sent_at"] - first["sent_at"]) == (second["at"], 60)
