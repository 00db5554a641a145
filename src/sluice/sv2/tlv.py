"""Optional fields behind a message's own: type, length, value (spec 3.4.3).

Sent little-endian as SRI does; read little-endian, then big-endian as the specification's example has it.
Only fields of negotiated extensions count, all others are ignored; what cannot be read as fields at all is
ignored too, for a share is worth more than its label.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType

from sluice.sv2.message import Message
from sluice.sv2.messages.mining import SubmitSharesExtended
from sluice.wire.errors import LocalProtocolError

WORKER_IDENTITY = 0x0002  # the extension: Worker-Specific Hashrate Tracking
USER_IDENTITY = 0x01  # its one field

_LITTLE = Struct("<HBH")
_BIG = Struct(">HBH")


@dataclass(frozen=True, slots=True)
class Tlv:
    """One optional field: the extension it belongs to, its number there, its bytes."""

    extension_type: int
    field_type: int
    value: bytes


@dataclass(frozen=True, slots=True)
class TlvRule:
    """Which message a field extends, and how many bytes its value may have."""

    name: str
    extends: type[Message]
    max_size: int


RULES: Mapping[tuple[int, int], TlvRule] = MappingProxyType(
    {(WORKER_IDENTITY, USER_IDENTITY): TlvRule("user_identity", SubmitSharesExtended, 32)}
)
"""Every optional field we know, by extension and number."""


def user_identity_tlv(worker: str) -> Tlv:
    """The field that names the worker behind a share (extension 0x0002)."""
    return Tlv(WORKER_IDENTITY, USER_IDENTITY, worker.encode("utf-8", "surrogateescape"))


def user_identity(tlvs: Iterable[Tlv]) -> str | None:
    """The worker's name, if one of the fields gives it."""
    for tlv in tlvs:
        if (tlv.extension_type, tlv.field_type) == (WORKER_IDENTITY, USER_IDENTITY):
            return tlv.value.decode("utf-8", "surrogateescape")
    return None


def encode_tlvs(cls: type[Message], tlvs: Iterable[Tlv], negotiated: Collection[int]) -> bytes:
    """The fields' bytes, ordered by extension as 3.4.3 asks.

    LocalProtocolError for a field that this message does not have, is not negotiated or is too long.
    """
    area = b""
    for tlv in sorted(tlvs, key=lambda tlv: tlv.extension_type):
        rule = RULES.get((tlv.extension_type, tlv.field_type))
        if rule is None or rule.extends is not cls:
            raise LocalProtocolError(
                f"{cls.wire_name} has no field {tlv.field_type} of {tlv.extension_type:#06x}"
            )
        if tlv.extension_type not in negotiated:
            raise LocalProtocolError(f"extension {tlv.extension_type:#06x} is not negotiated")
        if len(tlv.value) > rule.max_size:
            raise LocalProtocolError(f"{rule.name} of {len(tlv.value)} bytes, {rule.max_size} at most")
        area += _LITTLE.pack(tlv.extension_type, tlv.field_type, len(tlv.value)) + tlv.value
    return area


def decode_tlvs(cls: type[Message], area: bytes, negotiated: Collection[int]) -> tuple[Tlv, ...]:
    """The negotiated fields of this message in the bytes behind it, of whatever length: see `too_long`."""
    for order in (_LITTLE, _BIG):
        found = tuple(tlv for tlv in _walk(area, order) if _counts(cls, tlv, negotiated))
        if found:
            return found
    return ()


def too_long(tlvs: Iterable[Tlv]) -> str | None:
    """Why the message MUST be rejected (spec 3.4.3), or None: a field is longer than its extension allows."""
    for tlv in tlvs:
        rule = RULES[tlv.extension_type, tlv.field_type]
        if len(tlv.value) > rule.max_size:
            return f"{rule.name} of {len(tlv.value)} bytes, {rule.max_size} at most"
    return None


def _counts(cls: type[Message], tlv: Tlv, negotiated: Collection[int]) -> bool:
    rule = RULES.get((tlv.extension_type, tlv.field_type))
    return rule is not None and rule.extends is cls and tlv.extension_type in negotiated


def _walk(area: bytes, order: Struct) -> list[Tlv]:
    """All fields of a well-formed area; none if a field runs over its end."""
    found = []
    at = 0
    while at < len(area):
        start = at + order.size
        if start > len(area):
            return []
        extension_type, field_type, size = order.unpack_from(area, at)
        at = start + size
        if at > len(area):
            return []
        found.append(Tlv(extension_type, field_type, area[start:at]))
    return found
