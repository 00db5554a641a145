"""The few scripts a mining server writes: pushes, the BIP34 height, OP_RETURN, the BIP141 commitment."""

OP_0 = 0x00
OP_PUSHDATA1 = 0x4C
OP_PUSHDATA2 = 0x4D
OP_PUSHDATA4 = 0x4E
OP_1 = 0x51
OP_RETURN = 0x6A

MAX_DIRECT_PUSH = OP_PUSHDATA1 - 1  # the opcode is the length

_COMMITMENT_TAG = bytes.fromhex("aa21a9ed")  # BIP141

_PUSHES = (  # opcode, bytes of length after it
    (OP_PUSHDATA1, 1),
    (OP_PUSHDATA2, 2),
    (OP_PUSHDATA4, 4),
)


def push(data: bytes) -> bytes:
    """Data behind the shortest opcode for its length, as Core's `CScript << bytes` writes it."""
    size = len(data)
    if size <= MAX_DIRECT_PUSH:
        return bytes((size,)) + data
    opcode, width = next((opcode, width) for opcode, width in _PUSHES if size < 1 << 8 * width)
    return bytes((opcode,)) + size.to_bytes(width, "little") + data


def push_height(height: int) -> bytes:
    """The height with which a coinbase begins (BIP34), exactly as Core's `CScript() << height`.

    Up to 16 that is a single opcode, and a coinbase script of one byte is invalid: something must follow.
    """
    if height < 0:
        raise ValueError(f"no block has height {height}")
    if height == 0:
        return bytes((OP_0,))
    if height <= 16:
        return bytes((OP_1 - 1 + height,))
    # One bit more than the number needs: script numbers are signed.
    return push(height.to_bytes(height.bit_length() // 8 + 1, "little"))


def op_return(data: bytes) -> bytes:
    """An output script that carries data and can never be spent."""
    return bytes((OP_RETURN,)) + push(data)


def witness_commitment_script(commitment: bytes) -> bytes:
    """The coinbase output script that commits a block to its witnesses (BIP141)."""
    return op_return(_COMMITMENT_TAG + commitment)
