"""What the questions share: a database server, alternating rounds, and figures."""

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
    """Our figure and that of a peer: the medians over the rounds, and the median of the ratios of the rounds."""

    bench: str
    """The question, and its variant if it has several."""
    unit: str
    ours: float
    peer: str
    """The peer with which ours is compared."""
    theirs: float
    ratio: float
    """ours / theirs."""
    at_least: float | None = None
    """The bar for the ratio; None if it has none."""
    at_most: float | None = None

    @classmethod
    def of(
        cls, bench: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], **bars: float
    ) -> "Figure":
        """The figure from the results of each side in each round."""
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
        """Whether the ratio meets its bar."""
        return (self.at_least or 0) <= self.ratio <= (self.at_most or float("inf"))


class Lab:
    """A server with default durability (fsync on), which creates new migrated databases."""

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
        """The number, or a tenth of it for a quick run."""
        return max(1, count // 10) if self._small else count

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a new database, migrated or empty, for role `postgres`. It is dropped after the block."""
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
        """Write the changed pages to disk (checkpoint), so that a measurement does not include earlier work."""
        with psycopg.connect(self._cluster.admin_url, autocommit=True) as connection:
            connection.execute("checkpoint")

    async def rounds_of(self, sides: Mapping[str, Measure]) -> dict[str, list[float]]:
        """The results of each side in each round. In each round another side goes first."""
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
