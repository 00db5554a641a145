"""Alarms by e-mail, over a mail server that takes them from us (SMTP submission, RFC 6409).

Rule: what is once taken is not sent again, though the server hangs afterwards; and its number is the Message-ID, by
which a reader knows a mail that came twice all the same.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from sluice.alarms.message import Weight
from sluice.alarms.receiver import Later, Letter, Never, Outcome, Sent, lateness, without
from sluice.alarms.web import Web
from sluice.alarms.words import cut, plain

#: Seconds for each step, for all of them, and to say goodbye.
STEP_SECONDS, MAIL_SECONDS, PARTING_SECONDS = 15.0, 25.0, 2.0
#: What we say we are (RFC 5321, 4.1.3): asking the system would take a thread, and tell our name to strangers.
OURSELVES = "[127.0.0.1]"
#: Characters of a subject; readers show some 70.
MOST_OF_A_SUBJECT = 200

logger = logging.getLogger(__name__)


class Encryption(Enum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is given to; without a user, nobody logs in."""

    host: str
    port: int
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """To whom, by which server, and from whom."""

    to: tuple[str, ...]
    server: MailServer
    sender: str
    name: str = "e-mail"

    @property
    def where(self) -> str:
        """The addresses, and by whom."""
        return f"{', '.join(self.to)} by {self.server.host}:{self.server.port}"

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One mail."""
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=OURSELVES,
            timeout=STEP_SECONDS,
            use_tls=server.encryption is Encryption.TLS,
            start_tls=server.encryption is Encryption.STARTTLS,
            tls_context=None if server.encryption is Encryption.NONE else web.tls,
            username=server.user or None,
            password=server.password or None,
        )
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                await client.connect()
                refused, _ = await client.send_message(
                    self._mail(letter, unix_time), sender=self.sender, recipients=list(self.to)
                )
            with suppress(SMTPException, TimeoutError, OSError):
                async with asyncio.timeout(PARTING_SECONDS):
                    await client.quit()
        except (SMTPException, OSError, RuntimeError, ValueError) as error:
            return self._outcome(error)
        finally:
            client.close()
        for address, answer in refused.items():
            words = without((server.password,), f"{answer.code} {answer.message}")
            logger.warning("%s takes no mail for %s: %s", server.host, address, words)
        return Sent()

    def _outcome(self, error: Exception) -> Outcome:
        secrets = (self.server.password,)
        if isinstance(error, SMTPRecipientsRefused):
            error = error.recipients[0]
        if isinstance(error, SMTPResponseException):
            reason = without(secrets, f"SMTP {error.code}: {' '.join(str(error.message).split())}")
            return Never(reason) if error.code >= 500 else Later(reason)
        return Later(without(secrets, str(error) or f"no end within {MAIL_SECONDS:g} s"))

    def _mail(self, letter: Letter, unix_time: int) -> EmailMessage:
        message = letter.message
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Subject"] = cut(f"{letter.pool}: {plain(message.title)}", MOST_OF_A_SUBJECT)
        mail["Date"] = format_datetime(datetime.fromtimestamp(letter.at, UTC))
        mail["Message-ID"] = f"<{letter.number}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody is to answer by himself
        if message.weight is Weight.ERROR:
            mail["Importance"] = "high"
        lines = (plain(message.title) + ".", plain(message.text), lateness(letter, unix_time))
        mail.set_content("\n\n".join(filter(None, lines)) + "\n")
        return mail
