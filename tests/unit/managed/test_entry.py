"""The way into the module; that it mines is shown in tests/real/test_managed.py."""

import json
import subprocess
import sys
from pathlib import Path

from sluice.exit_codes import ExitCode
from sluice.managed.entry import main

ENTER = [sys.executable, "-c", "import sys; from sluice.managed.entry import main; sys.exit(main())"]


def test_whoever_starts_it_by_hand_is_told_how_to_run_sluice() -> None:
    said = subprocess.run(ENTER, capture_output=True, text=True, timeout=60, env={})
    assert said.returncode == main({}) == ExitCode.USAGE
    assert "started by a blvm-node" in said.stderr
    assert said.stdout == ""


def test_what_a_newer_node_says_besides_is_noted_and_a_module_that_is_off_ends(tmp_path: Path) -> None:
    environ = {
        "MODULE_ID": "blvm-stratum-v2_1",
        "MODULE_NAME": "blvm-stratum-v2",
        "SOCKET_PATH": str(tmp_path / "node.sock"),
        "DATA_DIR": str(tmp_path / "data"),
        "MODULE_CONFIG_PAYOUT_ADDRESS": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
        "MODULE_CONFIG_ENABLED": "false",
        "MODULE_CONFIG_NEWER": "x",
    }
    said = subprocess.run(ENTER, capture_output=True, text=True, timeout=60, env=environ)
    assert (said.returncode, said.stdout, said.stderr) == (ExitCode.OK, "", "")
    lines = [json.loads(line) for line in (tmp_path / "data" / "module.log").read_text().splitlines()]
    assert lines[0]["ignored"] == ["MODULE_CONFIG_NEWER"]
    assert lines[1]["event"] == "not enabled in the module's configuration"
