from pathlib import Path

import pytest

from sluice.config import ConfigError, read_config
from sluice.config.alarm_checks import a_webhook_has_a_url
from support.server import REGTEST_ADDRESS


def wrong(tmp_path: Path, text: str) -> str:
    """What `sluice run` says of these alarms."""
    file = tmp_path / "sluice.toml"
    file.write_text(f"[pool]\naddress = '{REGTEST_ADDRESS}'\n[alarms]\n{text}\n")
    with pytest.raises(ConfigError) as error:
        read_config(file, {})
    return str(error.value)


def test_a_webhook_s_secret_needs_a_webhook(tmp_path: Path) -> None:
    words = wrong(tmp_path, "webhook_secret = 'HUSH'")
    assert ", line 4: alarms.webhook_secret is set, and there is nothing to sign" in words
    assert "HUSH" not in words
    whole = read_config(
        None, {"SLUICE_ALARMS__WEBHOOK_URL": "http://h/", "SLUICE_ALARMS__WEBHOOK_SECRET": "x"}, checks=()
    )
    assert a_webhook_has_a_url(whole) is None
