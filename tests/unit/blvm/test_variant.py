"""Enums: which variant an index stands for, in which version."""

from enum import IntEnum

import pytest

from sluice.blvm import modules
from sluice.blvm.variant import (
    FIRST,
    Choice,
    Variant,
    Words,
    choice,
    declared_in,
    placed,
    variant,
)
from sluice.wire.bincode import STRING, U16
from sluice.wire.errors import RemoteProtocolError


class Fruit(Variant, frozen=True, gc=False):
    """An enum of one's own."""


@variant(0)
class Apple(Fruit):
    pass


@variant(1, name="Pear")
class PearOfOld(Fruit):
    weight: U16


@variant(2)
class Plum(Fruit):
    name: STRING


@variant(1, since=(0, 2, 0))
class Fig(Fruit):
    pass


@variant(2, since=(0, 3, 0))
class Pear(Fruit):
    weight: STRING


ALL = (Apple, PearOfOld, Plum, Fig, Pear)


class Colour(IntEnum):
    RED = 0
    BLUE = 1


def test_the_oldest_stand_where_they_were_declared() -> None:
    assert placed(ALL, FIRST) == {0: Apple, 1: PearOfOld, 2: Plum}


def test_one_that_comes_in_between_moves_the_others_up() -> None:
    assert placed(ALL, (0, 2, 9)) == {0: Apple, 1: Fig, 2: PearOfOld, 3: Plum}


def test_one_of_the_same_name_takes_the_others_place() -> None:
    assert placed(ALL, (0, 3, 0)) == placed(ALL, (1, 0, 0)) == {0: Apple, 1: Fig, 2: Pear, 3: Plum}


def test_one_index_has_one_owner() -> None:
    @variant(1)
    class Impostor(Fruit):
        pass

    with pytest.raises(TypeError, match="Impostor and PearOfOld both claim 1"):
        placed((*ALL, Impostor), FIRST)


def test_an_enum_is_its_index_and_then_its_fields() -> None:
    fruit = choice("Fruit", Apple, PearOfOld, Plum)
    assert fruit.write(Apple()) == b"\0\0\0\0"
    assert fruit.write(PearOfOld(0x0102)) == b"\1\0\0\0\2\1"
    assert fruit.read(b"?\1\0\0\0\2\1!", 1) == (PearOfOld(0x0102), 7)
    assert fruit.read(fruit.write(Plum("blue")), 0)[0] == Plum("blue")


def test_what_is_not_known_or_torn_is_refused() -> None:
    fruit = choice("Fruit", Apple, PearOfOld)
    with pytest.raises(RemoteProtocolError, match="Fruit has no variant 2"):
        fruit.read(b"\2\0\0\0", 0)
    for torn in (b"", b"\1\0\0", b"\1\0\0\0\1"):
        with pytest.raises(RemoteProtocolError):
            fruit.read(torn, 0)


def test_what_a_node_does_not_know_is_not_sent_to_it() -> None:
    with pytest.raises(ValueError, match="Fig is no Fruit of this node's"):
        Choice("Fruit", placed(ALL, FIRST)).write(Fig())


def test_words() -> None:
    colours = Words(Colour)
    assert colours.write(Colour.BLUE) == b"\1\0\0\0"
    assert colours.read(b"\1\0\0\0", 0) == (Colour.BLUE, 4)
    with pytest.raises(RemoteProtocolError, match="Colour has no variant 7"):
        colours.read(b"\7\0\0\0", 0)


def test_the_variants_of_a_file_in_its_order() -> None:
    assert [cls.wire_name for cls in declared_in(modules, modules.Call)] == [
        "CliCall",
        "RpcCall",
        "ModuleApiCall",
    ]
