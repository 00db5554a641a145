from pathlib import Path

from sluice.cli.reading import place_to_read, progress_bar, settings_to_read
from support.beside import beside


def test_only_the_place_of_the_record_counts(tmp_path: Path) -> None:
    config = settings_to_read(None, tmp_path, None)
    assert config.ledger.place(config.data.dir) == str(tmp_path / "record.sqlite")
    assert settings_to_read(None, None, "postgresql://u@h/n").ledger.place(tmp_path) == "postgresql://u@h/n"


def test_there_is_no_bar_where_nobody_looks(capsys) -> None:  # type: ignore[no-untyped-def]
    with progress_bar("shares") as told:
        told(1, 2)
    assert capsys.readouterr() == ("", "")


def test_what_is_set_counts_before_what_a_running_pool_says(tmp_path: Path) -> None:
    settings, elsewhere = settings_to_read(None, tmp_path, None), "sqlite:///elsewhere/record.sqlite"
    assert place_to_read(settings) == str(tmp_path / "record.sqlite")
    with beside(tmp_path):  # it keeps no record
        assert place_to_read(settings) == ""
        assert place_to_read(settings_to_read(None, tmp_path, elsewhere)) == "/elsewhere/record.sqlite"
