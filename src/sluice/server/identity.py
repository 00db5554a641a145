"""The static key and certificate that this process shows to every peer (spec 4.5.2, 4.5.3).

Rule: one for all connections, as signing for each is waste; renewed before it ends, which no connection that
stands notices.
"""

from collections.abc import Callable

from sluice.noise.certificate import StaticIdentity, issue_identity


class Credentials:
    """Vouched for by an authority key. Mutable; one owner."""

    __slots__ = ("_authority_secret", "_current", "_entropy", "_validity")

    def __init__(
        self, authority_secret: bytes, validity_seconds: int, now: int, entropy: Callable[[int], bytes]
    ) -> None:
        """`now` in unix seconds; `entropy(n)` gives n random bytes."""
        self._authority_secret = authority_secret
        self._validity = validity_seconds
        self._entropy = entropy
        self._current = self._issue(now)

    def at(self, now: int) -> StaticIdentity:
        """What to show to a peer that comes at `now`, in unix seconds."""
        if now >= self._current.renew_at:
            self._current = self._issue(now)
        return self._current

    def _issue(self, now: int) -> StaticIdentity:
        return issue_identity(self._authority_secret, now, self._validity, self._entropy(96))
