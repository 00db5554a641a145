"""Who may change something, and see where miners come from: `Authorization: Bearer KEY`, with the operator's key.

Rule: without a right key nothing is changed and nothing of the body is read. Wrong keys are counted by visitor and wait
(limits/lockout.py); there are no cookies, hence nothing that a page of a stranger could make a browser send.
"""

import logging
import time
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from sluice.web.limits.door import VISITOR
from sluice.web.limits.lockout import Lockout
from sluice.web.limits.visitor import NOBODY
from sluice.web.operator_key import NoOperatorKey, is_operator
from sluice.web.problem import Refusal
from sluice.web.sight import Sight

Connection = ASGIConnection[Any, Any, Any, Any]

#: Where the application keeps the count of wrong keys.
LOCKOUT = "lockout"
SCHEME = "bearer"
CHALLENGE = ("www-authenticate", 'Bearer realm="the operator of this Sluice"')

NEEDED = "This needs the operator's key: `Authorization: Bearer KEY`. `sluice keys` says where it is."
WRONG = "This is not the operator's key. `sluice keys` says where it is."
NONE_HERE = "Nothing can be changed here: there is no operator's key that can be read. Sluice's log says why."
WAIT = "Too many wrong keys came from this address: the next is looked at in {} s."

logger = logging.getLogger(__name__)


async def operators_only(connection: Connection, _: BaseRouteHandler) -> None:
    """A guard. Raises Refusal."""
    if not await has_key(connection):
        raise Refusal(401, NEEDED, CHALLENGE)


async def has_key(connection: Connection) -> bool:
    """Whether the operator asks; False if no key was shown. Raises Refusal for a wrong one.

    What is shown by another scheme is for a proxy before us, as a browser shows its password with every request.
    """
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        return False
    state = connection.app.state
    lockout: Lockout = state[LOCKOUT]
    who = str(connection.scope.get(VISITOR, NOBODY))
    if wait := lockout.wait(who, time.monotonic()):
        raise Refusal(429, WAIT.format(ceil(wait)), ("retry-after", str(ceil(wait))))
    if await _is_right(state["sight"], key.strip()):
        lockout.succeeded(who)
        return True
    logger.warning("a wrong operator's key from %s, number %d", who, lockout.failed(who, time.monotonic()))
    raise Refusal(401, WRONG, CHALLENGE)


async def _is_right(sight: Sight, key: str) -> bool:
    try:
        return await sight.aside(partial(is_operator, Path(sight.settings.operator_key_file), key))
    except NoOperatorKey as error:
        logger.warning("the operator's key was asked for, and there is none: %s", error)
        raise Refusal(503, NONE_HERE) from error
