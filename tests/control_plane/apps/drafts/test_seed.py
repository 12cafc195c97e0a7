"""`db seed --drafts`: a row of every kind, which the application reads; a second run changes nothing."""

import re
from uuid import UUID

from control_plane.apps.drafts.drafter.offline import THRESHOLD
from control_plane.apps.drafts.knowledge.search import search
from control_plane.apps.drafts.store import drafts, functions_of, messages
from services.backends.open import postgres_access
from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.control_plane.apps.drafts.demo_knowledge import HELP, SEED, write_seed
from tests.control_plane.apps.drafts.desk import Desk

ACME = UUID("11111111-1111-4111-8111-111111111111")
VECTORS = re.compile(r'"(embedding|signature)": "[0-9a-f]+"')
"""The last digit of an embedding may differ between processors; the hash has the version of the index."""
KINDS = (
    "users", "channels", "conversations", "messages", "drafts", "draft_actions", "job_runs", "source_documents",
    "notifications", "chunks",
)  # fmt: skip


async def test_the_demo_desk_has_every_kind_of_row_once(desk: Desk) -> None:
    seed(desk.url, say=hush, application="drafts")
    first = counts(desk)
    seed(desk.url, say=hush, application="drafts")
    assert counts(desk) == first
    assert min(first.values()) > 0

    async with postgres_access(desk.url, pool_size=1) as access:
        functions = functions_of(access.operator)
        queue = await drafts.list_queue(functions, ACME)
        assert [draft.subject for draft in queue] == ["Where is order A-1001?", "Return of two grippers"]
        [abstained] = await messages.list_abstained(functions, ACME)
        assert abstained.subject == "Do your robots work on Mars?"

        found = await search(functions, ACME, "How long does a parcel take until it arrives?")
        assert found[0].source_url == f"{HELP}shipping"
        assert found[0].score >= THRESHOLD


def test_the_passages_of_the_demo_desk_are_those_that_an_import_makes() -> None:
    shown = [VECTORS.sub("", text) for text in (SEED.read_text(encoding="utf-8"), write_seed())]
    assert shown[0] == shown[1], f"run: python -m {write_seed.__module__}"


def counts(desk: Desk) -> dict[str, int]:
    return {
        kind: desk.run(f"select count(*) from drafts.{kind} where tenant_id = '{ACME}'")[0][0]  # noqa: S608
        for kind in KINDS
    }
