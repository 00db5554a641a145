"""What docs/terminal.md says that each command's JSON is, for tests that hold it to that."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "terminal.md"
_ROW = re.compile(r"^\| `([a-z -]+)` \| (object|list|object a line) \| (.+) \|$", re.MULTILINE)

#: Its kind, and the names of its fields, by command.
SAID = {
    command: (kind, frozenset(re.findall("`([a-z_0-9]+)`", fields)))
    for command, kind, fields in _ROW.findall(PAGE.read_text())
}


def assert_as_said(command: str, value: Any) -> None:
    """What came of it has the fields that the page says, each and no other; of a list, every item."""
    kind, fields = SAID[command]
    assert isinstance(value, dict if kind == "object" else list), command
    for item in value if isinstance(value, list) else [value]:
        assert set(item) == fields, command
