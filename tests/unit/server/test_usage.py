"""What the kernel says this process takes."""

import resource
from pathlib import Path

import pytest

from sluice.server import usage as module
from sluice.server.usage import usage


def test_it_is_what_the_kernel_says() -> None:
    used = usage()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    assert 0 < used.cpu <= spent.ru_utime + spent.ru_stime + 0.5
    assert 5_000_000 < used.resident <= spent.ru_maxrss * 1024 * 1.1
    assert usage().cpu >= used.cpu


@pytest.mark.parametrize("text", [None, "", "12", "12 many"])
def test_what_cannot_be_read_is_nothing(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = tmp_path / "statm"
    if text is not None:
        where.write_text(text)
    monkeypatch.setattr(module, "_MEMORY", where)
    assert usage().resident == 0
