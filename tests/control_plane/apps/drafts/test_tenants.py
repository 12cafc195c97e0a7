"""No function of drafts shows or changes another tenant's rows, whatever ids its caller names."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from services.backends.database.transport.functions import FUNCTIONS_DIR
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, NotAllowed, NotFound
from tests.control_plane.apps.drafts.desk import Desk, a_message, open_desk

ARGUMENT = re.compile(r"\b(\w+) (uuid\[\]|uuid|text|jsonb|integer|boolean|timestamptz|double precision)\b")


def functions_for_tenants() -> Iterator[tuple[str, dict[str, str]]]:
    """Each function that tenants may call, with its arguments and their types."""
    for path in sorted((FUNCTIONS_DIR / "drafts").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^grant execute on function \S+ to .*\bauthenticated\b", text, re.MULTILINE):
            head = text[text.index("create or replace function") : text.index("\nreturns ")]
            arguments = dict(ARGUMENT.findall(head))
            if "tenant" in arguments and path.stem != "tenant_of":
                yield path.stem, arguments


@pytest.fixture(scope="module")
async def desks(module_database_url: str) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two tenants, each with a conversation, a pending draft and a reply."""
    async with postgres_access(module_database_url, pool_size=2) as access:
        pair = await open_desk(access, module_database_url), await open_desk(access, module_database_url)
        for desk in pair:
            await desk.decide(await desk.pending(), by="rita")
            await desk.pending(a_message(text="Second"))
        yield pair


def state(desk: Desk) -> dict[str, list[Any]]:
    """All rows of the tenant in the schema, its envelopes and its audit rows, by table."""
    tables = desk.run("select format('drafts.%I', tablename) from pg_tables where schemaname = 'drafts' order by 1")
    rows: dict[str, list[Any]] = {name: [] for (name,) in [*tables, ("public.outbox",), ("public.audit_log",)]}
    query = " union all ".join(
        f"select '{name}', to_jsonb(t) from {name} as t where tenant_id = '{desk.tenant}'"  # noqa: S608
        for name in rows
    )
    for name, row in desk.run(f"{query} order by 1, 2"):
        rows[name].append(row)
    return rows


def values_of(desk: Desk) -> dict[str, Any]:
    """An argument of each name: ids are those of this desk's rows."""
    [[conversation, draft, message, digest]] = desk.run(
        "select c.id, d.id, m.id, drafts.digest_of(d, c) from drafts.drafts as d"
        " join drafts.conversations as c on c.tenant_id = d.tenant_id and c.id = d.conversation_id"
        " join drafts.messages as m on m.tenant_id = c.tenant_id and m.conversation_id = c.id"
        " where d.tenant_id = %s and d.status = 'pending'",
        desk.tenant,
    )
    [[user]] = desk.run("select id from drafts.users where tenant_id = %s", desk.tenant)
    notifications = desk.run("select id from drafts.notifications where tenant_id = %s", desk.tenant)
    return {
        "conversation": conversation, "draft": draft, "trigger_message": message, "digest": digest,
        "ids": [id_ for (id_,) in notifications], "assignee": user, "channel": desk.channel.id, "version": 1,
        "decision": "reject", "code": "other", "final_text": "Mine", "note": "Mine", "reason": "Mine",
        "priority": "urgent", "instruction": "Mine", "customer": "kim@customer.example", "for_subject": "rita",
        "message": {"text": "Mine", "sent_at": "2026-01-01T00:00:00Z", "conversation_external_id": "x"},
    }  # fmt: skip


OWN_ROWS_ONLY = {"save_channel", "save_settings"}
"""Functions that name no row: they change the caller's tenant."""
CALLS = list(functions_for_tenants())


def test_the_functions_are_found() -> None:
    assert {"decide_draft", "receive_message", "read_draft", "list_queue"} <= {name for name, _ in CALLS}


@pytest.mark.parametrize(("name", "types"), [pytest.param(*call, id=call[0]) for call in CALLS])
async def test_a_tenant_that_names_anothers_rows_sees_and_changes_nothing(
    desks: tuple[Desk, Desk], name: str, types: dict[str, str]
) -> None:
    theirs, mine = desks
    before = state(theirs)
    known = values_of(theirs)
    arguments = {each: known[each] for each in types if each in known}
    if name == "save_draft":
        arguments["draft"] = {"text": "Mine"}
    eve = mine.as_user("eve", "owner").functions
    assert eve is not None
    try:
        answer = await eve.call(f"drafts.{name}", **arguments)
    except ControlPlaneError as exc:
        answer = str(exc)
    assert name in OWN_ROWS_ONLY or _tells_nothing(answer, theirs), answer
    assert state(theirs) == before


def _tells_nothing(answer: Any, theirs: Desk) -> bool:
    """Whether no value of the other tenant's rows is in the answer, apart from the ids that the caller named."""
    return str(theirs.tenant) not in str(answer)


@pytest.mark.parametrize("name", [name for name, _ in CALLS])
async def test_a_tenant_that_names_another_tenant_is_refused(desks: tuple[Desk, Desk], name: str) -> None:
    theirs, mine = desks
    eve = mine.as_user("eve", "owner").functions
    assert eve is not None
    with pytest.raises(NotFound, match="no tenant"):
        await eve.call(f"drafts.{name}", tenant=theirs.tenant)


@pytest.mark.parametrize("name", ["claim_draft_requests", "follow_settlements", "draft_is_needed"])
async def test_what_serves_all_tenants_is_for_operators(desks: tuple[Desk, Desk], name: str) -> None:
    eve = desks[1].as_user("eve", "owner").functions
    assert eve is not None
    with pytest.raises(NotAllowed, match="tenants may not do this"):
        await eve.call(f"drafts.{name}")


async def test_all_rows_of_a_tenant_can_be_forgotten_and_no_other(desks: tuple[Desk, Desk]) -> None:
    theirs, mine = desks
    await mine.pending()  # the functions above may have erased the others
    before = state(theirs)
    answer = await mine.functions.call("drafts.forget_tenant", tenant=mine.tenant, actor_id="olga")
    left = {name for name, rows in state(mine).items() if rows}
    assert (answer["deleted"] >= 4, left) == (True, {"public.outbox", "public.audit_log"})
    assert state(theirs) == before
    assert mine.run("select category from audit_log where tenant_id = %s order by seq desc limit 1", mine.tenant) == [
        ("drafts.tenant_forgotten",)
    ]
