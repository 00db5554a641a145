"""What is said on the socket survives the way, and what is not known yet is let pass."""

import pytest
from msgspec import ValidationError, json

from sluice.control.words import (
    Answer,
    Ban,
    ChannelView,
    CloseChannels,
    Done,
    Drain,
    Figures,
    Happened,
    Line,
    Look,
    MinerPictures,
    MinerView,
    NodePicture,
    PictureEnd,
    PoolPicture,
    Refused,
    Request,
    SetDifficulty,
    TemplatePicture,
    Unban,
    Watch,
    Watching,
)

FIGURES = Figures(7, {"stale": 2}, 2.0**70, 12.5, (1.0, 2.0, 3.0), 0.5, 1)
CHANNEL = ChannelView(2, "extended", "alice.rig", 8.0, FIGURES, {"rig": FIGURES}, True, "alice", "rig")
MINER = MinerView(
    1, "192.0.2.1:4", "v", "h", "f", 9.0, 0.1, FIGURES, (CHANNEL,), "Stratum V2", (2,), "REQUIRES"
)
REQUESTS = (
    Look(),
    Watch(2.0, 7, 1_000.5),
    SetDifficulty("alice", 8.0),
    SetDifficulty("alice"),
    CloseChannels("alice"),
    Ban("192.0.2.0/24", 60.0),
    Ban("alice"),
    Unban("alice"),
    Drain(),
    Drain(off=True),
)
ANSWERS = (
    Done("done", 3),
    Refused("no"),
    Watching(1_000.5),
    PoolPicture(1.0, 0.5, template=TemplatePicture(1.0, 2, 3, 4, 5), nodes=(NodePicture("core", "leading"),)),
    MinerPictures((MINER,)),
    PictureEnd(0.01),
    Happened(1, 2.0, "BlockFound", "block found", "info", {"height": 7, "reasons": ["a", 1], "none": None}),
)


@pytest.mark.parametrize("line", REQUESTS, ids=lambda line: type(line).__name__)
def test_requests_survive_the_way(line: Line) -> None:
    assert json.decode(json.encode(line), type=Request) == line


@pytest.mark.parametrize("line", ANSWERS, ids=lambda line: type(line).__name__)
def test_answers_survive_the_way(line: Line) -> None:
    encoded = json.encode(line)
    assert b"\n" not in encoded
    assert json.decode(encoded, type=Answer) == line


def test_a_later_version_may_say_more() -> None:
    assert json.decode(b'{"type":"Done","words":"w","more":[1]}', type=Answer) == Done("w")


def test_what_is_none_of_them_is_refused() -> None:
    for line in (b"{}", b'{"type":"Shout"}', b'{"type":"Ban"}', b'{"type":"Ban","what":1}', b"[]"):
        with pytest.raises(ValidationError):
            json.decode(line, type=Request)
