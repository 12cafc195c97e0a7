"""`python -m tests.bench [QUESTION …]`: measure, show a table, and print one JSON line per figure."""

import argparse
import importlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from services.database import embedded
from tests.bench.runner import Figure, Lab

QUESTIONS = (
    "drain", "two_workers", "backlog", "pickup", "enqueue", "rest", "fairness", "many_tenants", "steady", "idle",
    "events", "propose_http", "lists", "console", "startup", "real_tools", "growth", "audit_chain", "rls_reads",
    "drafts_search", "drafts_ingest", "drafts_lists", "drafts_deliveries", "autopilot_bursts", "autopilot_clusters",
    "autopilot_ingest", "autopilot_lists",
)  # fmt: skip


def main() -> int:
    """Exits with 1 if a figure misses its bar."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"of {', '.join(QUESTIONS)}; else all")
    parser.add_argument("--rounds", type=int, default=3, help="of each side, in turns (default: 3)")
    parser.add_argument("--small", action="store_true", help="a tenth of the size: for a look, not for figures")
    parser.add_argument("--out", type=argparse.FileType("a"), default=sys.stdout, help="append the JSON lines here")
    given = parser.parse_args()
    unknown = set(given.questions) - set(QUESTIONS)
    if unknown or given.rounds < 1:
        parser.error(f"no such question: {', '.join(unknown)}" if unknown else "--rounds: at least 1")

    figures = uvloop.run(_measure(given.questions or QUESTIONS, given.rounds, small=given.small))
    _show(figures)
    for figure in figures:
        given.out.write(json.dumps({**asdict(figure), "holds": figure.holds}) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


async def _measure(questions: list[str] | tuple[str, ...], rounds: int, *, small: bool) -> list[Figure]:
    figures: list[Figure] = []
    data_dir = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with embedded.running(data_dir, say=_say) as cluster:
            lab = Lab(cluster, rounds=rounds, small=small, say=_say)
            for question in questions:
                _say(question)
                figures += await importlib.import_module(f"tests.bench.{question}").measure(lab)
    finally:
        embedded.destroy(data_dir)
    return figures


def _show(figures: list[Figure]) -> None:
    table = Table(title="ours against the peer's, medians")
    for heading in ("question", "unit", "ours", "peer", "theirs", "ratio", "bar"):
        table.add_column(heading, justify="right" if heading in {"ours", "theirs", "ratio"} else "left")
    for figure in figures:
        bar = f"≥ {figure.at_least}" if figure.at_least else f"≤ {figure.at_most}" if figure.at_most else ""
        table.add_row(
            figure.bench, figure.unit, f"{figure.ours:,.4g}", figure.peer, f"{figure.theirs:,.4g}",
            f"{figure.ratio:.2f}", f"{bar} met" if bar and figure.holds else f"[bold red]{bar} missed" if bar else "–",
        )  # fmt: skip
    Console(stderr=True, width=110).print(table)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
