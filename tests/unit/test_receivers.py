from pathlib import Path

from sluice.alarms.debounce import Pace
from sluice.alarms.discord import Discord
from sluice.alarms.mail import Encryption, Mail, MailServer
from sluice.alarms.ntfy import Ntfy
from sluice.alarms.telegram import Telegram
from sluice.alarms.topics import Topic
from sluice.alarms.webhook import Webhook
from sluice.config import Config, read_config
from sluice.receivers import NOBODY, alarms_plan, receivers_of


def configured(**settings: str) -> Config:
    return read_config(
        None, {f"SLUICE_ALARMS__{key.upper()}": text for key, text in settings.items()}, checks=()
    )


def test_nobody_is_told_unless_somebody_says_so() -> None:
    assert receivers_of(configured()) == ()


def test_a_webhook_is_told() -> None:
    assert receivers_of(configured(webhook_url="http://h/x", webhook_secret="s")) == (
        Webhook("http://h/x", "s"),
    )


def test_every_way_is_made_of_its_options() -> None:
    mail = {"email_to": "a@h, b@h", "email_server": "m:465", "email_encryption": "tls"}
    receivers = receivers_of(
        configured(
            ntfy_url="https://ntfy.sh/t",
            ntfy_token="tk",
            telegram_token="1:A",
            telegram_chat="5",
            telegram_url="http://h",
            discord_url="https://d/webhooks/1",
            email_user="u",
            email_password="p",
            **mail,
        )
    )
    assert receivers == (
        Ntfy("https://ntfy.sh/t", "tk"),
        Telegram("1:A", "5", "http://h"),
        Discord("https://d/webhooks/1"),
        Mail(("a@h", "b@h"), MailServer("m", 465, Encryption.TLS, "u", "p"), "a@h"),
    )
    [named] = receivers_of(configured(email_from="c@h", **mail))
    assert isinstance(named, Mail)
    assert (named.sender, named.server.user) == ("c@h", "")
    assert all(
        word in NOBODY for word in ("webhook_url", "ntfy_url", "telegram_token", "discord_url", "email_to")
    )


def test_what_the_operator_chose_is_what_the_rules_are_made_of() -> None:
    plan = alarms_plan(
        configured(
            events="blocks",
            best_difficulty="5",
            best_pause="6",
            best_report="daily",
            worker_quiet="7",
            worker_dwell="8",
            gather_seconds="9",
            refused_percent="10",
            refused_least="11",
            refused_window="12",
            node_quiet="13",
        )
    )
    rules = plan.rules
    assert rules.topics == {Topic.BLOCKS}
    assert (rules.bests.least, rules.bests.pause, rules.bests.daily) == (5.0, 6.0, True)
    assert (rules.workers, rules.conditions, rules.gather) == (Pace(7.0, 8.0), Pace(13.0, 13.0), 9.0)
    assert (rules.refusals.part, rules.refusals.least, rules.refusals.window) == (0.1, 11, 12.0)
    assert plan.look_seconds == 1.75


def test_who_mined_is_remembered_in_the_data_directory(tmp_path: Path) -> None:
    config = read_config(None, {"SLUICE_DATA__DIR": str(tmp_path)}, checks=())
    assert alarms_plan(config).memory == tmp_path / "workers.json"


def test_a_look_is_often_enough_to_see_who_mines() -> None:
    assert alarms_plan(configured()).look_seconds == 15.0
    assert alarms_plan(configured(worker_quiet="0")).look_seconds == 1.0
