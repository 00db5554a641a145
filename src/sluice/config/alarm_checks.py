"""What must hold between the options of alarms.

Rule: as in `checks.py`; no sentence holds a secret.
"""

from sluice.config.table import Config


def a_webhook_has_a_url(config: Config, _: int = 0) -> str | None:
    """A secret alone signs nothing."""
    alarms = config.alarms
    if not alarms.webhook_secret or alarms.webhook_url:
        return None
    return "is set, and there is nothing to sign: set alarms.webhook_url, too"
