import pytest

from sluice.alarms.message import Weight, reason
from sluice.alarms.ntfy import Ntfy
from sluice.alarms.receiver import Later, Never, Sent
from support.alarms import HOSTILE, NOW, letter, message, send
from support.services import Ntfy as Service
from support.web_server import Answer, WebServer

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"


def test_a_letter_is_shown_as_it_is() -> None:
    service = Service()
    with WebServer(service) as server:
        assert send(Ntfy(f"{server.url}/my-topic")) == Sent()
        [request] = server.requests
    assert service.shown == [("my-topic", "My Pool: Block 5 was found by alice.rig", "It is on its way.")]
    assert (request.json["priority"], request.json["tags"]) == (3, ["pick"])
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(("weight", "priority"), [(Weight.WARNING, 4), (Weight.ERROR, 5)])
def test_what_matters_more_is_louder(weight: Weight, priority: int) -> None:
    with WebServer(Service()) as server:
        send(Ntfy(f"{server.url}/my-topic"), letter(message(weight=weight)))
        assert server.requests[0].json["priority"] == priority


def test_a_protected_topic_needs_its_token() -> None:
    service = Service(TOKEN)
    with WebServer(service) as server:
        assert send(Ntfy(f"{server.url}/my-topic", TOKEN)) == Sent()
        assert send(Ntfy(f"{server.url}/my-topic", "tk_wrong")) == Never("HTTP 403: forbidden")
    assert len(service.shown) == 1


def test_a_hostile_name_is_text() -> None:
    service = Service()
    with WebServer(service) as server:
        words = ("Worker ", reason(HOSTILE), " is gone")
        assert send(Ntfy(f"{server.url}/t"), letter(message(words, words))) == Sent()
    [(_, title, text)] = service.shown
    assert title.isprintable()
    assert text.isprintable()


def test_what_is_too_long_is_cut_and_not_made_a_file() -> None:
    service = Service()
    with WebServer(service) as server:
        assert send(Ntfy(f"{server.url}/t"), letter(message(("ü" * 5_000,), ("🙂" * 5_000,)))) == Sent()
    [(_, title, text)] = service.shown
    assert len(title.encode()) <= 250
    assert text.endswith("…")


def test_a_late_letter_says_so() -> None:
    service = Service()
    with WebServer(service) as server:
        send(Ntfy(f"{server.url}/t"), unix_time=NOW + 600)
    assert service.shown[0][2] == "It is on its way. This was 10 min ago."


def test_too_many_and_nonsense_are_tried_again() -> None:
    limit = b'{"code":42901,"http":429,"error":"limit reached: too many requests"}'
    with WebServer() as server:
        server.answers += [Answer(429, limit, (("Retry-After", "9"),)), Answer(502, b"<html>")]
        assert send(Ntfy(f"{server.url}/t")) == Later("HTTP 429: limit reached: too many requests", 9.0)
        assert send(Ntfy(f"{server.url}/t")) == Later("HTTP 502: <html>")


def test_topic_and_token_stay_secret() -> None:
    ntfy = Ntfy("https://ntfy.sh/my-secret-topic", TOKEN)
    assert ntfy.where == "https://ntfy.sh"
    assert "secret" not in repr(ntfy)
    assert TOKEN not in repr(ntfy)
    with WebServer(lambda request: Answer(400, request.body)) as server:
        outcome = send(Ntfy(f"{server.url}/my-secret-topic", TOKEN))
    assert isinstance(outcome, Never)
    assert "my-secret-topic" not in outcome.reason
