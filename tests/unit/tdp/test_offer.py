"""Our templates in the words of chapter 7."""

from sluice.bitcoin.target import target_from_nbits, target_to_wire
from sluice.bitcoin.transaction import TxOut
from sluice.sv2.messages.templates import NewTemplate, RequestTransactionDataSuccess, SetNewPrevHash
from sluice.tdp.offer import new_prev_hash, new_template, transaction_data
from support.vectors import vector_cases
from support.work import HEIGHT, NTIME, spend, template


def test_every_field_of_a_template() -> None:
    offered = template(transactions=(spend(1), spend(2)))
    (commitment,) = offered.coinbase_outputs
    assert new_template(7, offered, future=True) == NewTemplate(
        template_id=7,
        future_template=True,
        version=offered.version,
        coinbase_tx_version=2,
        coinbase_prefix=bytes.fromhex("0300350c"),
        coinbase_tx_input_sequence=0xFFFFFFFE,
        coinbase_tx_value_remaining=offered.coinbase_value,
        coinbase_tx_outputs_count=1,
        coinbase_tx_outputs=bytes(8) + b"\x26" + commitment.script_pubkey,
        coinbase_tx_locktime=HEIGHT - 1,
        merkle_path=offered.merkle_path,
    )


def test_outputs_stand_one_after_the_other_without_a_count_before_them() -> None:
    outputs = (TxOut(1, b"\x51"), TxOut(2, b""))
    message = new_template(7, template(coinbase_outputs=outputs), future=False)
    assert message.coinbase_tx_outputs_count == 2
    assert message.coinbase_tx_outputs.hex() == "0100000000000000" + "0151" + "0200000000000000" + "00"


def test_a_tip() -> None:
    offered = template()
    target = target_to_wire(target_from_nbits(offered.nbits))
    assert new_prev_hash(7, offered) == SetNewPrevHash(7, offered.prev_hash, NTIME, offered.nbits, target)
    late = template(min_ntime=NTIME + 9)
    assert new_prev_hash(7, late).header_timestamp == NTIME + 9


def test_its_transactions() -> None:
    offered = template(transactions=(spend(1), spend(2, segwit=False)))
    assert transaction_data(7, offered) == RequestTransactionDataSuccess(7, b"", offered.transactions)


def test_sris_frames_of_a_provider_are_ours() -> None:
    """What a template of SRI's own tests becomes on the wire, byte for byte."""
    (case,) = (each for each in vector_cases("sri_frames.json") if each["name"] == "new_template_standard")
    given = case["inputs"]["fields"]
    output = bytes.fromhex(given["coinbase_tx_outputs"])
    offered = template(
        version=given["version"],
        coinbase_value=given["coinbase_tx_value_remaining"],
        coinbase_outputs=(TxOut(int.from_bytes(output[:8], "little"), output[9:]),),
        coinbase_prefix=bytes.fromhex(given["coinbase_prefix"]),
        coinbase_tx_version=given["coinbase_tx_version"],
        coinbase_tx_sequence=given["coinbase_tx_input_sequence"],
        coinbase_tx_locktime=given["coinbase_tx_locktime"],
    )
    message = new_template(given["template_id"], offered, future=given["future_template"])
    assert message.layout.write(message).hex() == case["expected"]["payload"]
