"""The first bytes of whoever may come to the port, each in its language."""

import struct

from sluice.server.detect import Language
from sluice.tlv.frame import MAX_BODY, frame
from sluice.tlv.messages import SetupConnection

#: From `openssl s_client` and from Go's TLS library: a record, a ClientHello, random bytes.
_HELLO = bytes.fromhex("160301013f0100013b0303") + bytes(range(64))
_OLD_HELLO = bytes.fromhex("16030000a5010000a10300") + b"\xaa" * 64
_SPLIT_HELLO = bytes.fromhex("1603014000010056780303") + b"\x11" * 64

JSON = (
    b'{"id": 1, "method": "mining.subscribe", "params": ["bitaxe/BM1366/v2.4.0"]}\n',
    b'{"id":1,"method":"mining.subscribe","params":[]}\n',
    b'{"method":"x"}\r\n',
    b' \t\r\n{"id":null,"method":"mining.configure","params":[["version-rolling"],{}]}\n',
    b'{\t"params" : [ "Stratum", "\\u00e9" ] }\n',
    b'{"id":1,"method":"mining.subscribe","params":[]}\n\x00\xff{"id":2',
)
HTTP = (
    b"GET / HTTP/1.1\r\nHost: pool.example:3333\r\nUser-Agent: Mozilla/5.0 (X11)\r\n\r\n",
    b"HEAD / HTTP/1.0\n\n",
    b"POST /rpc HTTP/1.1\r\nContent-Length: 3\r\n\r\n\x00\xff\x80",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(30),
    b"OPTIONS /" + b"a" * 80 + b" HTTP/1.1\r\n",
)
TLS = (_HELLO, _OLD_HELLO, _SPLIT_HELLO)
TLV = (
    frame(SetupConnection(2, "m1", ("mining",))),
    frame(SetupConnection(1, "", ())),
    frame(SetupConnection(2, "x" * 100_000, ())),
    struct.pack("<IHI", 6, 1, 0),
    struct.pack("<IHI", MAX_BODY, 1, MAX_BODY - 6) + b"{" * 60,
)
TEXT = (
    b"EHLO pool.example\r\nMAIL FROM:<a@pool.example>\r\nRCPT TO:<b@pool.example>\r\n",
    b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and some more of it so that it is long enough\r\n",
    b"GETTING / HTTP/1.1\r\nHost: pool.example:3333 and so on and on and on and on\r\n",
)

OPENINGS: tuple[tuple[Language, bytes], ...] = tuple(
    (language, opening)
    for language, openings in (
        (Language.JSON, JSON),
        (Language.HTTP, HTTP),
        (Language.TLS, TLS),
        (Language.TLV, TLV),
        (Language.TEXT, TEXT),
    )
    for opening in openings
)
