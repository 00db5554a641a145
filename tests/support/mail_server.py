"""Real SMTP on loopback (aiosmtpd), in the test's own loop, with a certificate that was made for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from warnings import catch_warnings, simplefilter

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "pool@example.org", "HUSH-of-mail"


@cache
def certificate() -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 that signs itself, and its key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    return made.public_bytes(encoding), key.private_bytes(encoding, form, serialization.NoEncryption())


def server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as directory:
        both = Path(directory) / "both.pem"
        both.write_bytes(b"".join(certificate()))
        context.load_cert_chain(both)
    return context


def client_side() -> ssl.SSLContext:
    """Believes that certificate."""
    return ssl.create_default_context(cadata=certificate()[0].decode())


@dataclass
class Mailbox:
    """Takes mail as a test wants, by the step in which it answers otherwise: DATA, RCPT."""

    answers: dict[str, str] = field(default_factory=dict)
    #: An address that is refused.
    unknown: str = ""
    hangs: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    sealed: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs == "RCPT":
            await asyncio.Event().wait()
        if address == self.unknown:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        if answer := self.answers.get("DATA"):
            return answer
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.sealed.append(session.ssl is not None)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        if self.hangs == "QUIT":
            await asyncio.Event().wait()
        return "221 Bye"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(
            success=good, handled=False, message=None if good else "535 5.7.8 wrong: HUSH-of-mail"
        )


@contextmanager
def mail_server_in_a_thread(mailbox: Mailbox) -> Iterator[int]:
    """The same, with STARTTLS and a login, for tests without a loop: its port."""
    ready: Queue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def main() -> None:
        stop = asyncio.Event()
        async with mail_server(mailbox) as port:
            ready.put((port, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = Thread(target=asyncio.run, args=(main(),))
    thread.start()
    port, loop, stop = ready.get(timeout=20.0)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@asynccontextmanager
async def mail_server(
    mailbox: Mailbox, *, starttls: bool = True, tls: bool = False, login: bool = True
) -> AsyncIterator[int]:
    """The port of a server for `mailbox`; what is still connected at the end is cut."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        with catch_warnings():
            simplefilter("ignore")  # it thinks that a login without STARTTLS is in the clear
            made = SMTP(
                mailbox,
                hostname="mail.example.org",
                require_starttls=starttls,
                tls_context=server_side() if starttls else None,
                authenticator=mailbox.authenticate if login else None,
                auth_required=login,
                auth_require_tls=starttls,
                loop=loop,
            )
        sessions.append(made)
        return made

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=server_side() if tls else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in sessions:
            if each.transport is not None:
                each.transport.close()
        await asyncio.sleep(0.05)
