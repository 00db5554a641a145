"""What the mining client wants done: values, for the shell to carry out in order."""

from dataclasses import dataclass

from sluice.bitcoin.target import Target
from sluice.pool.effects import Message
from sluice.sim.miner.work_unit import WorkUnit
from sluice.sv2.tlv import Tlv


@dataclass(frozen=True, slots=True)
class Send:
    """Give this to the connection."""

    message: Message
    tlvs: tuple[Tlv, ...] = ()


@dataclass(frozen=True, slots=True)
class Mine:
    """Hash this from now on; what was hashed before on its channel is over."""

    unit: WorkUnit


@dataclass(frozen=True, slots=True)
class Rest:
    """There is nothing to hash for this channel any more."""

    channel_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Retargeted:
    """Jobs to come on this channel are measured by another target. For show: work units carry their own."""

    channel_id: int
    target: Target


@dataclass(frozen=True, slots=True)
class SharesAccepted:
    """The server took `count` shares."""

    channel_id: int
    count: int


@dataclass(frozen=True, slots=True)
class ShareRefused:
    """The server did not take one share; `was_block` if it met the network's target."""

    channel_id: int
    sequence: int
    reason: str
    was_block: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """End the connection. `refusal`: the server does not want us as we are, so that waiting may be in vain.

    `moved`: the server asks to connect anew, to `host` and `port`; empty and 0 are where we are (spec 3.6.5).
    """

    reason: str
    refusal: bool = False
    moved: bool = False
    host: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth a line, nothing more (spec 3.5)."""

    text: str


Deed = Send | Mine | Rest | Retargeted | SharesAccepted | ShareRefused | Noted | Leave
