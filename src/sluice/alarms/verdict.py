"""What an HTTP answer means for a letter.

Rule: a table of statuses; what a server says in words is told, but for our secrets.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from sluice.alarms.receiver import Later, Never, Outcome, Sent, without
from sluice.alarms.web import Reply, Unreached

T = TypeVar("T")

#: Statuses that pass: request timeout, too early, too many requests. All from 500 on do, too.
PASSING = frozenset({408, 425, 429})
#: Characters of a body that are told.
TOLD = 200


def read_as(kind: type[T], reply: Reply | Unreached) -> T | None:
    """The body of an answer, if it is JSON of this kind."""
    if not isinstance(reply, Reply):
        return None
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def outcome_of(
    reply: Reply | Unreached, secrets: Iterable[str], words: str | None = None, after: float | None = None
) -> Outcome:
    """What came of a letter; where its body has a form, `words` are the server's own, and `after` the seconds that it
    asks for; else they are the body, and what its header says.
    """
    if isinstance(reply, Unreached):
        return Later(without(secrets, reply.reason))
    if 200 <= reply.status < 300:
        return Sent()
    said = reply.body.decode("utf-8", "replace") if words is None else words
    reason = f"HTTP {reply.status}"
    if text := without(secrets, " ".join(said.split()))[:TOLD]:
        reason = f"{reason}: {text}"
    if reply.status in PASSING or reply.status >= 500:
        return Later(reason, reply.after if after is None else after)
    return Never(reason)
