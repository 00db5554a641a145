"""What a mining server owes its miners: the table our client holds a server to.

A server that breaks a rule is left, with the rule's words and the facts as the reason. `docs/conformance.md`
is printed from this table, and each rule has a test that plants its violation. Where the specification only
implies a rule, the section named is the one it follows from (spec chapters 3 and 5, extension 0x0001).
"""

from enum import Enum


class Rule(Enum):
    """(section, what a server must do); the name is the short word for it."""

    VERSION_OFFERED = "3.6.2", "the version used is one that the client offered"
    CODE_PRINTABLE = "3.5", "error and reason codes hold no control characters"
    EXTENSION_REQUEST_ID = "ext 0x0001, 2", "an answer about extensions carries the request's id"
    EXTENSION_ASKED = "ext 0x0001, 2", "only extensions that were asked for are confirmed"
    ROLLING_PROMISED = "5.3.1", "a connection that requires version rolling is never held to a fixed version"
    VERSION_FIXED = "5.3.1", "a server of fixed versions never sends a job that allows version rolling"
    OPEN_REQUEST_ID = "5.3.3", "an answer to an open request carries that request's id, once"
    OPEN_KIND = "5.3.5", "a request for a standard (extended) channel is answered with one of that kind"
    CHANNEL_ID_FREE = "5.2", "no two channels of a connection have the same id"
    GROUP_ID_FREE = "5.2.3", "a group's id is never that of a channel"
    TARGET_WITHIN_MAX = "5.3.2", "no target is above the client's max_target"
    TARGET_POSSIBLE = "5.3.21", "a target above 0: one that some hash meets"
    TARGET_FOLLOWS = "5.3.7", "a smaller maximum_target of UpdateChannel is followed by a SetTarget within it"
    EXTRANONCE_FITS = "5.1.2.1", "extranonce prefix and size together are at most 32 bytes"
    EXTRANONCE_OWN = "5.1", "a prefix where coinbases are built: no two channels share search space"
    EXTRANONCE_SIZE = "5.3.4", "an extended channel is given at least the extranonce bytes it asked for"
    GROUP_SIZE = "5.2.3", "all channels of a group have the same full extranonce size"
    FIRST_IS_FUTURE_JOB = "5.3.15", "the first message after opening a channel is a job without min_ntime"
    CHANNEL_KNOWN = "5.2", "messages name channels that exist"
    CHANNEL_CLOSED = "5.3.9", "a channel that the server closed stays silent"
    STANDARD_JOB_TO_STANDARD = "5.3.15", "a standard job goes to a standard channel"
    EXTENDED_JOB_TO_EXTENDED = "5.3.16", "an extended job goes to an extended channel or a group"
    STANDARD_JOBS_ONLY = "5.3.1", "under REQUIRES_STANDARD_JOBS no extended jobs are sent"
    JOB_ID_FREE = "5.3.16", "a job's id is not that of another valid job of the channel"
    TIP_BEFORE_JOB = "5.3.15", "an active job comes after a SetNewPrevHash for the channel"
    TIP_NAMES_FUTURE_JOB = "5.3.17", "SetNewPrevHash names a job that was sent to the channel as a future job"
    NBITS_VALID = "5.3.17", "nbits is a target in compact form"
    COINBASE_STRIPPED = "5.3.16", "the coinbase is sent without its BIP141 fields"
    COINBASE_PARSES = "5.3.16", "prefix, extranonce and suffix together are one coinbase transaction"
    COINBASE_SCRIPT_LENGTH = (
        "5.3.16",
        "the coinbase's script length counts the whole extranonce, which lies within",
    )
    ACK_SEQUENCE_SENT = "5.3.13", "an acknowledgement names a sequence number that was sent"
    ACK_COUNT = "5.3.13", "no more shares are acknowledged than are waiting"
    ACK_SUM = "5.3.13", "new_shares_sum is the difficulty of the shares acknowledged"
    SHARES_ANSWERED = "5.3.13", "shares are answered: no more than 65,536 wait at a time"
    ERROR_SEQUENCE_SENT = "5.3.14", "a refusal names a sequence number that was sent"
    ANSWERED_ONCE = "5.3.14", "a share is answered once"
    PREFIX_PER_CHANNEL = "5.3.10", "SetExtranoncePrefix is for a channel, not for a group"
    GROUP_NOT_REQUIRED = "5.3.22", "no SetGroupChannel under REQUIRES_STANDARD_JOBS"
    NOTHING_UNASKED = "3.6.1", "only messages of the mining protocol, and answers only to what was asked"

    @property
    def section(self) -> str:
        """Where it stands in the specification."""
        return self.value[0]

    @property
    def duty(self) -> str:
        """What a server must do."""
        return self.value[1]


class RuleBroken(Exception):
    """A server broke `rule`; the text says how, and is made to be read by its operator."""

    def __init__(self, rule: Rule, fact: str) -> None:
        super().__init__(f"{fact} (spec {rule.section}: {rule.duty})")
        self.rule = rule
        self.fact = fact


def check_word(name: str, word: str) -> None:
    """RuleBroken unless a code of this name can be shown to people."""
    if any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in word):
        raise RuleBroken(Rule.CODE_PRINTABLE, f"{name} is {word!r}")


def conformance_page() -> str:
    """`docs/conformance.md`: the table of rules."""
    rows = "\n".join(
        f"| {rule.name.lower().replace('_', ' ')} | {rule.section} | {rule.duty} |" for rule in Rule
    )
    return (
        "# What our miner holds a server to\n\n"
        "`sluice mine` is a conformance client: a server that breaks one of these rules is left, with the rule as\n"
        "the reason and exit code 1. Unknown messages and unknown error codes are no violation (spec 3.4, 3.5).\n"
        "Printed from `src/sluice/sim/miner/rules.py`; `tests/support/violations.py` plants each violation.\n\n"
        f"| rule | spec | a server's duty |\n|---|---|---|\n{rows}\n"
    )
