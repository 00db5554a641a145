from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta

from sluice.config.option import Option, meant, nearest, numbered, options_of, row, section, written
from sluice.config.values import Endpoint, Form, Seconds


def check_lower(text: str) -> None:
    if text != text.lower():
        raise ValueError("must be in small letters")


@section
class Pump:
    """Moves water."""

    name: Annotated[str, Form("a name", check_lower)] = row(
        "What it is called.", default="old", example="new"
    )
    strokes: Annotated[int, Meta(ge=1, le=90)] = row(
        "Strokes a minute.", default=6, flag="--strokes-a-minute"
    )
    pause: Seconds = row("Time between them.", default=1.5)
    color: Literal["red", "green"] = row("Of the handle.", default="red")
    outlet: Endpoint = row("Where the water goes.", default=Endpoint("::1", 80))
    book: Path = row("Where it is written down.", default=Path("~/book"))
    lid: bool = row("Whether there is one.", default=True)
    code: str = row("Opens it.", default="", secret=True, kinds="locked sealed")


OPTIONS = {option.key: option for option in options_of({"pump": Pump})}


def test_a_section_is_a_frozen_class_with_its_defaults() -> None:
    pump = Pump()
    assert (pump.name, pump.strokes, pump.outlet.port) == ("old", 6, 80)
    assert Pump(strokes=7) != pump
    with pytest.raises(AttributeError):
        pump.strokes = 8  # type: ignore[misc]


def test_each_field_is_a_row_in_order() -> None:
    assert list(OPTIONS) == ["name", "strokes", "pause", "color", "outlet", "book", "lid", "code"]
    assert all(isinstance(option, Option) for option in OPTIONS.values())


def test_a_row_may_count_for_some_kinds_only() -> None:
    lid, code = OPTIONS["lid"], OPTIONS["code"]
    assert (lid.counts_for("open"), code.counts_for("open"), code.counts_for("sealed")) == (True, False, True)
    assert (lid.help, code.help) == ("Whether there is one.", "Opens it. For kind locked or sealed.")


def test_a_row_of_a_table_with_a_number_has_names_too() -> None:
    assert [numbered("pump.lid", number) for number in range(3)] == ["pump.lid", "pump.1.lid", "pump.2.lid"]
    assert OPTIONS["lid"].numbered_env(0) == "SLUICE_PUMP__0__LID"


def test_a_row_has_its_names() -> None:
    strokes, pause, code = OPTIONS["strokes"], OPTIONS["pause"], OPTIONS["code"]
    assert strokes.name == "pump.strokes"
    assert strokes.env == "SLUICE_PUMP__STROKES"
    assert (strokes.flag, pause.flag) == ("--strokes-a-minute", "--pause")
    assert code.flag == ""


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("name", "a name"),
        ("strokes", "a whole number from 1 to 90"),
        ("pause", "a number of seconds over 0, up to 86400"),
        ("color", 'one of "red", "green"'),
        ("outlet", "host:port"),
        ("book", "a path"),
        ("lid", "true or false"),
        ("code", "text"),
    ],
)
def test_a_row_says_what_it_accepts(key: str, words: str) -> None:
    assert OPTIONS[key].accepts == words


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("name", "new", "new"),
        ("strokes", 90, 90),
        ("pause", 2, 2.0),
        ("color", "green", "green"),
        ("outlet", "[::2]:81", Endpoint("::2", 81)),
        ("book", "/x", Path("/x")),
        ("lid", False, False),
        ("code", "1234", "1234"),
    ],
)
def test_a_value_is_decoded(key: str, raw: object, value: object) -> None:
    decoded = OPTIONS[key].decode(raw)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("strokes", "90", 90), ("pause", "2.5", 2.5), ("lid", "false", False), ("code", "12", "12")],
)
def test_texts_of_flags_are_decoded_when_lax(key: str, text: str, value: object) -> None:
    assert OPTIONS[key].decode(text, lax=True) == value


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        ("strokes", "90", 'must be a whole number from 1 to 90, not "90"'),
        ("strokes", 91, "must be a whole number from 1 to 90, not 91"),
        ("strokes", True, "must be a whole number from 1 to 90, not true"),
        ("strokes", 6.5, "must be a whole number from 1 to 90, not 6.5"),
        ("strokes", {}, "must be a whole number from 1 to 90, not a table"),
        ("pause", float("nan"), "must be a number of seconds over 0, up to 86400, not nan"),
        ("pause", float("inf"), "must be a number of seconds over 0, up to 86400, not inf"),
        ("pause", 0, "must be a number of seconds over 0, up to 86400, not 0"),
        ("color", "grene", 'must be one of "red", "green", not "grene"; did you mean "green"?'),
        ("name", "NEW", 'must be in small letters, not "NEW"'),
        ("outlet", 80, "must be host:port, not 80"),
        ("outlet", "here", 'must be host:port, like 0.0.0.0:3333, not "here"'),
        ("book", ["a"], "must be a path, not an array"),
    ],
)
def test_a_wrong_value_is_told_what_it_must_be(key: str, raw: object, words: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        OPTIONS[key].decode(raw)
    assert str(caught.value) == words


def test_a_secret_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="must be text, not what was given"):
        OPTIONS["code"].decode(1234)


def test_a_default_has_a_form_for_files() -> None:
    assert OPTIONS["outlet"].plain_default == "[::1]:80"
    assert OPTIONS["book"].plain_default == "~/book"
    assert OPTIONS["pause"].plain_default == 1.5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (10.0, "10"),
        (0.25, "0.25"),
        (10, "10"),
        ('a"b\\c\n\x7f é', '"a\\"b\\\\c\\n\\u007f é"'),
        (Path("/x"), '"/x"'),
        (Endpoint("a", 1), '"a:1"'),
    ],
)
def test_a_value_is_written_as_toml(value: object, text: str) -> None:
    assert written(value) == text


def test_the_nearest_name_is_near() -> None:
    assert nearest("lisen", ("listen", "level")) == "listen"
    assert nearest("xyz", ("listen", "level")) is None
    assert meant("lisen", ("listen", "level")) == '; did you mean "listen"?'
    assert meant("xyz", ("listen", "level")) == ""
