"""The options of who is credited and paid."""

from sluice.config.accounts_table import Accounts
from sluice.config.read import read_config


def test_a_name_begins_with_an_address_unless_the_operator_says_otherwise() -> None:
    assert Accounts().names == "address"
    assert read_config(None, {}, checks=()).accounts.names == "address"
    assert read_config(None, {"SLUICE_ACCOUNTS__NAMES": "any"}, checks=()).accounts.names == "any"
