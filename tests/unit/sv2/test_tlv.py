"""Optional fields: both byte orders, the limits, and everything that is ignored."""

from typing import Any

import pytest

from sluice.sv2.messages.mining import SubmitSharesExtended, SubmitSharesStandard
from sluice.sv2.tlv import (
    WORKER_IDENTITY,
    Tlv,
    decode_tlvs,
    encode_tlvs,
    too_long,
    user_identity,
    user_identity_tlv,
)
from sluice.wire.errors import LocalProtocolError
from support.vectors import case_name, vector_cases

NEGOTIATED = frozenset({WORKER_IDENTITY})
SPEC_EXAMPLE = bytes.fromhex("00 02 01 00 0A 57 6F 72 6B 65 72 5F 30 30 31")  # 3.4.3: big-endian
SRI_EXAMPLE = bytes.fromhex("02 00 01 0A 00 57 6F 72 6B 65 72 5F 30 30 31")


def read(area: bytes) -> tuple[Tlv, ...]:
    return decode_tlvs(SubmitSharesExtended, area, NEGOTIATED)


@pytest.mark.parametrize("case", vector_cases("sri_frames.json", "tlv")[:1], ids=case_name)
def test_sri_writes_the_same_bytes(case: dict[str, Any]) -> None:
    given = case["inputs"]
    tlv = Tlv(given["extension_type"], given["field_type"], bytes.fromhex(given["value"]))
    assert encode_tlvs(SubmitSharesExtended, [tlv], NEGOTIATED).hex() == case["expected"]["bytes"]


@pytest.mark.parametrize("area", [SPEC_EXAMPLE, SRI_EXAMPLE], ids=["big", "little"])
def test_both_byte_orders_are_read(area: bytes) -> None:
    assert read(area) == (user_identity_tlv("Worker_001"),)


def test_little_endian_is_sent() -> None:
    assert encode_tlvs(SubmitSharesExtended, [user_identity_tlv("Worker_001")], NEGOTIATED) == SRI_EXAMPLE


def test_the_fields_we_do_not_know_are_passed_over() -> None:
    case = vector_cases("sri_frames.json", "tlv_list")[0]
    area = bytes.fromhex(case["inputs"]["bytes"])
    (known, _unknown) = case["expected"]["items"]
    assert read(area) == (Tlv(known[0], known[1], bytes.fromhex(known[2])),)


@pytest.mark.parametrize(
    "area",
    [
        b"",
        b"\x00",
        bytes.fromhex("020001"),  # SRI: buffer too short
        SRI_EXAMPLE[:-1],  # runs over the end
        SRI_EXAMPLE + b"\x00",  # a torn second field
        b"some bytes of a later version",
        bytes.fromhex("0300010000"),  # of an extension that is not negotiated
        bytes.fromhex("0200020000"),  # a field the extension does not have
    ],
)
def test_whatever_else_lies_behind_a_message_is_ignored(area: bytes) -> None:
    assert read(area) == ()


def test_an_empty_value_is_a_value() -> None:
    for area in ("0200010000", "0002010000"):
        assert read(bytes.fromhex(area)) == (Tlv(WORKER_IDENTITY, 1, b""),)


def test_it_counts_only_where_it_is_negotiated_and_defined() -> None:
    assert decode_tlvs(SubmitSharesExtended, SRI_EXAMPLE, frozenset()) == ()
    assert decode_tlvs(SubmitSharesStandard, SRI_EXAMPLE, NEGOTIATED) == ()


def test_the_limit_is_32_bytes() -> None:
    fits, over = (Tlv(WORKER_IDENTITY, 1, b"x" * size) for size in (32, 33))
    assert too_long([fits]) is None
    assert too_long([fits, over]) == "user_identity of 33 bytes, 32 at most"
    assert encode_tlvs(SubmitSharesExtended, [fits], NEGOTIATED)
    with pytest.raises(LocalProtocolError, match="user_identity of 33 bytes"):
        encode_tlvs(SubmitSharesExtended, [over], NEGOTIATED)
    assert read(b"\x02\x00\x01\x21\x00" + b"x" * 33) == (over,)  # read, for whoever rejects it to see


@pytest.mark.parametrize(
    ("tlv", "negotiated", "reason"),
    [
        (user_identity_tlv("w"), frozenset(), "not negotiated"),
        (Tlv(WORKER_IDENTITY, 2, b""), NEGOTIATED, "has no field 2 of 0x0002"),
        (Tlv(0x4000, 1, b""), frozenset({0x4000}), "has no field 1 of 0x4000"),
    ],
)
def test_what_must_not_be_sent(tlv: Tlv, negotiated: frozenset[int], reason: str) -> None:
    with pytest.raises(LocalProtocolError, match=reason):
        encode_tlvs(SubmitSharesExtended, [tlv], negotiated)


def test_another_message_has_no_such_field() -> None:
    with pytest.raises(LocalProtocolError, match="SubmitSharesStandard has no field 1"):
        encode_tlvs(SubmitSharesStandard, [user_identity_tlv("w")], NEGOTIATED)


@pytest.mark.parametrize("case", vector_cases("sri_frames.json", "user_identity"), ids=case_name)
def test_identities_as_sri_has_them(case: dict[str, Any]) -> None:
    for worker, size in zip(case["inputs"]["values"], case["expected"]["lengths"], strict=True):
        tlv = user_identity_tlv(worker)
        assert len(tlv.value) == size
        assert user_identity([tlv]) == worker
    assert user_identity([]) is None
    assert user_identity([Tlv(0x4000, 1, b"no")]) is None


def test_a_worker_whose_name_is_not_utf8() -> None:
    worker = user_identity([Tlv(WORKER_IDENTITY, 1, b"\xff\xfe")])
    assert worker is not None
    assert user_identity_tlv(worker).value == b"\xff\xfe"
