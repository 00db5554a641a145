"""Alarms of `sluice run` on the embedded chain: a webhook hears of blocks and workers, whatever becomes of it."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sluice.alarms.webhook import SIGNATURE, signature
from support.alarms import HOSTILE as WORST
from support.mail_server import PASSWORD, USER, Mailbox, certificate, mail_server_in_a_thread
from support.miners import mining
from support.server import ServerProcess, sluice_server
from support.services import Discord, Ntfy, Telegram
from support.waiting import wait_for
from support.web_server import HANGS, WebServer

#: What can stand on a command line.
HOSTILE = WORST.replace("\0", "").replace("\udcff", "")

#: Blocks every second, shares every tenth of one, and pauses that a test can wait for.
QUICK = {
    "node__block_seconds": 1,
    "pool__shares_per_minute": 600,
    "alarms__events": "blocks workers pool",
    "alarms__worker_quiet": 2,
    "alarms__worker_dwell": 1,
    "alarms__gather_seconds": 0,
}


def kinds(hook: WebServer) -> list[str]:
    return [request.json["kind"] for request in hook.requests]


def bodies(hook: WebServer, *wanted: str) -> list[Any]:
    return [request.json for request in hook.requests if request.json["kind"] in wanted]


def running(hook: WebServer, *flags: str) -> Any:
    return sluice_server(
        *flags, **QUICK, alarms__webhook_url=f"{hook.url}/KEY", alarms__webhook_secret="HUSH"
    )


def test_a_block_and_its_fate_are_heard_of_and_each_once() -> None:
    with WebServer() as hook, running(hook) as server:
        with mining(server.url, "alice.rig"):
            wait_for(lambda: "block_accepted" in kinds(hook))
        assert server.stop() == 0
        assert kinds(hook)[0] == "pool_started"
        assert kinds(hook)[-1] == "pool_drains"
        log = server.log_file.read_text()
    for request in hook.requests:
        assert request.path == "/KEY"
        assert request.headers[SIGNATURE] == signature("HUSH", request.body)
    found = bodies(hook, "block_found")
    assert found[0]["details"]["user"] == "alice.rig"
    for fate in ("block_found", "block_accepted"):
        hashes = [body["details"]["block_hash"] for body in bodies(hook, fate)]
        assert len(set(hashes)) == len(hashes)
    assert {body["details"]["block_hash"] for body in bodies(hook, "block_accepted")} <= {
        body["details"]["block_hash"] for body in found
    }
    assert "KEY" not in log
    assert "HUSH" not in log


def test_a_block_is_heard_of_by_every_way_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(certificate()[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    ntfy, telegram, discord, mailbox = (
        Ntfy("tk_HUSH-of-ntfy"),
        Telegram("1:HUSH-of-bot", "5"),
        Discord(),
        Mailbox(),
    )
    with ExitStack() as stack:
        for_ntfy, for_telegram, for_discord = (
            stack.enter_context(WebServer(service)) for service in (ntfy, telegram, discord)
        )
        port = stack.enter_context(mail_server_in_a_thread(mailbox))
        settings = {
            "ntfy_url": f"{for_ntfy.url}/HUSH-of-topic",
            "ntfy_token": ntfy.token,
            "telegram_url": for_telegram.url,
            "telegram_token": telegram.token,
            "telegram_chat": telegram.chat,
            "discord_url": for_discord.url + discord.path,
            "email_to": "me@example.org",
            "email_server": f"127.0.0.1:{port}",
            "email_user": USER,
            "email_password": PASSWORD,
        }
        given = {f"alarms__{key}": value for key, value in settings.items()}
        server = stack.enter_context(sluice_server(**QUICK | {"alarms__events": "blocks"} | given))
        with mining(server.url, HOSTILE):
            shown = (mailbox.mails, ntfy.shown, telegram.shown, discord.shown)
            wait_for(lambda: all(each[1:] for each in shown))
        assert server.stop() == 0
        log = server.log_file.read_text()
    assert discord.mentioned == []
    assert "was found by" in ntfy.shown[0][1]
    assert "was found by" in telegram.shown[0]
    assert "was found by" in discord.shown[0]
    assert "was found by" in mailbox.mails[0]["Subject"]
    assert mailbox.sealed[0]
    assert "alarms by" not in log  # none of them failed
    assert not any(secret in log for secret in ("HUSH", "TOKEN-OF"))


def test_a_miner_that_is_killed_is_gone_and_one_that_comes_back_is_back() -> None:
    with WebServer() as hook, running(hook) as server:
        with mining(server.url, "alice.rig") as miner:
            wait_for(lambda: accepted_some(server))
            time.sleep(1.5)  # a look
            miner.send_signal(signal.SIGKILL)
            wait_for(lambda: "workers_gone" in kinds(hook))
        with mining(server.url, "alice.rig"):
            wait_for(lambda: "workers_back" in kinds(hook))
            time.sleep(1.0)
            assert server.stop() == 0
    told = bodies(hook, "workers_gone", "workers_back")
    assert [body["title"] for body in told] == ["Worker alice.rig is gone", "Worker alice.rig is back"]


def test_a_miner_that_does_not_come_again_after_a_restart_is_gone(tmp_path: Path) -> None:
    again = ("--data-dir", str(tmp_path))
    with WebServer() as hook:
        with running(hook, *again) as server, mining(server.url, "alice.rig"):
            wait_for(lambda: accepted_some(server))
            time.sleep(1.5)  # a look
            assert server.stop() == 0
        with running(hook, *again) as server:
            wait_for(lambda: "workers_gone" in kinds(hook))
            assert server.stop() == 0
    assert [body["title"] for body in bodies(hook, "workers_gone")] == ["Worker alice.rig is gone"]


def accepted_some(server: ServerProcess) -> bool:
    return bool(server.events("block found"))


def test_a_receiver_that_hangs_costs_the_pool_nothing() -> None:
    with WebServer(lambda request: HANGS) as hook, running(hook) as server:
        with mining(server.url, "alice.rig"):
            wait_for(lambda: server.events("block accepted"))
        wait_for(lambda: server.events("peer left"))
        assert server.events("peer left")[0]["refused"] == 0
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 6.0
        assert len({request.json["id"] for request in hook.requests}) == 1
