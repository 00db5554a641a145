import tomllib

import pytest

from sluice.config.statements import Broken, Statement, leaves, read_statements

WHOLE = '''# a comment

top = 1
[server]  # where
listen = "a:1"
"quoted key" = true
words = """
[not.a.section]
listen = 2
"""
numbers = [
  1,  # one

  2,
]
nested.deep.key = 3
inline = { a = 1, b.c = "[x]" }
when = 1979-05-27T07:32:00Z

[ a . "b.c" ]
literal = \'\'\'x = 1
y = 2\'\'\'
'''


def test_each_statement_has_its_line_and_its_path() -> None:
    statements, broken = read_statements(WHOLE)
    assert broken == []
    assert [(said.line, said.path) for said in statements] == [
        (3, ("top",)),
        (4, ("server",)),
        (5, ("server", "listen")),
        (6, ("server", "quoted key")),
        (7, ("server", "words")),
        (11, ("server", "numbers")),
        (16, ("server", "nested", "deep", "key")),
        (17, ("server", "inline", "a")),
        (17, ("server", "inline", "b", "c")),
        (18, ("server", "when")),
        (20, ("a", "b.c")),
        (21, ("a", "b.c", "literal")),
    ]
    assert [said.path for said in statements if said.is_header] == [("server",), ("a", "b.c")]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_statements_say_what_the_whole_says(newline: str) -> None:
    text = WHOLE.replace("\n", newline)
    statements, _ = read_statements(text)
    said = {statement.path: statement.value for statement in statements if not statement.is_header}
    assert said == dict(leaves(tomllib.loads(text)))


def test_nothing_is_nothing() -> None:
    for text in ("", "\n\n", "# only words", "   \t"):
        assert read_statements(text) == ([], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("listen", "not TOML: Expected '=' after a key in a key/value pair"),
        ("listen =", "not TOML: Invalid value"),
        ('listen = "a', "not TOML: Unterminated string"),
        ("listen = a:1", "not TOML: Invalid value at column 10; text needs quotes around it"),
        (
            "listen = 0.0.0.0:1",
            "not TOML: Expected newline or end of document after a statement at column 13",
        ),
        ("numbers = [1, 2", "not TOML: Unclosed array"),
        ('words = """', "not TOML: Unterminated string"),
        ("[server", "not TOML: Expected ']' at the end of a table declaration"),
        ("= 3", "not TOML: Invalid statement at column 1"),
        ("a = 1 b = 2", "not TOML: Expected newline or end of document after a statement at column 7"),
        ("\x00", "not TOML: Invalid statement at column 1"),
    ],
)
def test_a_broken_line_is_named_and_does_not_hide_its_neighbours(line: str, reason: str) -> None:
    statements, broken = read_statements(f"before = 1\n{line}\nafter = 2\n")
    assert [(wrong.line, wrong.reason[: len(reason)]) for wrong in broken] == [(2, reason)]
    assert {said.path[-1]: said.line for said in statements} == {"before": 1, "after": 3}


def test_all_broken_lines_are_named() -> None:
    _, broken = read_statements("a\nb = 1\nc =\n[d\ne = 'x")
    assert [wrong.line for wrong in broken] == [1, 3, 4, 5]


def test_below_a_broken_header_stands_what_it_meant() -> None:
    statements, _ = read_statements("[pool\ntag = 'x'\n")
    assert statements == [Statement(2, ("pool", "tag"), "x", is_header=False)]


def test_what_is_said_twice_is_named_with_both_lines() -> None:
    _, broken = read_statements("[a]\nb = 1\nb = 2\n[c]\n[a]\nb = 3\n")
    assert broken == [
        Broken(3, "a.b is already set on line 2"),
        Broken(5, "[a] already begins on line 1"),
        Broken(6, "a.b is already set on line 2"),
    ]


def test_what_only_the_whole_shows_is_found_too() -> None:
    _, broken = read_statements("a.b = 1\n[c]\n[a.b.d]\nx = 1\n")
    assert broken
    assert broken[0].line == 3


def test_tables_of_an_array_have_their_numbers() -> None:
    text = "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[e]\nf = 4\n[[a]]\n"
    statements, broken = read_statements(text)
    assert broken == []
    assert [(".".join(said.path), said.number) for said in statements] == [
        ("a", 0),
        ("a.b", 0),
        ("a", 1),
        ("a.b", 1),
        ("a.c", 1),
        ("a.c.d", 1),
        ("e", 0),
        ("e.f", 0),
        ("a", 2),
    ]


@pytest.mark.parametrize("text", ["[a]\nb = 1\n[[a]]\nb = 2", "[[a]]\nb = 1\n[a]\nc = 2"])
def test_a_table_and_an_array_of_it_do_not_go_together(text: str) -> None:
    _, broken = read_statements(text)
    assert broken[0] == Broken(3, "[a] already begins on line 1; to have several, write [[a]] above each")


def test_an_array_of_tables_is_a_header_with_a_list() -> None:
    statements, broken = read_statements("[[pool]]\ntag = 1\n")
    assert broken == []
    assert statements[0] == Statement(1, ("pool",), [{}], is_header=True)
