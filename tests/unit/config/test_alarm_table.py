from pathlib import Path

import pytest

from sluice.alarms.topics import USUAL
from sluice.config import ConfigError, read_config
from sluice.config.alarm_table import Alarms
from sluice.config.render import configuration_file
from sluice.config.table import OPTIONS

#: Whoever has one of these can write to a receiver, or as us.
SECRETS = [
    "webhook_url",
    "webhook_secret",
    "ntfy_url",
    "ntfy_token",
    "telegram_token",
    "discord_url",
    "email_password",
]


def test_nobody_is_told_unless_somebody_says_so() -> None:
    given = Alarms()
    assert given.events == USUAL
    assert [getattr(given, key) for key in SECRETS] == [""] * len(SECRETS)


def test_what_lets_somebody_write_is_secret() -> None:
    options = [option for option in OPTIONS.values() if option.section == "alarms"]
    assert [option.key for option in options if option.row.secret] == SECRETS
    assert all(option.flag.startswith("--alarms-") for option in options if not option.row.secret)


@pytest.mark.parametrize("key", ["webhook_url", "ntfy_url", "telegram_token", "discord_url"])
def test_a_secret_that_is_wrong_is_not_repeated(key: str, tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(f"[alarms]\n{key} = 'SECRET'\n")
    with pytest.raises(ConfigError) as error:
        read_config(file, {}, checks=())
    assert f"alarms.{key} must be" in str(error.value)
    assert "SECRET" not in str(error.value)


def test_the_default_file_shows_none() -> None:
    assert '#webhook_url = ""' in configuration_file()
