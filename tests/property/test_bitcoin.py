"""What holds of all blocks, transactions, coinbases and addresses, not only of those in the vectors."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sluice.bitcoin.address import AddressError, script_for_address
from sluice.bitcoin.base58 import base58check_decode, base58check_encode
from sluice.bitcoin.bech32 import CHARSET
from sluice.bitcoin.block import Block
from sluice.bitcoin.coinbase import CoinbasePlan, split_coinbase, strip_bip141, with_witness
from sluice.bitcoin.compact import DecodeError, compact_size, read_compact_size
from sluice.bitcoin.hashes import Txid, sha256d
from sluice.bitcoin.merkle import coinbase_merkle_path, fold_merkle_path, merkle_root
from sluice.bitcoin.network import NETWORKS, Network
from sluice.bitcoin.script import push, push_height
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.bitcoin.txid import txid_of
from support.bech32 import segwit_address

u32 = st.integers(0, 2**32 - 1)
hashes = st.binary(min_size=32, max_size=32)
scripts = st.binary(max_size=300)
outputs = st.builds(TxOut, value=st.integers(0, 2**64 - 1), script_pubkey=scripts)
inputs = st.builds(
    TxIn,
    previous=st.builds(OutPoint, txid=hashes.map(Txid), index=u32),
    script_sig=scripts,
    sequence=u32,
    witness=st.lists(st.binary(max_size=80), max_size=3).map(tuple),
)
transactions = st.builds(
    Transaction,
    version=u32,
    inputs=st.lists(inputs, min_size=1, max_size=4).map(tuple),
    outputs=st.lists(outputs, max_size=4).map(tuple),
    locktime=u32,
)
plans = st.builds(
    CoinbasePlan,
    prefix_script=st.integers(0, 2**31).map(push_height),
    pool_tag=st.binary(max_size=40),
    extranonce_size=st.integers(1, 32),
    outputs=st.lists(outputs, min_size=1, max_size=4).map(tuple),
    tx_version=u32,
    sequence=u32,
    locktime=u32,
)


def naive_root(level: list[bytes]) -> bytes:
    """The definition, read aloud."""
    if len(level) == 1:
        return level[0]
    if len(level) % 2:
        level = [*level, level[-1]]
    return naive_root([sha256d(level[at] + level[at + 1]) for at in range(0, len(level), 2)])


def script_number(data: bytes) -> int:
    """How a node reads a number in a script: little-endian, the top bit is the sign."""
    number = int.from_bytes(data, "little")
    sign = 1 << 8 * len(data) - 1
    return -(number ^ sign) if number & sign else number


@given(st.integers(0, 2**64 - 1), st.binary(max_size=5))
def test_compact_size_is_read_as_written(number: int, tail: bytes) -> None:
    written = compact_size(number)
    assert read_compact_size(tail + written + tail, len(tail)) == (number, len(tail) + len(written))


@given(st.binary(max_size=12))
def test_whatever_reads_as_compact_size_is_its_only_spelling(data: bytes) -> None:
    try:
        number, end = read_compact_size(data, 0)
    except DecodeError:
        return
    assert compact_size(number) == data[:end]


@given(st.lists(hashes, min_size=1, max_size=70))
def test_merkle_path_leads_to_the_root(leaves: list[bytes]) -> None:
    root = merkle_root(leaves)
    assert root == naive_root(leaves)
    assert fold_merkle_path(leaves[0], coinbase_merkle_path(leaves[1:])) == root


@given(st.integers(17, 2**40))
def test_a_height_is_pushed_as_the_shortest_positive_number(height: int) -> None:
    script = push_height(height)
    data = script[1:]
    assert script[0] == len(data)
    assert script_number(data) == height
    assert data[-1] or data[-2] & 0x80, "a leading zero is there for the sign only"


@given(transactions)
def test_a_transaction_survives(transaction: Transaction) -> None:
    raw = transaction.to_bytes()
    assert Transaction.parse(raw) == transaction
    assert Transaction.parse(transaction.to_bytes(witness=False)).txid() == transaction.txid()
    assert transaction.has_witness is (transaction.weight() != 4 * len(raw))


@given(transactions, st.data())
def test_a_damaged_transaction_is_refused_or_another(transaction: Transaction, data: st.DataObject) -> None:
    raw = bytearray(transaction.to_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        read = Transaction.parse(bytes(raw))
    except DecodeError:
        return
    assert read != transaction
    assert read.to_bytes() == raw


@given(transactions, st.data())
def test_a_txid_without_parsing_is_that_of_the_parsed_one(
    transaction: Transaction, data: st.DataObject
) -> None:
    raw = bytearray(transaction.to_bytes())
    assert txid_of(bytes(raw)) == transaction.txid()
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        parsed = Transaction.parse(bytes(raw))
    except DecodeError:
        with pytest.raises(DecodeError):
            txid_of(bytes(raw))
    else:
        assert txid_of(bytes(raw)) == parsed.txid()


@given(st.binary(max_size=400))
def test_junk_is_refused_or_written_back_the_same(junk: bytes) -> None:
    for parse in (Transaction.parse, Block.parse):
        try:
            read = parse(junk)
        except DecodeError:
            continue
        assert read.to_bytes() == junk


@given(plans, st.data())
def test_a_coinbase_goes_to_miners_and_comes_back(plan: CoinbasePlan, data: st.DataObject) -> None:
    extranonce = data.draw(st.binary(min_size=plan.extranonce_size, max_size=plan.extranonce_size))
    split = split_coinbase(plan)
    stripped = split.join(extranonce)
    coinbase = Transaction.parse(with_witness(stripped))
    assert coinbase.is_coinbase
    assert coinbase.txid() == sha256d(stripped)
    assert coinbase.inputs[0].witness == (bytes(32),)
    assert coinbase.inputs[0].script_sig.startswith(plan.prefix_script)
    assert coinbase.inputs[0].script_sig.endswith(push(extranonce))
    assert coinbase.outputs == plan.outputs
    whole = coinbase.to_bytes()
    cut = whole.index(coinbase.inputs[0].script_sig) + len(coinbase.inputs[0].script_sig)
    assert strip_bip141(whole[: cut - len(extranonce)], whole[cut:]) == split
    assert strip_bip141(split.prefix, split.suffix) == split


@given(st.binary(max_size=60))
def test_base58check_survives(payload: bytes) -> None:
    assert base58check_decode(base58check_encode(payload)) == payload


programs = st.one_of(
    st.tuples(st.just(0), st.binary(min_size=20, max_size=20)),
    st.tuples(st.just(0), hashes),
    st.tuples(st.just(1), hashes),
)


@given(st.sampled_from(NETWORKS), programs, st.booleans())
def test_a_segwit_address_pays_its_program(
    network: Network, program: tuple[int, bytes], capitals: bool
) -> None:
    version, data = program
    text = segwit_address(network.bech32_hrp, version, data)
    script = bytes((0x50 + version if version else 0,)) + push(data)
    assert script_for_address(text.upper() if capitals else text, network) == script


@given(st.sampled_from(NETWORKS), programs, st.data())
def test_four_wrong_characters_are_always_found(
    network: Network, program: tuple[int, bytes], data: st.DataObject
) -> None:
    """BIP173's promise for up to four substitutions."""
    text = segwit_address(network.bech32_hrp, *program)
    places = st.integers(len(network.bech32_hrp) + 1, len(text) - 1)
    mistyped = list(text)
    for place in data.draw(st.sets(places, min_size=1, max_size=4)):
        mistyped[place] = data.draw(st.sampled_from(CHARSET))
    assume("".join(mistyped) != text)
    with pytest.raises(AddressError):
        script_for_address("".join(mistyped), network)


beginnings = st.sampled_from(["", "1", "3", "2", "m", "bc1", "tb1q", "bcrt1p", "BC1"])


@given(st.builds(str.__add__, beginnings, st.text(max_size=120)), st.sampled_from(NETWORKS))
def test_any_text_is_refused_with_a_sentence(text: str, network: Network) -> None:
    with pytest.raises(AddressError, match=f"not an address for {network.name}: ."):
        script_for_address(text, network)
