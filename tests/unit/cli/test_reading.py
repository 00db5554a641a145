from pathlib import Path

from sluice.cli.reading import progress_bar, settings_to_read


def test_only_the_place_of_the_record_counts(tmp_path: Path) -> None:
    config = settings_to_read(None, tmp_path, None)
    assert config.ledger.place(config.data.dir) == str(tmp_path / "record.sqlite")
    assert settings_to_read(None, None, "postgresql://u@h/n").ledger.place(tmp_path) == "postgresql://u@h/n"


def test_there_is_no_bar_where_nobody_looks(capsys) -> None:  # type: ignore[no-untyped-def]
    with progress_bar("shares") as told:
        told(1, 2)
    assert capsys.readouterr() == ("", "")
