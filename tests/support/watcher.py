"""A view of a miner that remembers what it was shown."""

from sluice.sim.miner.score import Figures


class Watcher:
    """All that was told, and the last figures."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.facts: list[dict[str, object]] = []
        self.figures: list[Figures] = []
        self.closed = False

    def tell(self, kind: str, text: str, **facts: object) -> None:
        self.told.append((kind, text))
        self.facts.append(facts)

    def refresh(self, figures: Figures, now: float, *, last: bool = False) -> None:
        self.figures.append(figures)

    def close(self) -> None:
        self.closed = True

    def texts(self, kind: str) -> list[str]:
        """What was told of this kind."""
        return [text for told, text in self.told if told == kind]

    def kinds(self) -> list[str]:
        """What was told, without blocks, whose number is luck."""
        return [kind for kind, _ in self.told if kind != "block"]
