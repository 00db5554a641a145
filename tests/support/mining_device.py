"""SRI's own mining device: where scripts/build-sri-mining-device put it, and its command line.

What it does with us, read in its source (integration_tests_sv2 0.6.0): it asks for standard jobs, measures its
hash rate for 5 s between SetupConnection and opening one standard channel, puts its own clock plus 60 s into
the header whatever min_ntime says, and sends every share it finds. It ends at anything unexpected: any error
answer but SubmitShares.Error, CloseChannel, Reconnect, SetExtranoncePrefix, SetGroupChannel, an extended job,
a job for now before the first SetNewPrevHash.
"""

import os

from support.bitcoind import CACHE


def program() -> str | None:
    """The mining device to start, None if it was not built."""
    given = os.environ.get("SLUICE_MINING_DEVICE")
    built = CACHE / "sri" / "bin" / "mining_device"
    return given or (str(built) if built.exists() else None)


def command(
    program: str, address: str, authority_key: str | None, user: str, *options: str
) -> tuple[str, ...]:
    """How it is started against `address` ("127.0.0.1:3333"); without a key it accepts any certificate."""
    key = ("--pubkey-pool", authority_key) if authority_key else ()
    return (program, "--address-pool", address, *key, "--id-user", user, "--cores", "1", *options)
