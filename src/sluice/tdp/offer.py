"""Our templates in the words of chapter 7: what a template provider says (spec 7.2, 7.3, 7.5)."""

from sluice.bitcoin.target import target_from_nbits, target_to_wire
from sluice.sv2.messages.templates import NewTemplate, RequestTransactionDataSuccess, SetNewPrevHash
from sluice.work.template import Template


def new_template(template_id: int, template: Template, *, future: bool) -> NewTemplate:
    """The template without its tip and transactions; outputs stand one after the other, without a count."""
    outputs = template.coinbase_outputs
    return NewTemplate(
        template_id=template_id,
        future_template=future,
        version=template.version,
        coinbase_tx_version=template.coinbase_tx_version,
        coinbase_prefix=template.coinbase_prefix,
        coinbase_tx_input_sequence=template.coinbase_tx_sequence,
        coinbase_tx_value_remaining=template.coinbase_value,
        coinbase_tx_outputs_count=len(outputs),
        coinbase_tx_outputs=b"".join(output.to_bytes() for output in outputs),
        coinbase_tx_locktime=template.coinbase_tx_locktime,
        merkle_path=template.merkle_path,
    )


def new_prev_hash(template_id: int, tip: Template) -> SetNewPrevHash:
    """Turn a client to a template that it has as a future one; `tip` is any template on the new tip."""
    return SetNewPrevHash(
        template_id=template_id,
        prev_hash=tip.prev_hash,
        header_timestamp=max(tip.ntime, tip.min_ntime),
        nBits=tip.nbits,
        target=target_to_wire(target_from_nbits(tip.nbits)),
    )


def transaction_data(template_id: int, template: Template) -> RequestTransactionDataSuccess:
    """All of its transactions, witness included; a block needs nothing in excess of them."""
    return RequestTransactionDataSuccess(template_id, b"", template.transactions)
