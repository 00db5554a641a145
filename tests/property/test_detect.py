"""A million keys, and whatever else may come: nobody is taken for somebody else, however the bytes are cut."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.noise.curve import key_pair
from sluice.server.detect import DECIDED_AT, Language, language_of, language_of_waiting
from sluice.tlv.frame import frame
from support.openings import OPENINGS
from support.tlv import ANY, SETUP

SEED = 3
KEYS = 1_000_000
#: Real encodings cost 100 times what drawing 64 bytes does, and are not told from them: that is their point.
REAL_KEYS = 10_000
#: Of so many keys every beginning is looked at, too.
CUT_KEYS = 10_000


def first_decision(opening: bytes, places: list[int]) -> Language | None:
    """What it is taken for if it comes in pieces that end at these places."""
    for place in [*sorted(set(places)), len(opening)]:
        language = language_of(opening[:place])
        if language is not None:
            return language
    return None


def test_of_a_million_keys_none_is_taken_for_anything_else() -> None:
    noise = Random(SEED)
    drawn = noise.randbytes(KEYS * DECIDED_AT)
    keys = (drawn[at : at + DECIDED_AT] for at in range(0, len(drawn), DECIDED_AT))
    assert [key for key in keys if language_of(key) is not Language.NOISE] == []


def test_keys_of_the_curve_are_noise_too() -> None:
    noise = Random(SEED + 1)
    for _ in range(REAL_KEYS):
        key = key_pair(noise.randbytes(32), noise.randbytes(32)).ellswift
        assert len(key) == DECIDED_AT
        assert language_of(key) is Language.NOISE


def test_no_beginning_of_a_key_is_taken_for_anything_else() -> None:
    noise = Random(SEED + 2)
    for _ in range(CUT_KEYS):
        key = noise.randbytes(DECIDED_AT)
        assert first_decision(key, list(range(1, DECIDED_AT))) is Language.NOISE
        assert language_of_waiting(key[: noise.randrange(DECIDED_AT)]) is None


def test_keys_that_begin_as_text_do() -> None:
    noise = Random(SEED + 3)
    for _ in range(CUT_KEYS):
        for begins in (b"{", b'{"', b"GET ", b"\x16\x03\x01", b"\x28\x00\x00\x00", b'{"a":'):
            key = begins + noise.randbytes(DECIDED_AT - len(begins))
            assert first_decision(key, list(range(1, DECIDED_AT, 3))) is Language.NOISE


@given(st.sampled_from(OPENINGS), st.lists(st.integers(1, 100), max_size=5), st.binary(max_size=20))
def test_openings_are_told_however_they_are_cut_and_whatever_follows(
    given_opening: tuple[Language, bytes], places: list[int], tail: bytes
) -> None:
    language, opening = given_opening
    assert first_decision(opening + tail, places) is language


@given(ANY[type(SETUP)], st.lists(st.integers(1, 80), max_size=5))
def test_every_setup_of_the_dialect_is_told(message: object, places: list[int]) -> None:
    assert first_decision(frame(message), places) is Language.TLV  # type: ignore[arg-type]


@settings(max_examples=300)
@given(st.binary(max_size=80) | st.text('{}[]":,GETPOS /HTTP1.0\r\nab', max_size=80).map(str.encode))
def test_a_decision_never_changes_with_what_comes_later(opening: bytes) -> None:
    decisions = [language_of(opening[:size]) for size in range(len(opening) + 1)]
    made = [language for language in decisions if language is not None]
    assert len(set(made)) <= 1
    assert decisions[len(decisions) - len(made) :] == made
    if len(opening) >= DECIDED_AT:
        assert made
