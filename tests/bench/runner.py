"""What the questions share: a server of their own, rounds that take turns, and figures that say what they are of."""

import statistics
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg
from psycopg import sql

from services.database.connect import connect
from services.database.embedded import Cluster
from services.database.schema.migrate import migrate

Measure = Callable[[], Awaitable[float]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Ours against a peer's: the medians over the rounds, and the median of the rounds' own ratios."""

    bench: str
    """The question, and its variant if it has several."""
    unit: str
    ours: float
    peer: str
    """What ours is held against."""
    theirs: float
    ratio: float
    """ours / theirs."""
    at_least: float | None = None
    """The bar, where the ratio has one."""
    at_most: float | None = None

    @classmethod
    def of(
        cls, bench: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], **bars: float
    ) -> "Figure":
        """From what each side reached in each round."""
        return cls(
            bench=bench,
            unit=unit,
            ours=statistics.median(ours),
            peer=peer,
            theirs=statistics.median(theirs),
            ratio=statistics.median(mine / peers for mine, peers in zip(ours, theirs, strict=True)),
            **bars,
        )

    @property
    def holds(self) -> bool:
        """Whether the ratio keeps its bar."""
        return (self.at_least or 0) <= self.ratio <= (self.at_most or float("inf"))


class Lab:
    """A server with default durability (fsync on), and a fresh migrated database in it whenever one is wanted."""

    def __init__(self, cluster: Cluster, *, rounds: int, small: bool, say: Say) -> None:
        self.rounds = rounds
        self._small = small
        self.say = say
        self._cluster = cluster
        self._numbers = count(1)
        with connect(self._at("template1")) as connection:  # nobody may be connected to what is cloned
            connection.execute("create database bench_template template postgres")
        migrate(self._at("bench_template"), say=say)

    def sized(self, count: int) -> int:
        """So many, or a tenth of it when only a look is wanted."""
        return max(1, count // 10) if self._small else count

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """A fresh database, ours or an empty one, as role `postgres`; it is gone afterwards."""
        name = sql.Identifier(f"bench_{next(self._numbers)}")
        template = sql.Identifier("bench_template" if migrated else "template1")
        with connect(self._cluster.url) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(name, template))
        try:
            yield self._at(name.as_string().strip('"'))
        finally:
            with connect(self._cluster.url) as connection:
                connection.execute(sql.SQL("drop database {} with (force)").format(name))

    def settle_down(self) -> None:
        """Write out what earlier work left behind, so that nobody pays for somebody else's pages."""
        with psycopg.connect(self._cluster.admin_url, autocommit=True) as connection:
            connection.execute("checkpoint")

    async def rounds_of(self, sides: Mapping[str, Measure]) -> dict[str, list[float]]:
        """What each side reached in each round. They take turns, and another one goes first each time."""
        names = list(sides)
        reached: dict[str, list[float]] = {name: [] for name in names}
        for number in range(self.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                reached[name].append(await sides[name]())
                self.say(f"  round {number + 1}: {name} {reached[name][-1]:.4g}")
        return reached

    async def compare(self, ours: Measure, theirs: Measure) -> tuple[float, float, float]:
        """The medians of ours and theirs, and of their ratios, over rounds in which each goes first in turn."""
        pairs = []
        for number in range(self.rounds):
            first, second = (ours, theirs) if number % 2 == 0 else (theirs, ours)
            one = await first()
            two = await second()
            pairs.append((one, two) if number % 2 == 0 else (two, one))
            self.say(f"  round {number + 1}: {pairs[-1][0]:.4g} against {pairs[-1][1]:.4g}")
        mine, peers = zip(*pairs, strict=True)
        return statistics.median(mine), statistics.median(peers), statistics.median(m / p for m, p in pairs)

    def as_authenticator(self, url: str) -> str:
        """The same database, as the role that PostgREST logs in with."""
        return f"{self._cluster.authenticator_url.rpartition('/')[0]}/{url.rpartition('/')[2]}"

    def _at(self, database: str) -> str:
        return f"{self._cluster.url.rpartition('/')[0]}/{database}"
