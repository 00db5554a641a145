"""A template with fewer transactions, for who needs more room in the coinbase.

Taken from the tail: a node puts what depends on others behind them, so what stays never lacks a parent.
Rule: fees, merkle path and witness commitment are those of what stays, computed again and never guessed.
"""

from dataclasses import replace

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.script import witness_commitment_script
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.work.template import Template

_COMMITMENT = witness_commitment_script(bytes(32))
_TAG = _COMMITMENT[:-32]  # OP_RETURN, the push, BIP141's four bytes


def first_of(template: Template, keep: int) -> Template:
    """The first `keep` transactions of a template with facts."""
    gone = sum(fact.fee for fact in template.facts[keep:])
    return _cut(template, keep, template.coinbase_value - gone)


def emptied(template: Template, subsidy: int) -> Template:
    """None of its transactions, so that nobody has to know what they pay."""
    return _cut(template, 0, subsidy)


def _cut(template: Template, keep: int, value: int) -> Template:
    transactions, facts = template.transactions[:keep], template.facts[:keep]
    commitment = witness_commitment_script(witness_commitment([sha256d(raw) for raw in transactions]))
    return replace(
        template,
        coinbase_value=value,
        coinbase_outputs=tuple(_recommitted(output, commitment) for output in template.coinbase_outputs),
        merkle_path=coinbase_merkle_path([fact.txid for fact in facts]),
        transactions=transactions,
        fees=sum(fact.fee for fact in facts),
        facts=facts,
    )


def _recommitted(output: TxOut, commitment: bytes) -> TxOut:
    script = output.script_pubkey
    if not script.startswith(_TAG) or len(script) < len(commitment):
        return output
    return TxOut(output.value, commitment + script[len(commitment) :])  # more may stand behind (BIP141)
