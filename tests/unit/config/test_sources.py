from pathlib import Path

import pytest

from sluice.config.sources import (
    Found,
    Mistake,
    Place,
    Setting,
    from_environment,
    from_file,
    from_flags,
    from_platform,
)
from sluice.config.table import OPTIONS
from sluice.config.values import Endpoint


def told(found: Found) -> list[str]:
    return [str(mistake) for mistake in found.mistakes]


def test_a_file_gives_values_in_their_types_with_their_lines() -> None:
    found = from_file('[server]\nlisten = "a:1"\nidle_timeout = 5\n[pool]\nshard = 2\n', "x.toml")
    assert found.mistakes == []
    assert found.settings == {
        "server.listen": Setting(Endpoint("a", 1), Place("x.toml", 2)),
        "server.idle_timeout": Setting(5.0, Place("x.toml", 3)),
        "pool.shard": Setting(2, Place("x.toml", 5)),
    }


@pytest.mark.parametrize(
    "text",
    [
        'server.listen = "a:1"',
        'server = { listen = "a:1" }',
        '["server"]\n"listen" = "a:1"',
        "[server]\nlisten = 'a:1'",
    ],
)
def test_every_way_that_toml_has_is_read(text: str) -> None:
    found = from_file(text, "x.toml")
    assert found.settings["server.listen"].value == Endpoint("a", 1)
    assert found.mistakes == []


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[sever]", 'line 1: there is no section [sever]; did you mean "server"?'),
        ("[qqq]", "line 1: there is no section [qqq]"),
        ("[qqq]\na = 1\nb = 2", "line 1: there is no section [qqq]"),
        ("qqq = {}", "line 1: there is no section [qqq]"),
        ("[server]\nlisen = 1", 'line 2: [server] has no key lisen; did you mean "listen"?'),
        ("[server]\ntag = 1", "line 2: [server] has no key tag; it belongs in [pool]"),
        ("[server]\nadress = 1", 'line 2: [server] has no key adress; did you mean "address" in [pool]?'),
        ("[server]\nqqq = 1", "line 2: [server] has no key qqq"),
        ("[server]\nqqq.a.b = 1", "line 2: [server] has no key qqq"),
        (
            "listen = 'a:1'",
            "line 1: listen stands in no section; it belongs in [server] or [templates] or [web]",
        ),
        (
            "lisen = 'a:1'",
            'line 1: lisen stands in no section; did you mean "listen" in [server] or [templates] or [web]?',
        ),
        ("qqq = 3", "line 1: qqq stands in no section"),
        ("server = 3", "line 1: server is a section: begin it with the line [server]"),
        ("[[server]]", "line 1: server is a section: begin it with the line [server]"),
        ("[pool]\nshard = 'x'", 'line 2: pool.shard must be a whole number from 0 to 255, not "x"'),
        (
            "[pool.shard]\na = 1\nb = 2",
            "line 1: pool.shard must be a whole number from 0 to 255, not a table",
        ),
        (
            "[pool]\nshard.a = 1\nshard.b = 2",
            "line 2: pool.shard must be a whole number from 0 to 255, not a table",
        ),
        ("[pool]\nshard = {}", "line 2: pool.shard must be a whole number from 0 to 255, not a table"),
        ("[pool]\nshard = [1]", "line 2: pool.shard must be a whole number from 0 to 255, not an array"),
        ("[pool]\nshard = 1\nshard = 2", "line 3: pool.shard is already set on line 2"),
        ("[pool]\ntag = Sluice", "line 2: not TOML: Invalid value at column 7; text needs quotes around it"),
    ],
)
def test_a_mistake_is_told_once_with_its_line_and_the_nearest_name(text: str, mistake: str) -> None:
    assert told(from_file(text, "x.toml")) == [f"x.toml, {mistake}"]


NODES = {
    "node.kind": "embedded",
    "node.1.url": "http://a:1",
    "node.1.refresh_seconds": 5.0,
}


@pytest.mark.parametrize(
    "text",
    [
        "[[node]]\nkind = 'embedded'\n[[node]]\nurl = 'http://a:1'\nrefresh_seconds = 5\n[[node]]",
        "node = [{ kind = 'embedded' }, { url = 'http://a:1', refresh_seconds = 5 }, {}]",
    ],
)
def test_every_way_that_toml_has_for_several_tables_is_read(text: str) -> None:
    found = from_file(text, "x.toml")
    assert found.mistakes == []
    assert {name: setting.value for name, setting in found.settings.items()} == NODES
    assert set(found.numbers) == {0, 1, 2}


def test_each_of_several_tables_has_its_own_mistakes() -> None:
    found = from_file("[[node]]\nurl = 1\n[[node]]\nulr = 2\n[[node]]\nurl.a = 3\nurl.b = 4", "x")
    assert told(found) == [
        "x, line 2: node.url must be a URL, not 1",
        'x, line 4: [node] has no key ulr; did you mean "url"?',
        "x, line 6: node.url must be a URL, not a table",
    ]
    assert found.spoiled == {"node.url", "node.1.url", "node.2.url"}


def test_below_several_misspelt_tables_mistakes_are_found_too() -> None:
    assert told(from_file("[[noode]]\nurl = 1\n[[noode]]\nurl = 2", "x")) == [
        'x, line 1: there is no section [noode]; did you mean "node"?',
        "x, line 2: node.url must be a URL, not 1",
        "x, line 4: node.url must be a URL, not 2",
    ]


