"""What drafts reads and changes takes few pages, however many rows the tenant has."""

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.database.connect import connect
from tests.bench.drafts_rows import BIG, rows_for

MESSAGES = 30_000
"""Of which the tenant has four fifths. Its tables then have 500 pages and more."""
DAY = "now() - interval '1 day', now()"
READS = {
    "list_queue(max_drafts => 21)": 500,
    "list_queue(max_drafts => 21, after_due => now() - interval '100 days', after_id => gen_random_uuid())": 500,
    "list_queue(max_drafts => 21, assignee => '{user}')": 500,
    "list_conversations(max_conversations => 21)": 150,
    "list_conversations(max_conversations => 21, before => now() - interval '100 days', before_id => '{user}')": 150,
    "list_conversations(max_conversations => 21, customer => 'C-1@customer.example')": 250,
    "read_conversation(conversation => '{conversation}')": 100,
    "list_messages(conversation => '{conversation}')": 50,
    "list_messages(conversation => '{conversation}', before => now(), before_id => '{user}')": 50,
    "read_draft(draft => '{draft}')": 100,
    "list_notifications(max_notifications => 21, before => now() - interval '100 days', before_id => '{user}')": 100,
    "list_abstained(max_conversations => 21)": 100,
    f"list_samples({DAY})": 300,
    "list_samples(now() - interval '300 days', now(), max_samples => 20)": 500,
    f"report_learning({DAY}, 'channel')": 500,
    f"list_abstentions({DAY})": 200,
    "list_abstentions(now() - interval '300 days', now(), max_abstentions => 20)": 200,
    "list_answered(max_answers => 20)": 500,
    "list_recent_questions(max_questions => 20)": 500,
}
OF_OPERATORS = {
    "list_approved_replies(20, '{tenant}')": 500,
    "list_automatic_candidates(20, '{tenant}')": 2_000,
    "list_unknown_replies('{tenant}')": 50,
    "claim_draft_requests(2, '1 minute', '{tenant}')": 200,
    "follow_settlements(100, '{tenant}')": 200,
}
CHANGES = {
    "update drafts.messages set delivery_state = 'sent' where tenant_id = $1 and envelope_id = $2": 20,
    "delete from drafts.attachments where tenant_id = $1 and message_id = any (array[$2])": 20,
    """
    update drafts.draft_actions as a set notes = null from drafts.drafts as d
    where d.tenant_id = $1 and d.conversation_id = any (array[$2])
      and a.tenant_id = d.tenant_id and a.draft_id = d.id
    """: 300,
}


@pytest.fixture(scope="module")
def busy_url(module_database_url: str) -> str:
    """40 tenants with 30,000 messages."""
    with connect(module_database_url) as connection:
        connection.execute(rows_for(MESSAGES).encode())
        connection.execute("reset role")
        connection.execute(
            "insert into drafts.topic_rules (tenant_id, topic, mode, changed_by) values (%s, 'topic 1', 'shadow', 'o')",
            [BIG],
        )
        connection.execute("vacuum analyze")
    return module_database_url


@pytest.mark.parametrize(("call", "pages"), READS.items())
@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_a_read_takes_few_pages(busy_url: str, call: str, pages: int, role: str) -> None:
    with connect(busy_url) as connection:
        values = _values(connection)
        claims = {"role": role, "sub": "user-1", "tenant_role": "owner"}
        if role == "authenticated":
            claims["tenant_id"] = str(BIG)
        else:
            call = call[:-1] + f", tenant => '{BIG}')"
        _act_as(connection, role, claims)
        for _ in range(7):  # with the plan for these arguments, and with the one for all arguments
            spent, plan = _explained(connection, f"select drafts.{call.format(**values)}")
    assert spent < pages, plan


@pytest.mark.parametrize(("call", "pages"), OF_OPERATORS.items())
def test_a_job_reads_few_pages(busy_url: str, call: str, pages: int) -> None:
    with connect(busy_url) as connection:
        values = _values(connection)
        _act_as(connection, "service_role", {"role": "service_role"})
        for _ in range(7):
            spent, plan = _explained(connection, f"select drafts.{call.format(**values)}")
    assert spent < pages, plan


@pytest.mark.parametrize(("statement", "pages"), CHANGES.items())
def test_a_change_finds_its_rows_by_their_ids(busy_url: str, statement: str, pages: int) -> None:
    """As the functions of drafts run it: with one plan for all tenants, of which most are small."""
    with connect(busy_url) as connection, connection.transaction(force_rollback=True):
        values = _values(connection)
        connection.execute("set local plan_cache_mode = force_generic_plan")
        connection.execute(f"prepare change (uuid, uuid) as {statement}".encode())
        spent, plan = _explained(connection, f"execute change ('{BIG}', '{values['conversation']}')")
    assert spent < pages, plan


def _values(connection: psycopg.Connection) -> dict[str, UUID]:
    query = "select id from drafts.{} where tenant_id = %s order by id limit 1"
    return {"tenant": BIG} | {
        name: connection.execute(query.format(table).encode(), [BIG]).fetchall()[0][0]
        for name, table in (("user", "users"), ("conversation", "conversations"), ("draft", "drafts"))
    }


def _act_as(connection: psycopg.Connection, role: str, claims: dict[str, str]) -> None:
    connection.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(claims)])
    connection.execute(f"set role {role}".encode())


def _explained(connection: psycopg.Connection, query: str) -> tuple[int, Any]:
    """The number of pages that were read or written, and the plan."""
    [[plan]] = connection.execute(f"explain (analyze, buffers, format json) {query}".encode()).fetchall()
    plans = plan if isinstance(plan, list) else json.loads(plan)
    top = plans[0]["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"]), plans
