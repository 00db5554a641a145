"""One static key and certificate for a process, renewed in time."""

from itertools import count

import pytest

from sluice.noise.certificate import BACKDATED, Certificate
from sluice.noise.handshake import HandshakeError, Initiator, Responder, StaticIdentity
from sluice.server.identity import Credentials
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, NOW, entropy


def credentials(validity: int = DAY) -> Credentials:
    numbers = count()
    return Credentials(AUTHORITY_SECRET, validity, NOW, lambda size: entropy(f"key {next(numbers)}", size))


def shake(identity: StaticIdentity, now: int) -> None:
    """A whole handshake at `now`; HandshakeError if the client does not believe the certificate."""
    client = Initiator(AUTHORITY, now, entropy("client"), entropy("client aux"))
    answer, _ = Responder(identity, entropy("server"), entropy("server aux")).act_1(client.act_1())
    client.act_2(answer)


def test_everybody_is_shown_the_same() -> None:
    shown = credentials()
    assert shown.at(NOW) is shown.at(NOW + 1) is shown.at(NOW)


def test_it_is_renewed_before_it_ends_and_not_sooner() -> None:
    shown = credentials()
    first = shown.at(NOW)
    assert shown.at(first.renew_at - 1) is first
    second = shown.at(first.renew_at)
    assert second.keys.secret != first.keys.secret
    assert Certificate.parse(second.certificate).valid_from == first.renew_at - BACKDATED
    assert second.renew_at > first.renew_at


def test_every_client_of_three_days_believes_it() -> None:
    shown = credentials(validity=3600)
    for now in range(NOW, NOW + 3 * DAY, 600):
        shake(shown.at(now), now)


def test_nobody_believes_the_first_one_for_ever() -> None:
    first = credentials(validity=3600).at(NOW)
    shake(first, NOW + 3600)
    with pytest.raises(HandshakeError, match="expired"):
        shake(first, NOW + 3 * 3600)


def test_a_clock_that_is_set_back_changes_nothing() -> None:
    shown = credentials()
    later = shown.at(NOW + DAY)
    assert shown.at(NOW) is later


def test_after_a_long_sleep_it_is_new_at_once() -> None:
    shown = credentials()
    shake(shown.at(NOW + 400 * DAY), NOW + 400 * DAY)