def test_below_a_misspelt_section_mistakes_are_found_too() -> None:
    assert told(from_file("[sever]\nlisen = 1\nmax_connections = 0", "x")) == [
        'x, line 1: there is no section [sever]; did you mean "server"?',
        'x, line 2: [server] has no key lisen; did you mean "listen"?',
        "x, line 3: server.max_connections must be a whole number from 1 to 1000000, not 0",
    ]


def test_what_was_meant_counts_as_spoiled() -> None:
    assert from_file("[pool]\nadress = 'x'\nshard = 'y'", "x").spoiled == {"pool.address", "pool.shard"}
    assert from_environment({"SLUICE_POOL__ADRESS": "x"}).spoiled == {"pool.address"}


def test_a_secret_is_not_repeated() -> None:
    assert told(from_file("[node]\npassword = 1234", "x")) == [
        "x, line 2: node.password must be text, not what was given"
    ]


def test_the_environment_gives_values_from_texts() -> None:
    found = from_environment(
        {
            "SLUICE_POOL__SHARD": "3",
            "SLUICE_NODE__PASSWORD": "1234",
            "SLUICE_SERVER__IDLE_TIMEOUT": "",
            "SLUICE_CONFIG": "x.toml",
            "PATH": "/bin",
        }
    )
    assert found.mistakes == []
    assert {name: setting.value for name, setting in found.settings.items()} == {
        "pool.shard": 3,
        "node.password": "1234",
    }
    assert found.settings["pool.shard"].place == Place("environment SLUICE_POOL__SHARD")


def test_mistakes_of_the_environment_are_told() -> None:
    found = from_environment({"SLUICE_POOL__SHRD": "3", "SLUICE_POOL__SHARD": "256", "SLUICE_X__Y": "z"})
    assert told(found) == [
        "environment SLUICE_POOL__SHRD: there is no such option; did you mean SLUICE_POOL__SHARD?",
        'environment SLUICE_POOL__SHARD: pool.shard must be a whole number from 0 to 255, not "256"',
        "environment SLUICE_X__Y: there is no such option",
    ]


def test_a_variable_may_name_one_of_several_tables() -> None:
    found = from_environment({"SLUICE_NODE__0__URL": "http://a:1", "SLUICE_NODE__1__URL": "http://b:1"})
    assert found.mistakes == []
    assert {name: setting.value for name, setting in found.settings.items()} == {
        "node.url": "http://a:1",
        "node.1.url": "http://b:1",
    }
    assert found.numbers[1] == Place("environment SLUICE_NODE__1__URL")
    assert found.unnumbered == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SLUICE_NODE__1__ULR", "; did you mean SLUICE_NODE__1__URL?"),
        ("SLUICE_POOL__1__SHARD", "; did you mean SLUICE_POOL__SHARD?"),
        ("SLUICE_NODE__10000__URL", "; did you mean SLUICE_NODE__URL?"),
        ("SLUICE_QQQ__1__QQQQQQQQQQQQQ", ""),
    ],
)
def test_a_variable_with_a_number_that_names_nothing_has_the_nearest_name_too(name: str, words: str) -> None:
    assert told(from_environment({name: "x"})) == [f"environment {name}: there is no such option{words}"]


def test_what_was_said_without_a_number_is_remembered() -> None:
    assert from_environment({"SLUICE_NODE__URL": "http://a:1"}).unnumbered == {
        "node.url": Place("environment SLUICE_NODE__URL")
    }
    assert from_flags({"node.url": "http://a:1"}).unnumbered == {"node.url": Place("flag --node-url")}
    assert from_file("[node]\nurl = 'http://a:1'", "x").unnumbered == {}


def test_another_kind_forgets_what_was_of_the_old_one() -> None:
    found = from_file("[node]\nurl = 'http://a:1'\nnetwork = 'regtest'", "x")
    found.lay_over(from_flags({"node.kind": "embedded"}))
    assert set(found.settings) == {"node.kind", "node.network"}


def test_flags_give_values_from_texts() -> None:
    found = from_flags({"pool.shard": "3", "server.listen": "here"})
    assert found.settings == {"pool.shard": Setting(3, Place("flag --shard"))}
    assert told(found) == ['flag --listen: server.listen must be host:port, like 0.0.0.0:3333, not "here"']


def test_the_platform_may_have_its_own_place_for_data() -> None:
    assert from_platform({"XDG_DATA_HOME": "/srv"}).settings["data.dir"].value == Path("/srv/sluice")
    assert from_platform({}).settings == {}
    assert from_platform({"XDG_DATA_HOME": "not/absolute"}).settings == {}


def test_the_stronger_source_speaks_last_and_all_mistakes_are_kept() -> None:
    weak, strong = Found(), Found()
    for found, value in ((weak, 1), (strong, 2)):
        found.take(OPTIONS["pool.shard"], value, Place(str(value)))
        found.take(OPTIONS["pool.max_jobs"], -value, Place(str(value)))
    weak.lay_over(strong)
    assert weak.settings["pool.shard"] == Setting(2, Place("2"))
    assert [mistake.place.source for mistake in weak.mistakes] == ["1", "2"]
    assert weak.spoiled == {"pool.max_jobs"}


def test_a_mistake_begins_with_its_place() -> None:
    assert str(Mistake(Place("x.toml", 3), "is wrong")) == "x.toml, line 3: is wrong"
    assert str(Mistake(Place("environment X"), "is wrong")) == "environment X: is wrong"
