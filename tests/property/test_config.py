"""What was set is what is read, whichever way it went; and no text breaks the reader."""

import tomllib
from pathlib import Path
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from sluice.config.option import Option, numbered, written
from sluice.config.render import configuration_file
from sluice.config.sources import Found, from_environment, from_file, from_flags
from sluice.config.statements import leaves, read_statements
from sluice.config.table import OPTIONS, SEVERAL
from sluice.config.values import Endpoint, Form

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0~"), min_size=1).map(Path)
HOSTS = st.sampled_from(["0.0.0.0", "::", "2001:db8::1", "pool.example.org"])
TAGS = st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x7E), max_size=32)
OWN_FORMS: dict[str, st.SearchStrategy[Any]] = {
    "pool.tag": TAGS,
    "node.name": st.sampled_from(["", "cellar", "käfer-2"]),
    "node.url": st.sampled_from(["http://127.0.0.1:8332", "https://node.example.org:443/wallet"]),
    "ledger.url": st.sampled_from(["", "off", "postgresql://sluice@db:5432/sluice", "sqlite:///var/r"]),
    "node.zmq_hashblock": st.sampled_from(["", "tcp://127.0.0.1:28332", "ipc:///run/zmq"]),
}


def is_taken(option: Option, text: str) -> bool:
    try:
        option.decode(text)
    except ValueError:
        return False
    return True


def values_of(option: Option) -> st.SearchStrategy[Any]:
    if option.name in OWN_FORMS:
        return OWN_FORMS[option.name]
    if option.choices:
        return st.sampled_from(option.choices)
    if option.base is str and any(isinstance(extra, Form) for extra in get_args(option.type)[1:]):
        texts = (option.default, option.row.example, "123456:abcdefghijklmnopqrstuvwxyz012345678")
        return st.sampled_from([text for text in texts if text and is_taken(option, text)])
    meta = next((extra for extra in get_args(option.type)[1:] if isinstance(extra, Meta)), Meta())
    if option.base is int:
        return st.integers(meta.ge, meta.le)  # type: ignore[arg-type]
    if option.base is float:
        lowest = meta.ge if meta.gt is None else meta.gt
        return st.floats(lowest, meta.le, exclude_min=meta.gt is not None)
    if option.base is Endpoint:
        return st.builds(Endpoint, HOSTS, st.integers(0, 65_535))
    return PATHS if option.base is Path else TEXT


SETTINGS = st.fixed_dictionaries({}, optional={name: values_of(option) for name, option in OPTIONS.items()})


def values(found: Found) -> dict[str, Any]:
    assert found.mistakes == []
    return {name: setting.value for name, setting in found.settings.items()}


@given(SETTINGS)
def test_any_options_survive_the_file(settings: dict[str, Any]) -> None:
    text = configuration_file(settings)
    assert values(from_file(text, "x")) == settings
    assert configuration_file(values(from_file(text, "x"))) == text


@given(SETTINGS)
def test_any_options_survive_environment_and_flags(settings: dict[str, Any]) -> None:
    texts = {name: str(value) for name, value in settings.items()}
    environ = {OPTIONS[name].env: text for name, text in texts.items()}
    assert values(from_environment(environ)) == {name: settings[name] for name, text in texts.items() if text}
    assert values(from_flags(texts)) == settings


@given(st.lists(SETTINGS, min_size=1, max_size=4))
def test_any_options_of_several_nodes_survive_environment_and_file(tables: list[dict[str, Any]]) -> None:
    given = [
        (number, OPTIONS[name], value)
        for number, table in enumerate(tables)
        for name, value in table.items()
        if OPTIONS[name].section == SEVERAL and str(value)
    ]
    kept = {numbered(option.name, number): value for number, option, value in given}
    environ = {option.numbered_env(number): str(value) for number, option, value in given}
    assert values(from_environment(environ)) == kept
    lines = [
        "\n".join(f"{option.key} = {written(value)}" for at, option, value in given if at == number)
        for number in range(len(tables))
    ]
    found = from_file("".join(f"[[{SEVERAL}]]\n{text}\n" for text in lines), "x")
    assert values(found) == kept
    assert set(found.numbers) == set(range(len(tables)))


KEYS = st.sampled_from(["a", "b", "listen", '"a b"', "'#'", "a.b", "c . d", '"[x]".y'])
SCALARS = st.sampled_from(
    [
        "1",
        "0x1f",
        "-2.5e3",
        "nan",
        "true",
        '"x # y"',
        "'[z]'",
        "1979-05-27",
        '"""\n[a]\nb = 1\\\n """',
        "'''\n'''",
    ]
)
ARRAYS = st.lists(SCALARS, max_size=3).map(
    lambda items: "[\n" + "".join(f"  {item}, # one\n" for item in items) + "]"
)
INLINE = st.tuples(KEYS, SCALARS).map(lambda pair: f"{{ {pair[0]} = {pair[1]} }}")
STATEMENTS = st.one_of(
    st.tuples(KEYS, st.one_of(SCALARS, ARRAYS, INLINE)).map(" = ".join),
    KEYS.map("[{}]".format),
    st.sampled_from(["", "# [a]", "  # b = 1"]),
)
DOCUMENTS = st.lists(STATEMENTS, max_size=12).map("\n".join)
RUBBISH = st.text(st.sampled_from("[]{}=\"'#,.\n\r\t \\abl10-é\0"), max_size=80)


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@given(st.one_of(DOCUMENTS, RUBBISH))
def test_statements_say_what_the_whole_says_or_what_is_wrong_with_it(text: str) -> None:
    statements, broken = read_statements(text)
    assert bool(broken) != is_toml(text)
    lines = text.replace("\r\n", "\n").count("\n") + 1
    named = {said.line for said in statements} | {wrong.line for wrong in broken}
    assert named <= set(range(1, lines + 1))
    if not broken:
        said = {one.path: repr(one.value) for one in statements if not one.is_header}
        whole = {path: repr(value) for path, value in leaves(tomllib.loads(text)) if value != {}}
        assert {path: value for path, value in said.items() if value != "{}"} == whole


@given(st.one_of(DOCUMENTS, RUBBISH, TEXT))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = from_file(text, "x")
    assert all(mistake.place.line >= 1 and mistake.text for mistake in found.mistakes)


@given(TEXT)
def test_any_text_is_written_as_a_toml_string(text: str) -> None:
    assert tomllib.loads(f"x = {written(text)}") == {"x": text}
