from pathlib import Path

import pytest

from sluice.config import ConfigError, read_config
from sluice.config.alarm_checks import ALARM_CHECKS, NEEDS, a_password_is_not_for_everybody, needs
from sluice.config.table import OPTIONS
from support.server import REGTEST_ADDRESS

WHOLE = {
    "webhook_url": "http://h/HUSH",
    "webhook_secret": "HUSH",
    "ntfy_url": "https://ntfy.sh/HUSH",
    "ntfy_token": "HUSH",
    "telegram_token": "1:HUSH",
    "telegram_chat": "5",
    "discord_url": "https://d/webhooks/HUSH",
    "email_to": "me@example.org",
    "email_from": "pool@example.org",
    "email_server": "mail.example.org:587",
    "email_user": "me",
    "email_password": "HUSH",
}


def wrong(tmp_path: Path, **settings: str) -> list[str]:
    """What `sluice run` says of these alarms."""
    file = tmp_path / "sluice.toml"
    lines = "".join(f"{key} = {text!r}\n" for key, text in settings.items())
    file.write_text(f"[pool]\naddress = '{REGTEST_ADDRESS}'\n[alarms]\n{lines}")
    try:
        read_config(file, {})
    except ConfigError as error:
        return [mistake.text for mistake in error.mistakes]
    return []


def test_all_ways_together_are_fine(tmp_path: Path) -> None:
    assert wrong(tmp_path, **WHOLE) == []


@pytest.mark.parametrize(("key", "others"), NEEDS.items())
def test_what_is_of_no_use_alone_is_told_by_name_and_not_by_value(
    key: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    alone = wrong(tmp_path, **{key: WHOLE[key]})
    assert f"alarms.{key} is set, and of no use without alarms.{others[0]}" in alone
    assert "HUSH" not in "".join(alone)


def test_checks_look_at_options_that_there_are() -> None:
    for options, _ in ALARM_CHECKS:
        assert set(options) <= set(OPTIONS)


def test_what_is_not_set_needs_nothing() -> None:
    assert needs("telegram_token", "telegram_chat")(read_config(None, {}, checks=()), 0) is None


@pytest.mark.parametrize(
    ("server", "encryption", "fine"),
    [
        ("mail.example.org:25", "none", False),
        ("10.0.0.1:25", "none", False),
        ("mail.example.org:587", "starttls", True),
        ("127.0.0.1:25", "none", True),
        ("[::1]:25", "none", True),
        ("localhost:25", "none", True),
    ],
)
def test_a_password_goes_in_the_clear_on_this_machine_alone(server: str, encryption: str, fine: bool) -> None:
    given = {"email_server": server, "email_encryption": encryption, "email_user": "u", "email_password": "p"}
    environ = {f"SLUICE_ALARMS__{key.upper()}": text for key, text in given.items()}
    assert (a_password_is_not_for_everybody(read_config(None, environ, checks=())) is None) == fine
