import pytest

from sluice.sv2.flags import SETUP_FLAGS, JobDeclarationFlags, MiningFlags, MiningSuccessFlags, Protocol


def test_the_bits_are_the_specifications() -> None:  # 5.3.1, 6.4.1
    assert [(flag.name, flag.value) for flag in MiningFlags] == [
        ("REQUIRES_STANDARD_JOBS", 1),
        ("REQUIRES_WORK_SELECTION", 2),
        ("REQUIRES_VERSION_ROLLING", 4),
    ]
    assert [(flag.name, flag.value) for flag in MiningSuccessFlags] == [
        ("REQUIRES_FIXED_VERSION", 1),
        ("REQUIRES_EXTENDED_CHANNELS", 2),
    ]
    assert [(flag.name, flag.value) for flag in JobDeclarationFlags] == [("DECLARE_TX_DATA", 1)]


def test_the_protocols_are_the_specifications() -> None:  # 3.6.1
    assert [protocol.name for protocol in Protocol] == ["MINING", "JOB_DECLARATION", "TEMPLATE_DISTRIBUTION"]
    assert [*Protocol] == [0, 1, 2]
    with pytest.raises(ValueError):
        Protocol(7)


def test_all_flags_of_a_protocol() -> None:
    assert dict(SETUP_FLAGS) == {0: 0b111, 1: 0b1, 2: 0}
