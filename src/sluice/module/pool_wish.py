"""Another module's wish that we mine for some pool (MiningOS's `update_pool_config`).

Rule: it is kept so that an operator can see it, and it is never followed: a server that gives out its own node's
work has no upstream, and whoever may call a module must not be able to turn its hash rate away. A password is not kept.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolWish:
    """Which pool, and as whom."""

    url: str
    user: str
    password_given: bool

    @property
    def reason(self) -> str:
        """Why nothing comes of it, for who asked."""
        return "this module is the pool: its work comes from the node that it is loaded by"
