"""The pool's own defaults are those of the configuration: there is one set of numbers."""

from dataclasses import FrozenInstanceError, fields

import pytest

from sluice.accounting.name import Names
from sluice.app import policy_of
from sluice.config import read_config
from sluice.pool.policy import Patience, Policy
from sluice.work.vardiff import VardiffPolicy


def test_the_configuration_has_the_same_defaults() -> None:
    configured, ours = policy_of(read_config(None, {}, checks=())), Policy(VardiffPolicy())
    assert configured.patience == ours.patience == Patience()
    names = {field.name for field in fields(Policy)} - {"vardiff", "names"}
    assert {name: getattr(configured, name) for name in names} == {
        name: getattr(ours, name) for name in names
    }
    # An operator pays people, a demo does not.
    assert (configured.names, ours.names) == (Names.ADDRESS, Names.ANY)
    assert configured.vardiff.shares_per_minute == ours.vardiff.shares_per_minute


def test_a_policy_never_changes() -> None:
    policy = Policy(VardiffPolicy())
    with pytest.raises(FrozenInstanceError):
        policy.max_jobs = 1  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        policy.patience.idle = 1.0  # type: ignore[misc]
