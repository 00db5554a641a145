import asyncio

import pytest

from sluice.alarms import trial
from sluice.alarms.receiver import Later, Sent
from sluice.alarms.trial import tried
from support.alarms import LATER, NOW, Scripted


def test_everybody_is_tried_once_and_whoever_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "ATTEMPT_SECONDS", 0.1)
    good, bad, silent = Scripted(), Scripted(LATER), Scripted()
    silent.hangs = True
    outcomes = asyncio.run(tried((good, bad, silent), "My Pool", NOW))
    assert outcomes == [Sent(), LATER, Later("no end within 0.1 s")]
    assert good.kinds == bad.kinds == ["test"]
    assert good.letters[0].pool == "My Pool"
