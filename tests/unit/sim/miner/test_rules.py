"""The table of rules, and the page printed from it. Each rule's violation is in test_client.py."""

import re

import pytest

from sluice.sim.miner.rules import Rule, RuleBroken, check_word, conformance_page


def test_every_rule_names_its_section() -> None:
    for rule in Rule:
        assert re.fullmatch(r"(\d\.\d(\.\d+){0,2}|ext 0x0001, 2)", rule.section), rule


def test_no_two_rules_are_the_same() -> None:
    assert len({rule.value for rule in Rule}) == len(Rule) == len(Rule.__members__)


def test_a_broken_rule_says_what_happened_where_it_stands_and_what_was_due() -> None:
    broken = RuleBroken(Rule.NBITS_VALID, "nbits are 0")
    assert str(broken) == "nbits are 0 (spec 5.3.17: nbits is a target in compact form)"
    assert broken.rule is Rule.NBITS_VALID


@pytest.mark.parametrize("letter", ["\x00", "\n", "\x1b", "\x7f", "\x9b"])
def test_a_code_with_a_control_character_is_a_violation(letter: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        check_word("error_code", f"stale{letter}share")
    assert caught.value.rule is Rule.CODE_PRINTABLE
    assert letter not in str(caught.value)


@pytest.mark.parametrize("word", ["", "stale-share", "any words", "nicht möglich", "\udcff"])
def test_any_other_code_is_none(word: str) -> None:
    check_word("error_code", word)


def test_the_page_has_a_row_for_every_rule() -> None:
    rows = [line for line in conformance_page().splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(Rule)
