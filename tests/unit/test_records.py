"""How a pool is recorded, of its configuration."""

from pathlib import Path

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.config import Config, read_config
from sluice.control.words import RecordPicture
from sluice.records import (
    Places,
    RecordUnusable,
    chain_lasts,
    picture_of,
    place_beside,
    places_of,
    record_to_read,
    scribe_of,
    settings_of,
    shown_place,
)
from support.server import REGTEST_ADDRESS


def configured(tmp_path: Path, text: str = "") -> Config:
    file = tmp_path / "sluice.toml"
    file.write_text(f"[pool]\naddress = '{REGTEST_ADDRESS}'\n[data]\ndir = '{tmp_path}'\n{text}")
    return read_config(file, {})


def test_a_record_lies_in_the_data_directory_unless_its_chain_ends_with_the_process(tmp_path: Path) -> None:
    lasting, passing = configured(tmp_path), configured(tmp_path, "[[node]]\nkind = 'embedded'\n")
    assert chain_lasts(lasting)
    assert not chain_lasts(passing)
    with places_of(lasting) as places:
        assert places == Places(str(tmp_path / "record.sqlite"), tmp_path / "blocks")
    with places_of(passing) as places:
        elsewhere = places.blocks.parent
        assert elsewhere.is_dir()
        assert elsewhere != tmp_path
        assert places.record == str(elsewhere / "record.sqlite")
    assert not elsewhere.exists()
    with places_of(configured(tmp_path, "[ledger]\nurl = 'off'\n")) as places:
        assert places.record == ""


def test_a_record_that_was_given_a_place_outlives_its_chain_but_blocks_do_not(tmp_path: Path) -> None:
    given = f"[ledger]\nurl = 'sqlite:///{tmp_path}/kept.sqlite'\n[[node]]\nkind = 'embedded'\n"
    config = configured(tmp_path, given)
    with places_of(config) as places:
        assert places.record == config.ledger.place(tmp_path)
        assert tmp_path not in places.blocks.parents


def test_there_is_a_scribe_where_a_record_is_wanted(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert scribe_of(config, REGTEST, "") is None
    scribe = scribe_of(config, REGTEST, str(tmp_path / "r" / "record.sqlite"))
    assert scribe is not None
    assert picture_of(scribe).queued == 0
    assert picture_of(scribe, "/data/record.sqlite").place == "/data/record.sqlite"
    assert (tmp_path / "r" / "record.sqlite").exists()


def test_what_waiting_does_not_mend_ends_the_start_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "record.sqlite").write_text("no database, but long enough to be looked at\n" * 50)
    with pytest.raises(RecordUnusable, match=r"the record cannot be used.*set ledger\.url"):
        scribe_of(configured(tmp_path), REGTEST, str(tmp_path / "record.sqlite"))


def test_a_database_that_is_away_does_not_end_the_start(tmp_path: Path) -> None:
    scribe = scribe_of(configured(tmp_path), REGTEST, "postgresql://sluice@127.0.0.1:1/none")
    assert scribe is not None
    assert scribe.queued == 0


def test_no_secret_is_among_the_settings(tmp_path: Path) -> None:
    nodes = "[[node]]\nuser = 'u'\npassword = 'hidden-word'\n[[node]]\nkind = 'embedded'\nname = 'b'\n"
    settings = settings_of(
        configured(tmp_path, f"{nodes}[alarms]\nwebhook_url = 'http://127.0.0.1/hidden-word'\n")
    )
    assert settings["pool.address"] == REGTEST_ADDRESS
    assert settings["node.1.kind"] == "embedded"
    assert not [name for name, value in settings.items() if "hidden-word" in value]


def test_who_reads_is_told_why_there_is_nothing(tmp_path: Path) -> None:
    missing = str(tmp_path / "record.sqlite")
    with pytest.raises(RecordUnusable, match="no record yet"), record_to_read(missing):
        pass
    with pytest.raises(RecordUnusable, match=r"ledger\.url is off"), record_to_read(""):
        pass


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("", ""),
        ("/data/record.sqlite", "/data/record.sqlite"),
        (
            "postgresql://sluice:hidden-word@db:5432/name?sslmode=require",
            "postgresql://sluice@db:5432/name?sslmode=require",
        ),
        (
            "postgresql://sluice@/name?host=/run/pg&password=hidden-word",
            "postgresql://sluice@/name?host=/run/pg",
        ),
        ("postgresql://db/name", "postgresql://db/name"),
    ],
)
def test_where_a_record_is_can_be_shown_without_its_password(place: str, shown: str) -> None:
    assert shown_place(place) == shown


def test_a_place_is_whole_wherever_it_is_read_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_place("data/record.sqlite") == str(tmp_path / "data" / "record.sqlite")


def test_who_looks_beside_a_pool_finds_its_record_and_brings_the_password(tmp_path: Path) -> None:
    ours = str(tmp_path / "record.sqlite")
    config = configured(tmp_path)
    assert place_beside(config, None, running=False) == ours
    assert place_beside(config, None, running=True) == ""
    assert place_beside(config, RecordPicture(), running=True) == ours
    assert place_beside(config, RecordPicture(place="/elsewhere"), running=True) == "/elsewhere"
    served = configured(tmp_path, "[ledger]\nurl = 'postgresql://sluice@db/name'\npassword = 'hidden-word'\n")
    shown = RecordPicture(place="postgresql://sluice@db/name")
    assert place_beside(served, shown, running=True) == "postgresql://sluice:hidden-word@db/name"
    assert place_beside(config, shown, running=True) == "postgresql://sluice@db/name"
