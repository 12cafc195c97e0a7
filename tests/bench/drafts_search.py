"""How long does an offline draft take over 50,000 passages, and how much memory?

The help centre of the tests, among passages of other words. A process of its own drafts one message at a time: each
question of the tests once, and then mails of 70 words with two of the questions, which are searched for three times.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

from control_plane.apps.drafts.drafter import DraftedReply, DraftRequest, HistoryMessage
from control_plane.apps.drafts.drafter.offline import OfflineDrafter
from control_plane.apps.drafts.knowledge.chunk import Passage
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, sha256
from control_plane.apps.drafts.store.documents import Documents
from services.backends.open import postgres_backends
from services.clock import utc_now
from services.database.connect import connect
from services.tenants import Tenant
from tests.bench.drafts_corpus import passages
from tests.bench.idle import resident_mb
from tests.bench.processes import answer
from tests.bench.runner import Figure, Lab
from tests.builders import operator

PASSAGES, OF_A_DOCUMENT, AT_ONCE = 50_000, 50, 20
P95, MEMORY = 50.0, 400.0
WARM_UP = 20
OLGA = operator("olga")
STORY = """
I bought a coffee machine in your shop three weeks ago and I was very happy with it at first. Yesterday it started to
behave in a strange way, and my wife told me to write to you before I throw it away. We have two small children and
little time to read manuals, so please answer the following in a few words.
"""
BACKENDS = """
select pid from pg_catalog.pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""


async def measure(lab: Lab) -> list[Figure]:
    """The 95th percentile of a draft and of its processor time, which other work on the machine changes less, and the
    memory of the process that drafts."""
    with lab.database() as url:
        tenant = uuid4()
        await _fill(url, tenant, lab.sized(PASSAGES))
        with connect(url) as connection:
            connection.execute("vacuum analyze")
        lab.settle_down()
        told = await answer(sys.executable, "-m", "tests.bench.drafts_search", tenant, url=url)
    lab.say(f"  medians {told['median']:.1f} and {told['median_mails']:.1f} ms, {told['drafted']} messages drafted")
    return [
        Figure.of("drafts_search/p95", "ms", [told["p95"]], "50 ms", [P95], at_most=1),
        Figure.of("drafts_search/processor", "ms of a core", [told["processor"]], "50 ms", [P95]),
        Figure.of("drafts_search/mails_p95", "ms", [told["p95_mails"]], "50 ms", [P95], at_most=1),
        Figure.of("drafts_search/mails_processor", "ms of a core", [told["processor_mails"]], "50 ms", [P95]),
        Figure.of("drafts_search/memory", "MB", [told["memory"]], "400 MB", [MEMORY], at_most=1),
    ]


async def _fill(url: str, tenant: UUID, count: int) -> None:
    from tests.control_plane.apps.drafts.knowledge.question_set import help_centre  # noqa: PLC0415  # tests of pytest

    async with postgres_backends(url, pool_size=2) as backends:
        await backends.tenants.save(Tenant(id=tenant, name="Larkmoor"), actor=OLGA)
        assert backends.functions is not None
        documents = Documents(backends.functions, tenant, OLGA)
        texts = list(passages(count))
        groups = [texts[start : start + OF_A_DOCUMENT] for start in range(0, len(texts), OF_A_DOCUMENT)]
        for start in range(0, len(groups), AT_ONCE):
            await documents.save([_document(start + n, each) for n, each in enumerate(groups[start : start + AT_ONCE])])
        await documents.save(help_centre())  # last, so that it has no advantage


def _document(number: int, texts: list[str]) -> ReadDocument:
    text = "\n\n".join(texts)
    return ReadDocument(
        source_url=f"https://other.example/{number}", kind="page", title=f"Page {number}", hash=sha256(text.encode()),
        text=text, passages=[Passage("", each) for each in texts], language="en",
    )  # fmt: skip


async def _draft_all(url: str, tenant: UUID) -> dict[str, float]:
    from tests.control_plane.apps.drafts.knowledge.question_set import read_side  # noqa: PLC0415

    sides = [read_side("tune"), read_side("test")]
    questions = [each for side in sides for each in [*(question for question, _ in side.inside), *side.outside]]
    mails = [f"{STORY} {first} {second}" for first, second in pairwise(questions)]
    async with postgres_backends(url) as backends:
        assert backends.functions is not None
        drafter = OfflineDrafter(backends.functions)
        await _measure_drafts(drafter, tenant, [*questions[:WARM_UP], *mails[:WARM_UP]], ())
        with connect(url) as connection:
            backends_of_pool = [pid for (pid,) in connection.execute(BACKENDS).fetchall()]
        short = await _measure_drafts(drafter, tenant, questions, backends_of_pool)
        long = await _measure_drafts(drafter, tenant, mails, backends_of_pool)
    return {
        "p95": _p95(short.spans), "median": statistics.median(short.spans), "processor": _p95(short.processor),
        "p95_mails": _p95(long.spans), "median_mails": statistics.median(long.spans),
        "processor_mails": _p95(long.processor), "memory": resident_mb(os.getpid()),
        "drafted": short.drafted + long.drafted,
    }  # fmt: skip


@dataclass(slots=True)
class Drafts:
    """The milliseconds of each draft, those of a core that this process and the database worked for it, and how many
    messages were drafted."""

    spans: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    drafted: int = 0


async def _measure_drafts(
    drafter: OfflineDrafter, tenant: UUID, texts: Sequence[str], backends: Sequence[int]
) -> Drafts:
    drafts = Drafts()
    for text in texts:
        message = HistoryMessage(direction="inbound", text=text, sent_at=utc_now())
        request = DraftRequest(tenant_id=tenant, conversation_id=uuid4(), channel_type="email", messages=(message,))
        worked, started = _processor_ms(backends), time.perf_counter()
        written = await drafter.draft(request)
        drafts.spans.append((time.perf_counter() - started) * 1000)
        drafts.processor.append(_processor_ms(backends) - worked)
        drafts.drafted += isinstance(written, DraftedReply)
    return drafts


def _processor_ms(backends: Sequence[int]) -> float:
    """How long this process and these backends have worked so far."""
    worked = (int(Path(f"/proc/{pid}/schedstat").read_text("utf-8").split()[0]) for pid in backends)
    return time.process_time() * 1000 + sum(worked) / 1e6


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_draft_all(os.environ["DATABASE_URL"], UUID(sys.argv[1])))))
