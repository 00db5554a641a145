"""The tree keeps the house rules, and each rule is shown to catch a violation planted in a small tree."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import laws

ROOT = Path(__file__).parents[2]

Law = Callable[[Path], Iterator[str]]
Tree = dict[str, str]

OPENING = '"""What it is for."""\n'


def long_function(lines: int) -> str:
    return OPENING + "def f() -> None:\n" + "    f()\n" * (lines - 1)


# law, a tree that keeps it, what is laid on top to break it, words of the complaint
PLANTED: list[tuple[Law, Tree, Tree, str]] = [
    (
        laws.imports_point_down,
        {"src/sluice/pool/a.py": "from sluice.work.book import x\nfrom sluice.pool import b\n"},
        {"src/sluice/work/book.py": "from sluice.pool.a import x\n"},
        "`work` may not import `pool`",
    ),
    (
        laws.imports_point_down,
        {"src/sluice/server/a.py": "import sluice.node.b\n"},
        {"src/sluice/node/b.py": "def late():\n    import sluice.ledger.c\n"},
        "`node` may not import `ledger`",
    ),
    (
        laws.imports_point_down,
        {"src/sluice/pool/a.py": "from sluice.sv2 import frame\n"},
        {"src/sluice/work/a.py": "from sluice.sv2 import frame\n"},
        "`work` may not know `sv2`",
    ),
    (
        laws.imports_point_down,
        {"src/sluice/cli.py": "from sluice import app\n"},
        {"src/sluice/attic/a.py": ""},
        "`attic` has no floor",
    ),
    (
        laws.imports_have_no_cycle,
        {"src/sluice/work/a.py": "from sluice.work.b import x\n", "src/sluice/work/b.py": ""},
        {
            "src/sluice/work/b.py": "from sluice.work.c import y\n",
            "src/sluice/work/c.py": "import sluice.work.a\n",
        },
        "imports go round",
    ),
    (
        laws.pure_floors_touch_no_device,
        {"src/sluice/server/a.py": "import asyncio\n", "src/sluice/pool/a.py": "from math import log2\n"},
        {"src/sluice/pool/b.py": "from time import monotonic\n"},
        "may not import `time.monotonic`",
    ),
    (
        laws.pure_floors_touch_no_device,
        {"src/sluice/noise/a.py": "cipher.open(data)\n"},
        {"src/sluice/noise/b.py": "open('key')\n"},
        "may not call `open`",
    ),
    (
        laws.files_are_short,
        {"src/sluice/work/a.py": "x = 1\n" * 400},
        {"src/sluice/work/a.py": "x = 1\n" * 401},
        "401 lines",
    ),
    (
        laws.functions_are_short,
        {"src/sluice/work/a.py": long_function(60)},
        {"src/sluice/work/a.py": long_function(61)},
        "`f` has 61 lines",
    ),
    (
        laws.constructors_are_narrow,
        {"src/sluice/work/a.py": "class A:\n    def __init__(self, a, b, c, d, e, *, f): ...\n"},
        {"src/sluice/work/a.py": "class A:\n    def __init__(self, a, b, c, d, e, f, *, g): ...\n"},
        "a constructor with 7 arguments",
    ),
    (
        laws.files_say_what_they_are_for,
        {"src/sluice/work/a.py": OPENING, "src/sluice/work/__init__.py": ""},
        {"src/sluice/work/a.py": "x = 1\n"},
        "opens with 0 lines",
    ),
    (
        laws.files_say_what_they_are_for,
        {"src/sluice/work/a.py": '"""' + "line\n" * 15 + '"""\n'},
        {"src/sluice/work/a.py": '"""' + "line\n" * 16 + '"""\n'},
        "opens with 16 lines",
    ),
    (
        laws.wide_excepts_say_why,
        {"src/sluice/work/a.py": "try: f()\nexcept Exception:\n    # why\n    g()\nexcept ValueError: g()\n"},
        {"src/sluice/work/b.py": "try: f()\nexcept (OSError, BaseException):\n    g()\n    # late\n"},
        "catches (OSError, BaseException)",
    ),
    (
        laws.packages_hold_no_code,
        {"src/sluice/work/__init__.py": "from sluice.work.a import x\n\n__all__ = ['x']\n"},
        {"src/sluice/work/__init__.py": "x = 1\n"},
        "code in __init__",
    ),
    (
        laws.messages_are_read_as_they_stand,
        {"src/sluice/sv2/frame.py": "from __future__ import annotations\n"},
        {"src/sluice/sv2/messages/mining.py": "from __future__ import annotations\n"},
        "annotations would become strings",
    ),
    (
        laws.each_source_has_its_twin,
        {
            "src/sluice/work/a.py": "x = 1\n",
            "tests/unit/work/test_a.py": "from sluice.work.a import x\ndef test_x(): assert x\n",
        },
        {"src/sluice/work/b.py": "x = 1\n"},
        "has no twin tests/unit/work/test_b.py",
    ),
    (
        laws.each_source_has_its_twin,
        {"src/sluice/cli.py": "", "tests/unit/test_cli.py": "from sluice import cli\ndef test_it(): ...\n"},
        {"tests/unit/test_cli.py": "from sluice import cli\n"},
        "tests nothing",
    ),
    (
        laws.each_source_has_its_twin,
        {"src/sluice/cli.py": "", "tests/unit/test_cli.py": "import sluice.cli\ndef test_it(): ...\n"},
        {"tests/unit/test_cli.py": "import sluice.client\ndef test_it(): ...\n"},
        "does not import sluice.cli",
    ),
    (
        laws.each_source_has_its_twin,
        {},
        {"tests/unit/work/test_gone.py": "def test_it(): ...\n"},
        "has no source",
    ),
    (
        laws.names_say_something,
        {"src/sluice/work/a.py": "class Base58Error: ...\ndef target(): ...\n"},
        {"src/sluice/work/a.py": "def get_target(): ...\n"},
        "name the thing",
    ),
    (
        laws.names_say_something,
        {"src/sluice/work/baseline.py": "class Managed: ...\n"},
        {"tests/unit/work/test_a.py": "class JobManager: ...\n"},
        "`JobManager` says nothing",
    ),
    (laws.names_say_something, {}, {"src/sluice/work/utils.py": ""}, "`utils` says nothing"),
    (
        laws.no_line_names_a_machine,
        {"docs/a.md": "a frame/work/b, $DIR/root/usr, a page on github.com\n"},
        {"docs/b.md": "see /" + "work/main\n"},
        "names `/" + "work/`",
    ),
    (laws.no_line_names_a_machine, {}, {"Makefile": "\tcp x /" + "root/x\n"}, "Makefile:1"),
    (laws.no_line_names_a_machine, {}, {"a.lock": "--index-url https://pypi" + ".org/simple\n"}, "a.lock:1"),
]
LAWS = list(dict.fromkeys(law for law, *_ in PLANTED))


def grow(root: Path, tree: Tree) -> None:
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    laws.sources.cache_clear()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_tree_keeps(law: Law) -> None:
    assert list(law(ROOT)) == []


@pytest.mark.parametrize(
    ("law", "kept", "broken", "words"),
    PLANTED,
    ids=[f"{law.__name__}: {words}" for law, _, _, words in PLANTED],
)
def test_a_violation_is_seen(law: Law, kept: Tree, broken: Tree, words: str, tmp_path: Path) -> None:
    grow(tmp_path, kept)
    assert list(law(tmp_path)) == []
    grow(tmp_path, broken)
    complaints = list(law(tmp_path))
    assert len(complaints) == 1
    assert words in complaints[0]


def test_every_law_has_a_violation_planted() -> None:
    written = {
        law
        for name, law in vars(laws).items()
        if callable(law)
        and getattr(law, "__annotations__", {}).get("root") is Path
        and "return" in law.__annotations__
        if law.__annotations__["return"] == Iterator[str] and not name.startswith("_")
    }
    assert written == set(LAWS)


def test_the_laws_look_at_the_real_tree() -> None:
    assert {"sluice.version", "sluice.work.template"} <= {source.name for source in laws.sources(ROOT)}
    assert "pyproject.toml" in set(laws.committed(ROOT))
