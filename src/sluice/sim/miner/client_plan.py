"""What a mining client wants of a server, and who it says it is."""

from dataclasses import dataclass

from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.version import VERSION

#: Extranonce bytes that an extended channel asks for: 2^32 coinbases per job and time are plenty.
MIN_EXTRANONCE_SIZE = 4


@dataclass(frozen=True, slots=True)
class ChannelWish:
    """One channel to open. `hash_rate` in hashes per second."""

    user: str
    extended: bool
    hash_rate: float
    max_target: Target = MAX_TARGET
    min_extranonce_size: int = MIN_EXTRANONCE_SIZE


@dataclass(frozen=True, slots=True)
class Device:
    """What SetupConnection tells about us (spec 3.6.1); `device_id` stays empty unless one wants telemetry."""

    vendor: str = "Sluice"
    hardware_version: str = "CPU"
    firmware: str = f"sluice mine {VERSION}"
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """A connection's worth of wishes; `host` and `port` are the server's, as we know it."""

    host: str
    port: int
    channels: tuple[ChannelWish, ...]
    #: REQUIRES_STANDARD_JOBS: no extended jobs, hence no extended channels
    standard_jobs: bool = False
    #: REQUIRES_VERSION_ROLLING
    version_rolling: bool = False
    #: sent with each extended share if the server has extension 0x0002
    worker: str | None = None
    device: Device = Device()
