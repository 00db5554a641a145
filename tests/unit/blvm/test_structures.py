"""The structures, row by row against blvm-node's own sources."""

import pytest

from sluice.blvm import structures
from sluice.blvm.structures import BlockHeader, Target
from sluice.blvm.variant import Choice
from sluice.wire.codec import codec_of
from support.blvm import NEW, OLD, data_type, declared_enum, fields_of, source_enum, source_struct

NAMES = """OutPoint TransactionInput TransactionOutput Transaction BlockHeader Block BlockTemplate UTXO SyncStatus
MempoolSize NetworkStats PeerInfo BlockServeDenylistSnapshot TxServeDenylistSnapshot LightningInfo FileMetadata
ChainInfo PaymentState TxBlockMetadata MempoolFeeRateSummary""".split()


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_the_sources(name: str) -> None:
    assert fields_of(getattr(structures, name)) == source_struct(NEW, name)


@pytest.mark.parametrize("name", ["ChainInfo", "PaymentState"])
def test_what_has_changed_is_kept_in_its_old_form(name: str) -> None:
    old = source_struct(OLD, name)
    assert fields_of(getattr(structures, f"{name}OfOld")) == old != source_struct(NEW, name)


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_verdict_about_a_block(version: str) -> None:
    codec = codec_of(structures.SUBMIT_BLOCK_RESULT)
    assert isinstance(codec, Choice)
    source = [
        (name, [spelled for _, spelled in fields])
        for name, fields in source_enum(version, "SubmitBlockResult")
    ]
    ours = [(name, [spelled for _, spelled in fields]) for name, fields in declared_enum(codec.variants)]
    assert ours == source


def test_a_header_has_96_bytes() -> None:
    assert BlockHeader.codec.max_size == 96


@pytest.mark.parametrize("value", [0, 64, 2**128 - 1, "00000000ffff" + 52 * "0", 64 * "f"])
def test_a_target_is_a_number_or_a_text(value: int | str) -> None:
    written = Target().write(value)
    assert len(written) == (16 if isinstance(value, int) else 72)
    height = (101).to_bytes(8, "little")
    assert Target().read(written + height, 0) == (value, len(written))


def test_a_text_that_is_no_target_is_not_sent() -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        Target().write("ff")


def test_a_type_that_is_not_declared_is_no_type() -> None:
    with pytest.raises(AttributeError):
        data_type("Surprise")
