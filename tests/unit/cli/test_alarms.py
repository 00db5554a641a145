import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluice.cli.alarms import alarms
from sluice.cli.entry import main
from sluice.exit_codes import ExitCode
from support.web_server import Answer, WebServer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Has no payout address: alarms may be tried before there is a pool."""
    return tmp_path / "sluice.toml"


def said(*arguments: str) -> str:
    answer = CliRunner().invoke(alarms, arguments)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_it_lists_who_is_told_without_secrets(config: Path) -> None:
    config.write_text(
        "[alarms]\nevents = 'blocks, pool'\nwebhook_url = 'https://h.test/KEY'\nwebhook_secret = 'HUSH'\n"
        "telegram_token = '1:TOKEN'\ntelegram_chat = '-5'\nntfy_url = 'https://ntfy.test/TOPIC'\n"
        "discord_url = 'https://d.test/api/webhooks/1/DKEY'\n"
        "email_to = 'a@h.test, b@h.test'\nemail_server = 'mail.test:587'\nemail_user = 'u'\nemail_password = 'PW'\n"
    )
    text = said("--config", str(config))
    assert text.splitlines() == [
        "webhook: https://h.test",
        "ntfy: https://ntfy.test",
        "telegram: chat -5 by https://api.telegram.org",
        "discord: https://d.test",
        "e-mail: a@h.test, b@h.test by mail.test:587",
        "told of: blocks, pool",
    ]
    machine = json.loads(said("--config", str(config), "--json"))
    assert machine["events"] == ["blocks", "pool"]
    assert [each["receiver"] for each in machine["receivers"]] == [
        "webhook",
        "ntfy",
        "telegram",
        "discord",
        "e-mail",
    ]


def test_nobody_is_told_and_it_says_how(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("")
    assert said("--config", str(config)).startswith("Nobody is told: set webhook_url, ")
    assert main(["alarms", "test", "--config", str(config)]) == ExitCode.USAGE
    assert "set webhook_url, " in capsys.readouterr().err


def test_each_way_is_tried_and_what_came_of_it_is_said(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with WebServer() as good, WebServer(lambda request: Answer(404, request.path.encode())) as bad:
        config.write_text(
            f"[alarms]\nwebhook_url = '{good.url}/KEY'\ndiscord_url = '{bad.url}/api/webhooks/1/DKEY'\n"
        )
        assert main(["alarms", "test", "--config", str(config)]) == ExitCode.FAILED
        lines = capsys.readouterr().out.splitlines()
        assert lines == [f"webhook ({good.url}): sent", f"discord ({bad.url}): HTTP 404: ***"]
        assert main(["alarms", "--config", str(config), "test", "--json"]) == ExitCode.FAILED
        first, second = json.loads(capsys.readouterr().out)
        assert (first["sent"], second["sent"], second["reason"]) == (True, False, "HTTP 404: ***")
        assert [request.json["kind"] for request in good.requests] == ["test", "test"]
        config.write_text(f"[alarms]\nwebhook_url = '{good.url}'\n")
        assert main(["alarms", "test", "--config", str(config)]) == ExitCode.OK


def test_what_is_wrong_in_alarms_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("[alarms]\ntelegram_token = '1:TOKEN'\n")
    assert main(["alarms", "--config", str(config)]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "alarms.telegram_token is set, and of no use without alarms.telegram_chat" in told
    assert "TOKEN" not in told.replace("alarms.telegram_token", "")
