"""What must hold between the options of alarms.

Rule: as in `checks.py`, where they are listed; no sentence holds a secret.
"""

from collections.abc import Callable
from ipaddress import ip_address

from sluice.config.table import Config
from sluice.config.values import parse_endpoint

Find = Callable[[Config, int], str | None]


def needs(key: str, *others: str) -> Find:
    """What `key` is of no use without."""

    def find(config: Config, _: int = 0) -> str | None:
        alarms = config.alarms
        if not getattr(alarms, key):
            return None
        missing = [f"alarms.{other}" for other in others if not getattr(alarms, other)]
        return f"is set, and of no use without {' and '.join(missing)}" if missing else None

    return find


def a_password_is_not_for_everybody(config: Config, _: int = 0) -> str | None:
    """What goes in the clear can be read on the way, unless there is none."""
    alarms = config.alarms
    if alarms.email_encryption != "none" or not alarms.email_password or not alarms.email_server:
        return None
    host = parse_endpoint(alarms.email_server).host
    if host == "localhost" or _is_loopback(host):
        return None
    return 'is "none", and alarms.email_password would go in the clear: use starttls or tls'


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


NEEDS: dict[str, tuple[str, ...]] = {
    "webhook_secret": ("webhook_url",),
    "ntfy_token": ("ntfy_url",),
    "telegram_token": ("telegram_chat",),
    "telegram_chat": ("telegram_token",),
    "email_to": ("email_server",),
    "email_server": ("email_to",),
    "email_from": ("email_to",),
    "email_user": ("email_password",),
    "email_password": ("email_user",),
}
"""Options that stand beside others, or not at all."""

ALARM_CHECKS: tuple[tuple[tuple[str, ...], Find], ...] = (
    *(
        ((f"alarms.{key}", *(f"alarms.{other}" for other in others)), needs(key, *others))
        for key, others in NEEDS.items()
    ),
    (
        ("alarms.email_encryption", "alarms.email_password", "alarms.email_server"),
        a_password_is_not_for_everybody,
    ),
)
"""The options that each looks at, and what it finds."""
