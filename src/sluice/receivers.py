"""From the configuration to alarms: whom to tell, and of what.

Rule: a way of telling is a row; it is there if its first option is set.
"""

from collections.abc import Callable

from sluice.alarms.alarms import LOOK_SECONDS, AlarmsPlan
from sluice.alarms.bests import BestsPlan
from sluice.alarms.debounce import Pace
from sluice.alarms.discord import Discord
from sluice.alarms.mail import Encryption, Mail, MailServer
from sluice.alarms.ntfy import Ntfy
from sluice.alarms.receiver import Receiver
from sluice.alarms.refusals import RefusalsPlan
from sluice.alarms.roll import NAME as MEMORY
from sluice.alarms.rules import RulesPlan
from sluice.alarms.telegram import Telegram
from sluice.alarms.topics import topics_of
from sluice.alarms.webhook import Webhook
from sluice.config import Config
from sluice.config.alarm_table import Alarms as Settings
from sluice.config.alarm_values import addresses_of
from sluice.config.values import parse_endpoint

NOBODY = "set webhook_url, ntfy_url, telegram_token, discord_url or email_to under [alarms]; docs/alarms.md tells how"


def _mail(given: Settings) -> Mail:
    to = addresses_of(given.email_to)
    where = parse_endpoint(given.email_server)
    encryption = Encryption(given.email_encryption)
    server = MailServer(where.host, where.port, encryption, given.email_user, given.email_password)
    return Mail(to, server, given.email_from or to[0])


#: The option that switches a way on, and what is made of the options then.
WAYS: tuple[tuple[Callable[[Settings], str], Callable[[Settings], Receiver]], ...] = (
    (lambda given: given.webhook_url, lambda given: Webhook(given.webhook_url, given.webhook_secret)),
    (lambda given: given.ntfy_url, lambda given: Ntfy(given.ntfy_url, given.ntfy_token)),
    (
        lambda given: given.telegram_token,
        lambda given: Telegram(given.telegram_token, given.telegram_chat, given.telegram_url),
    ),
    (lambda given: given.discord_url, lambda given: Discord(given.discord_url)),
    (lambda given: given.email_to, _mail),
)


def receivers_of(config: Config) -> tuple[Receiver, ...]:
    """Everybody who is to be told."""
    given = config.alarms
    return tuple(make(given) for switch, make in WAYS if switch(given))


def alarms_plan(config: Config) -> AlarmsPlan:
    """What the alarms of a pool are built from."""
    given = config.alarms
    rules = RulesPlan(
        topics=topics_of(given.events),
        workers=Pace(given.worker_quiet, given.worker_dwell),
        conditions=Pace(given.node_quiet, given.node_quiet),
        gather=given.gather_seconds,
        bests=BestsPlan(given.best_difficulty, given.best_pause, given.best_report == "daily"),
        refusals=RefusalsPlan(given.refused_window, given.refused_percent / 100, given.refused_least),
    )
    # A worker that counts only once it was seen to have mined is to be seen before it can be told gone.
    look_seconds = min(LOOK_SECONDS, max(1.0, given.worker_quiet / 4))
    return AlarmsPlan(
        rules, receivers_of(config), config.pool.tag, look_seconds, memory=config.data.dir / MEMORY
    )
