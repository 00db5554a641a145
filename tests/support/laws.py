"""The house rules as functions: each takes the root of a tree and yields one sentence per violation.

The floors, the device modules and the limits are the tables at the top; `tests/laws` holds the tree to them.
"""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

# From the ground up. A module imports from floors below its own and from its own room, nowhere else.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "version legible",
        "bitcoin",
        "wire",
        "noise",
        "sv2 sv1 tlv blvm",
        "work",
        "accounting",
        "pool",
        "module tdp",
        "node ledger control private_file kept_file",
        "server",
        "web sim alarms",
        "exit_codes",
        "config keys log",
        "node_kinds receivers records",
        "companions",
        "found_blocks demonstration",
        "app",
        "provide",
        "managed",
        "cli",
    )
)
PURE_ROOMS = frozenset("version bitcoin wire noise sv2 sv1 tlv blvm work accounting pool module tdp".split())
STRANGERS = {
    ("work", "sv2"),
    ("work", "sv1"),
    ("work", "tlv"),
    ("work", "blvm"),
}  # the brain's words are not a wire's

DEVICES = frozenset(
    (
        "asyncio anyio uvloop socket socketserver ssl select selectors signal "  # the network, the loop
        "threading multiprocessing concurrent subprocess queue sched "  # other hands
        "os io pathlib tempfile shutil glob fileinput sqlite3 dbm shelve mmap fcntl "  # files
        "time datetime random secrets uuid "  # clock, chance
        "logging structlog warnings rich typer getpass platform locale "  # the surroundings
        "httpx urllib http zmq"
    ).split()
)
DEVICE_CALLS = frozenset("open input print breakpoint".split())

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_CONSTRUCTOR_ARGUMENTS = 6
MAX_OPENING_LINES = 15

NOT_A_NAME = frozenset("Manager Helper Helpers Util Utils Base Impl".split())
NAMED_BY_OTHERS = frozenset({"get_buffer"})  # asyncio.BufferedProtocol calls it so
NOT_A_FILE = frozenset("manager managers helper helpers util utils base impl common_utils misc".split())

WIDE = re.compile(r"\b(?:Base)?Exception\b")

# Written so that this file does not name what it forbids.
NOT_COMMITTED = re.compile(
    r"(?<![\w.$}/])/(?:work|root)/"
    r"|\bpypi[.]org|pythonhosted[.]org|\bcrates[.]io|\bnpmjs[.](?:org|com)"
    r"|\bdebian[.]org|\bproxy[.]golang[.]org|\bmaven[.]org|\bgolang[.]org/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the package: its path from the root, dotted name, text and syntax tree."""

    path: str
    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The package or module directly under `sluice`; empty for the package itself."""
        return room_of(self.name)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


def room_of(module: str) -> str:
    """`sluice.noise.curve` -> `noise`."""
    return module.split(".")[1] if "." in module else ""


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """Every module under src/sluice."""
    package = root / "src" / "sluice"
    return tuple(_source(root, path) for path in sorted(package.rglob("*.py")))


def _source(root: Path, path: Path) -> Source:
    parts = path.relative_to(root / "src").with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text()
    return Source(str(path.relative_to(root)), name, text, ast.parse(text, str(path)))


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each import, also those inside functions and TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports_point_down(root: Path) -> Iterator[str]:
    """A module imports from its own room and from the floors below, never up and never sideways."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    for source in sources(root):
        if not source.room:
            continue
        if source.room not in floor_of:
            yield f"{source.path}: `{source.room}` has no floor"
            continue
        for line, module in imported(source.tree):
            room = room_of(module)
            if not module.startswith("sluice.") or room == source.room:
                continue
            if floor_of.get(room, len(FLOORS)) >= floor_of[source.room]:
                yield f"{source.path}:{line}: `{source.room}` may not import `{room}`, which is not below it"
            elif (source.room, room) in STRANGERS:
                yield f"{source.path}:{line}: `{source.room}` may not know `{room}`"


def imports_have_no_cycle(root: Path) -> Iterator[str]:
    """Within a room, too, there is a bottom."""
    known = {source.name for source in sources(root)}
    graph = {
        source.name: {
            target
            for _, module in imported(source.tree)
            if (target := module if module in known else module.rpartition(".")[0]) in known
        }
        - {source.name}
        for source in sources(root)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"imports go round: {' -> '.join(error.args[1])}"


def pure_floors_touch_no_device(root: Path) -> Iterator[str]:
    """Time, chance, keys and bytes come in as arguments, up to and including `pool`."""
    for source in sources(root):
        if source.room not in PURE_ROOMS:
            continue
        for line, module in imported(source.tree):
            if module.split(".")[0] in DEVICES:
                yield f"{source.path}:{line}: `{source.room}` is pure and may not import `{module}`"
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in DEVICE_CALLS
            ):
                yield f"{source.path}:{node.lineno}: `{source.room}` is pure and may not call `{node.func.id}`"


def files_are_short(root: Path) -> Iterator[str]:
    for source in sources(root):
        if source.lines > MAX_FILE_LINES:
            yield f"{source.path}: {source.lines} lines, {MAX_FILE_LINES} are the most"


def functions_are_short(root: Path) -> Iterator[str]:
    for source in sources(root):
        for function in functions(source.tree):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{source.path}:{function.lineno}: `{function.name}` has {length} lines"


def constructors_are_narrow(root: Path) -> Iterator[str]:
    """More than six arguments are a frozen dataclass."""
    for source in sources(root):
        for function in functions(source.tree):
            given = function.args
            count = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs) - 1
            if function.name == "__init__" and count > MAX_CONSTRUCTOR_ARGUMENTS:
                yield f"{source.path}:{function.lineno}: a constructor with {count} arguments"


