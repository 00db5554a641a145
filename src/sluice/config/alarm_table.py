"""The options of alarms: who is told, of what, and after which pause.

Rule: as in `table.py`. What lets somebody write to a receiver is a secret, an address that holds a key included.
"""

from typing import Annotated, Literal

from msgspec import Meta

from sluice.alarms.topics import USUAL
from sluice.config.alarm_values import (
    BotToken,
    Chat,
    DiscordUrl,
    Events,
    Mailbox,
    Mailboxes,
    MailServer,
    TopicUrl,
    WebUrl,
)
from sluice.config.option import row, section

Pause = Annotated[float, Meta(ge=0, le=604_800, extra={"unit": "seconds"})]


@section
class Alarms:
    """Who is told when something happens; docs/alarms.md has a recipe for each way."""

    events: Events = row(
        "What is told; pool is that it starts and sends miners away. docs/alarms.md has them all.",
        default=USUAL,
        example="blocks workers",
        flag="--alarms-events",
    )
    best_difficulty: Annotated[float, Meta(ge=0, le=1_000_000_000_000_000_000_000)] = row(
        "A new best difficulty below this is not told.",
        default=0.0,
        example="1000000000",
        flag="--alarms-best-difficulty",
    )
    best_report: Literal["soon", "daily"] = row(
        "Whether new bests are told soon, with alarms.best_pause between two messages, or once a day at midnight UTC.",
        default="soon",
        flag="--alarms-best-report",
    )
    best_pause: Pause = row(
        "After a message of new bests the next comes so much later at the earliest, with the newest of each account.",
        default=3_600.0,
        flag="--alarms-best-pause",
    )
    worker_quiet: Pause = row(
        "A worker is gone when it was away for this long.", default=300.0, flag="--alarms-worker-quiet"
    )
    worker_dwell: Pause = row(
        "A worker that was told gone is back when it was there for this long; longer for one that goes often.",
        default=90.0,
        flag="--alarms-worker-dwell",
    )
    gather_seconds: Pause = row(
        "Workers that go or come back within this time are one message; longer while there are many messages.",
        default=60.0,
        flag="--alarms-gather-seconds",
    )
    refused_percent: Annotated[float, Meta(gt=0, le=100, extra={"unit": "percent"})] = row(
        "Refused shares are told when they are this part of all; they are over at half of it.",
        default=5.0,
        flag="--alarms-refused-percent",
    )
    refused_least: Annotated[int, Meta(ge=1, le=1_000_000_000)] = row(
        "Fewer refused shares are not told, whatever part they are.",
        default=20,
        flag="--alarms-refused-least",
    )
    refused_window: Annotated[float, Meta(ge=10, le=86_400, extra={"unit": "seconds"})] = row(
        "The time in which shares are counted for that.", default=600.0, flag="--alarms-refused-window"
    )
    node_quiet: Pause = row(
        "A node out of step, or a record that cannot be written, is told when that has lasted this long, and that all "
        "is well when that has.",
        default=60.0,
        flag="--alarms-node-quiet",
    )
    webhook_url: WebUrl = row(
        "A server that takes JSON. It has no flag, as many such addresses hold a key.",
        default="",
        example="https://example.org/hook/KEY",
        secret=True,
    )
    webhook_secret: str = row(
        "With it each body is signed: X-Sluice-Signature is sha256= and its HMAC-SHA256 in hex.",
        default="",
        secret=True,
    )
    ntfy_url: TopicUrl = row(
        "A topic of ntfy, at ntfy.sh or on a server of yours. It has no flag, as who knows a topic can write to it.",
        default="",
        example="https://ntfy.sh/my-topic",
        secret=True,
    )
    ntfy_token: str = row(
        "An access token, if the topic needs one.", default="", example="tk_...", secret=True
    )
    telegram_token: BotToken = row(
        "The token of a bot, as @BotFather shows it.", default="", example="123456:ABC...", secret=True
    )
    telegram_chat: Chat = row(
        "The chat that it writes to: a number, or the @name of a channel.",
        default="",
        example="-1001234567890",
        flag="--alarms-telegram-chat",
    )
    telegram_url: WebUrl = row(
        "Where Telegram's Bot API is, for those who run one of their own.",
        default="https://api.telegram.org",
        flag="--alarms-telegram-url",
    )
    discord_url: DiscordUrl = row(
        "A webhook of Discord, as the channel's settings show it. It has no flag, as the address is the key.",
        default="",
        example="https://discord.com/api/webhooks/ID/TOKEN",
        secret=True,
    )
    email_to: Mailboxes = row(
        "Who gets mail, with commas between several.",
        default="",
        example="me@example.org",
        flag="--alarms-email-to",
    )
    email_from: Mailbox = row(
        "From whom it is; left out, from the first of alarms.email_to.",
        default="",
        example="pool@example.org",
        flag="--alarms-email-from",
    )
    email_server: MailServer = row(
        "The mail server that takes it from us.",
        default="",
        example="smtp.example.org:587",
        flag="--alarms-email-server",
    )
    email_encryption: Literal["starttls", "tls", "none"] = row(
        "How it is spoken to: starttls is usual on port 587, tls on port 465; none is for a server on this machine.",
        default="starttls",
        flag="--alarms-email-encryption",
    )
    email_user: str = row(
        "Whom we log in as there, if it asks for that.", default="", flag="--alarms-email-user"
    )
    email_password: str = row("The password for that.", default="", secret=True)
