"""How much faster is it to import 10,000 documents again if none has changed? And does that write rows?"""

import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

from control_plane.apps.drafts.knowledge.folders import ingest_folder
from control_plane.apps.drafts.knowledge.ingest import Imported
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.tenants import Tenant
from tests.bench.drafts_corpus import passages
from tests.bench.runner import Figure, Lab
from tests.builders import operator

DOCUMENTS, PASSAGES = 10_000, 4
FASTER = 20.0
OLGA = operator("olga")
WRITTEN = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int from pg_stat_user_tables
where schemaname = 'drafts' and relname in ('source_documents', 'chunks', 'chunk_signatures')
"""


async def measure(lab: Lab) -> list[Figure]:
    """Seconds of the first import against those of the second, and the rows that the second wrote."""
    count = lab.sized(DOCUMENTS)
    with lab.database() as url, tempfile.TemporaryDirectory() as name:
        folder, tenant = Path(name), uuid4()
        texts = passages(count * PASSAGES)
        for number in range(count):
            body = "\n\n".join(next(texts) for _ in range(PASSAGES))
            (folder / f"page-{number}.md").write_text(f"# Page {number}\n\n{body}\n", encoding="utf-8")
        async with postgres_backends(url, pool_size=2) as backends:
            await backends.tenants.save(Tenant(id=tenant, name="Larkmoor"), actor=OLGA)
        first, slow = await _import(url, tenant, folder)
        before = _written(url)
        second, fast = await _import(url, tenant, folder)
        rows = _written(url) - before
    lab.say(f"  first {slow:.1f} s ({first.saved:,} saved), again {fast:.2f} s, {rows} rows")
    if (first.saved, second.unchanged) != (count, count):
        raise RuntimeError(f"{first.saved} saved, {second.unchanged} unchanged of {count}")
    return [
        Figure.of("drafts_ingest/again", "times faster", [slow / fast], "20 times", [FASTER], at_least=1),
        Figure.of("drafts_ingest/rows", "rows, +1", [rows + 1], "none, +1", [1], at_most=1),
    ]


async def _import(url: str, tenant: UUID, folder: Path) -> tuple[Imported, float]:
    """Import the folder. Returns the counts and the seconds. The connections are closed, so that the database counts
    the rows."""
    async with postgres_backends(url, pool_size=2) as backends:
        started = time.perf_counter()
        imported = await ingest_folder(backends, tenant, folder, actor=OLGA)
        return imported, time.perf_counter() - started


def _written(url: str) -> int:
    with connect(url) as connection:
        found = connection.execute(WRITTEN).fetchone()
    return 0 if found is None else int(found[0])
