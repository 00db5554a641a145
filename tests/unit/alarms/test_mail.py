import asyncio
import ssl
from dataclasses import replace

import pytest

from sluice.alarms import mail as mail_module
from sluice.alarms.mail import Encryption, Mail, MailServer
from sluice.alarms.message import Name, Weight
from sluice.alarms.receiver import Later, Letter, Never, Outcome, Sent
from sluice.alarms.web import Web
from support.alarms import HOSTILE, NOW, letter, message
from support.bitcoind import free_port
from support.mail_server import PASSWORD, USER, Mailbox, client_side, mail_server

TO = ("me@example.org", "you@example.org")


def sent(
    mailbox: Mailbox,
    said: Letter | None = None,
    *,
    encryption: Encryption = Encryption.STARTTLS,
    login: tuple[str, str] = (USER, PASSWORD),
    offered: Encryption | None = None,
    tls: ssl.SSLContext | None = None,
    late: int = 0,
) -> Outcome:
    """What comes of one mail to a server that offers `offered`."""

    async def main() -> Outcome:
        offers = offered or encryption
        async with (
            Web(tls or client_side()) as web,
            mail_server(
                mailbox,
                starttls=offers is Encryption.STARTTLS,
                tls=offers is Encryption.TLS,
                login=bool(login[0]),
            ) as port,
        ):
            server = MailServer("127.0.0.1", port, encryption, *login)
            return await Mail(TO, server, "pool@example.org").send(said or letter(), web, NOW + late)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("encryption", "sealed"), [(Encryption.STARTTLS, True), (Encryption.TLS, True), (Encryption.NONE, False)]
)
def test_a_letter_is_a_mail_to_everybody(encryption: Encryption, sealed: bool) -> None:
    mailbox = Mailbox()
    login = ("", "") if encryption is Encryption.NONE else (USER, PASSWORD)
    assert sent(mailbox, encryption=encryption, login=login, late=600) == Sent()
    [mail] = mailbox.mails
    assert mailbox.envelopes == [("pool@example.org", list(TO))]
    assert mail["From"] == "pool@example.org"
    assert mail["To"] == ", ".join(TO)
    assert mail["Subject"] == "My Pool: Block 5 was found by alice.rig"
    assert mail["Message-ID"] == "<0123456789abcdef@example.org>"
    assert mail["Date"].datetime.timestamp() == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Importance"] is None
    assert mail.get_content().replace("\r\n", "\n").split("\n\n") == [
        "Block 5 was found by alice.rig.",
        "It is on its way.",
        "This was 10 min ago.\n",
    ]
    if encryption is Encryption.STARTTLS:
        assert mailbox.sealed == [sealed]
    assert mailbox.logins == ([(USER.encode(), PASSWORD.encode())] if login[0] else [])


def test_no_name_is_a_header() -> None:
    mailbox = Mailbox()
    words = ("Worker ", Name(HOSTILE), " is gone")
    assert sent(mailbox, letter(message(words, words, weight=Weight.ERROR))) == Sent()
    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Importance"] == "high"
    assert "\\x202c" in mail["Subject"]
    assert mailbox.envelopes[0][1] == list(TO)


def test_what_is_no_ascii_arrives() -> None:
    mailbox = Mailbox()
    words = ("Worker ", Name("Käthe 你好 🙂"), " is gone")
    assert sent(mailbox, letter(message(words, words))) == Sent()
    assert "Käthe 你好 🙂" in mailbox.mails[0]["Subject"]
    assert "Käthe 你好 🙂" in mailbox.mails[0].get_content()


def test_a_wrong_password_is_final_and_stays_secret() -> None:
    outcome = sent(Mailbox(), login=(USER, "HUSH-the-wrong-one"))
    assert outcome == Never("SMTP 535: 5.7.8 wrong: HUSH-of-mail")
    server = MailServer("h", 1, Encryption.TLS, USER, PASSWORD)
    assert PASSWORD not in repr(Mail(TO, server, USER)) + Mail(TO, server, USER).where


def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    outcome = sent(Mailbox({"DATA": f"554 you are {PASSWORD}, are you"}))
    assert outcome == Never("SMTP 554: you are ***, are you")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"DATA": "451 4.7.1 greylisted"}, Later("SMTP 451: 4.7.1 greylisted")),
        ({"DATA": "552 mailbox full"}, Never("SMTP 552: mailbox full")),
        ({"RCPT": "450 later"}, Later("SMTP 450: later")),
        ({"RCPT": "550 nobody"}, Never("SMTP 550: nobody")),
    ],
)
def test_what_passes_is_tried_again(answers: dict[str, str], outcome: Outcome) -> None:
    assert sent(Mailbox(answers)) == outcome


def test_one_address_that_there_is_not_does_not_keep_it_from_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mailbox = Mailbox(unknown=TO[0])
    assert sent(mailbox) == Sent()
    assert mailbox.envelopes[0][1] == [TO[1]]
    [line] = [record.getMessage() for record in caplog.records if record.name.startswith("sluice")]
    assert f"takes no mail for {TO[0]}: 550" in line


def test_a_server_without_starttls_gets_no_password() -> None:
    mailbox = Mailbox()
    outcome = sent(mailbox, offered=Encryption.NONE)
    assert isinstance(outcome, Later)
    assert "STARTTLS" in outcome.reason
    assert mailbox.logins == []


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_a_server_that_nobody_vouches_for_gets_no_password(encryption: Encryption) -> None:
    mailbox = Mailbox()
    outcome = sent(mailbox, encryption=encryption, tls=ssl.create_default_context())
    assert isinstance(outcome, Later)
    assert "certificate" in outcome.reason.lower()
    assert mailbox.logins == []


def test_nobody_listens() -> None:
    async def main() -> Outcome:
        async with Web(client_side()) as web:
            server = MailServer("127.0.0.1", free_port())
            return await Mail(TO, server, "pool@example.org").send(letter(), web, NOW)

    assert isinstance(asyncio.run(main()), Later)


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "STEP_SECONDS", 0.3)
    assert isinstance(sent(Mailbox(hangs="RCPT")), Later)


@pytest.mark.parametrize("greeting", [b"", b"220 x\r\n" * 3, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\r\n", b"554 go away\r\n"])  # fmt: skip
def test_a_server_that_is_none_is_an_outcome(greeting: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "STEP_SECONDS", 0.3)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    async def main() -> Outcome:
        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with listening, Web(client_side()) as web:
            server = MailServer("127.0.0.1", listening.sockets[0].getsockname()[1])
            return await Mail(TO, server, "pool@example.org").send(letter(), web, NOW)

    assert isinstance(asyncio.run(main()), Later | Never)


def test_what_was_taken_is_not_sent_again_though_the_server_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "PARTING_SECONDS", 0.1)
    mailbox = Mailbox(hangs="QUIT")
    assert sent(mailbox) == Sent()
    assert len(mailbox.mails) == 1


def test_all_steps_together_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "MAIL_SECONDS", 0.3)
    assert sent(Mailbox(hangs="RCPT")) == Later("no end within 0.3 s")


def test_the_sender_names_where_letters_are_numbered() -> None:
    mailbox = Mailbox()
    assert sent(mailbox, replace(letter(), number="ff")) == Sent()
    assert mailbox.mails[0]["Message-ID"] == "<ff@example.org>"