def files_say_what_they_are_for(root: Path) -> Iterator[str]:
    for source in sources(root):
        if source.path.endswith("__init__.py"):
            continue
        opening = ast.get_docstring(source.tree) or ""
        if not 1 <= len(opening.splitlines()) <= MAX_OPENING_LINES:
            yield f"{source.path}: opens with {len(opening.splitlines())} lines of docstring, not 1 to 15"


def wide_excepts_say_why(root: Path) -> Iterator[str]:
    """What catches everything has a comment beside it, or right below, on why nothing narrower will do."""
    for source in sources(root):
        lines = source.text.splitlines()
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "BaseException"
            beside = lines[node.lineno - 1 : node.lineno + 1]
            if WIDE.search(caught) and not any("#" in line for line in beside):
                yield f"{source.path}:{node.lineno}: catches {caught} and does not say why"


def packages_hold_no_code(root: Path) -> Iterator[str]:
    """`__init__.py` is empty or re-exports."""
    for source in sources(root):
        if not source.path.endswith("__init__.py"):
            continue
        for node in source.tree.body:
            match node:
                case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                    continue
                case ast.Assign(targets=[ast.Name(id="__all__")]):
                    continue
            yield f"{source.path}:{node.lineno}: code in __init__"


def messages_are_read_as_they_stand(root: Path) -> Iterator[str]:
    """Declarations hold their codecs in the annotation itself, so annotations must not become strings."""
    for source in sources(root):
        if source.path.startswith(("src/sluice/sv2/messages/", "src/sluice/tlv/messages.")):
            for line, module in imported(source.tree):
                if module == "__future__.annotations":
                    yield f"{source.path}:{line}: annotations would become strings here"


def each_source_has_its_twin(root: Path) -> Iterator[str]:
    """src/sluice/a/b.py and tests/unit/a/test_b.py come in pairs, and the twin tests its source."""
    twins = {path.relative_to(root) for path in (root / "tests" / "unit").rglob("test_*.py")}
    for source in sources(root):
        path = Path(source.path)
        if path.name in {"__init__.py", "__main__.py"}:
            continue
        twin = Path("tests/unit", *path.parts[2:-1], f"test_{path.name}")
        if twin not in twins:
            yield f"{source.path}: has no twin {twin}"
            continue
        twins.remove(twin)
        tree = ast.parse((root / twin).read_text())
        if not any(function.name.startswith("test_") for function in functions(tree)):
            yield f"{twin}: tests nothing"
        if not any(f"{module}.".startswith(f"{source.name}.") for _, module in imported(tree)):
            yield f"{twin}: does not import {source.name}"
    yield from (f"{twin}: has no source" for twin in sorted(twins))


def names_say_something(root: Path) -> Iterator[str]:
    """No get_, no Manager, Helper, Utils, Base, Impl: neither in a name nor as one."""
    for path in sorted(chain.from_iterable((root / top).rglob("*.py") for top in ("src", "tests", "bench"))):
        where = path.relative_to(root)
        if path.stem in NOT_A_FILE:
            yield f"{where}: `{path.stem}` says nothing"
        tree = ast.parse(path.read_text(), str(path))
        for function in functions(tree):
            if function.name.startswith("get_") and function.name not in NAMED_BY_OTHERS:
                yield f"{where}:{function.lineno}: `{function.name}`: name the thing, not the getting"
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and NOT_A_NAME & set(re.findall("[A-Z][a-z0-9]*", node.name)):
                yield f"{where}:{node.lineno}: `{node.name}` says nothing"


def no_line_names_a_machine(root: Path) -> Iterator[str]:
    """What is committed works anywhere: no path of one machine, no package registry's host."""
    for path in committed(root):
        try:
            lines = (root / path).read_text().splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for number, line in enumerate(lines, 1):
            if found := NOT_COMMITTED.search(line):
                yield f"{path}:{number}: names `{found.group()}`"


def committed(root: Path) -> Iterable[str]:
    """What git tracks under `root`; outside a repository, every file there is."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True, text=True
        )
        return listed.stdout.rstrip("\0").split("\0")
    return (str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file())
