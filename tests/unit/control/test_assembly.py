"""Lines become pictures: whole ones begin anew, others change what is known."""

from msgspec.structs import replace

from sluice.control.assembly import Assembly, Picture
from sluice.control.words import Gone, MinerPictures, PictureEnd
from support.pictures import channel, figures, miner, pool


def after(assembly: Assembly, *lines: object) -> Picture:
    for line in lines:
        assert assembly.take(line) is None  # type: ignore[arg-type]
    picture = assembly.take(PictureEnd())
    assert picture is not None
    return picture


def test_a_connection_comes_in_parts() -> None:
    closed = figures(accepted=7)
    parts = (miner(1, channel(1), closed=closed), miner(1, channel(2)))
    (shown,) = after(Assembly(), pool(), MinerPictures(parts)).miners
    assert [each.channel_id for each in shown.channels] == [1, 2]
    assert shown.closed == closed
    assert shown.figures.accepted == 7 + 12 + 12


def test_what_changed_takes_the_place_of_what_was_and_the_rest_grows_older() -> None:
    assembly = Assembly()
    after(assembly, pool(uptime=10.0), MinerPictures((miner(1, channel(1), channel(2)), miner(2)), 10.0))
    picture = after(
        assembly,
        pool(uptime=15.0, whole=False, figures=figures(accepted=0)),
        MinerPictures((miner(1, channel(2, accepted=20)),), 14.0),
    )
    first, second = picture.miners
    assert [(each.channel_id, each.figures.accepted) for each in first.channels] == [(1, 12), (2, 20)]
    assert [each.figures.last_share_ago for each in first.channels] == [9.0, 5.0]
    assert (first.connected_for, second.connected_for) == (3_601.0, 3_605.0)
    assert first.figures.accepted == picture.pool.figures.accepted == 32


def test_who_is_gone_is_gone_and_a_number_may_come_again() -> None:
    assembly = Assembly()
    after(assembly, pool(), MinerPictures((miner(1, channel(1), channel(2)), miner(2, channel(1)))))
    again = miner(1, channel(2, account="bob"))
    picture = after(
        assembly, pool(whole=False), Gone((2, 9), ((1, 1), (1, 2), (9, 1))), MinerPictures((again,))
    )
    (shown,) = picture.miners
    assert [(each.channel_id, each.account) for each in shown.channels] == [(2, "bob")]


def test_a_whole_picture_begins_anew() -> None:
    assembly = Assembly()
    after(assembly, pool(), MinerPictures((miner(1), miner(2))))
    assert [each.peer for each in after(assembly, pool(), MinerPictures((miner(2),))).miners] == [2]


def test_what_closed_channels_did_is_not_forgotten_when_parts_follow() -> None:
    assembly, closed = Assembly(), figures(accepted=7)
    after(assembly, pool(), MinerPictures((miner(1, channel(1), closed=closed),)))
    more = replace(closed, accepted=19)
    picture = after(
        assembly,
        pool(whole=False),
        Gone((), ((1, 1),)),
        MinerPictures((miner(1, closed=more), miner(1, channel(3)))),
    )
    assert picture.miners[0].closed == more
    assert picture.miners[0].figures.accepted == 19 + 12


def test_an_end_without_a_beginning_is_no_picture() -> None:
    assert Assembly().take(PictureEnd()) is None
