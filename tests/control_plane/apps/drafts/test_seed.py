"""`db seed --drafts`: a row of every kind, which the application reads; a second run changes nothing."""

from uuid import UUID

from control_plane.apps.drafts.store import drafts, functions_of, messages
from services.backends.open import postgres_access
from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.control_plane.apps.drafts.desk import Desk

ACME = UUID("11111111-1111-4111-8111-111111111111")
KINDS = (
    "users", "channels", "conversations", "messages", "drafts", "draft_actions", "job_runs", "source_documents",
    "notifications",
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


def counts(desk: Desk) -> dict[str, int]:
    return {
        kind: desk.run(f"select count(*) from drafts.{kind} where tenant_id = '{ACME}'")[0][0]  # noqa: S608
        for kind in KINDS
    }
