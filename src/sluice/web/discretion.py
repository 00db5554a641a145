"""What happened, for who is no operator: where miners come from is nobody's business.

Rule: what is called an address is left out, and an address or a network that stands in a sentence is three dots. A word
is looked at as a whole: a name that has an address in it is what its miner said.
"""

from collections.abc import Mapping

from sluice.control.words import Fact
from sluice.web.limits.networks import is_network
from sluice.web.limits.visitor import address_of

ADDRESS = "address"
HIDDEN = "…"
#: What may stand before and after a word of a sentence.
_AROUND = "(),;.'\"`"


def discreet(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The same without network addresses."""
    return {name: _fact(name, fact) for name, fact in facts.items()}


def _fact(name: str, fact: Fact) -> Fact:
    if name == ADDRESS:
        return None
    if isinstance(fact, list):
        return [_sentence(each) if isinstance(each, str) else each for each in fact]
    return _sentence(fact) if isinstance(fact, str) else fact


def _sentence(text: str) -> str:
    """Most have neither a dot nor a colon, and are left as they are."""
    if "." not in text and ":" not in text:
        return text
    return " ".join(HIDDEN if _is_place(word.strip(_AROUND)) else word for word in text.split(" "))


def _is_place(word: str) -> bool:
    return address_of(word) is not None or is_network(word)
