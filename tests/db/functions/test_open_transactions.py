"""An open transaction of one tenant delays no other tenant.

The tests are generated: each function of `worker_api` that changes state, and each write that a tenant may make itself,
is left open for one tenant, while each statement that serves several tenants is called for two. A wait of 100 ms is an
error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from services.database.connect import connect
from tests.db.functions.shared_statements import SHARED, Ask, Two, two_tenants
from tests.db.roles import act_as

HOLDERS: dict[str, str] = {
    "append_audit": """select worker_api.append_audit(jsonb_build_array(jsonb_build_object('tenant_id', %(tenant)s,
        'actor_type', 'agent', 'actor_id', 'a', 'category', 'note.made', 'payload', '{}'::jsonb)))""",
    "cancel": "select worker_api.cancel(%(tenant)s, %(later)s, 'agent', 'a')",
    "check_account": "select worker_api.check_account(%(tenant)s, %(account)s, 'error', 'odd',"
    " (select jsonb_build_object('status', status, 'linked_at', linked_at, 'expires_at', expires_at)"
    " from public.connected_accounts where id = %(account)s), 'a')",
    "claim": "select worker_api.claim('worker-1', gen_random_uuid(), 10, '1 h', %(tenant)s, except_tenants => '{}')",
    "count_ends": "select worker_api.count_ends(1000)",
    "create_api_token": """select worker_api.create_api_token(%(tenant)s, gen_random_uuid(), 'bot', '{read}',
        repeat('0', 64), now() + interval '1 day', 'olga')""",
    "count_deliveries": "select worker_api.count_deliveries(%(tenant)s, %(subscription)s)",
    "create_subscription": """select worker_api.create_subscription(%(tenant)s, gen_random_uuid(), 'webhook', 'https://a',
        '{envelope.*}', 'olga')""",
    "delete_subscription": "select worker_api.delete_subscription(%(tenant)s, %(subscription)s, 'olga')",
    "create_inbound_webhook": "select worker_api.create_inbound_webhook(%(tenant)s, gen_random_uuid(), 'new', 'olga')",
    "rotate_inbound_secret": "select worker_api.rotate_inbound_secret(%(tenant)s, %(subscription)s, 'olga')",
    "delete_inbound_webhook": "select worker_api.delete_inbound_webhook(%(tenant)s, %(subscription)s, 'olga')",
    "delete_slack_user": "select worker_api.delete_slack_user(%(tenant)s, 'acme', 'U1', 'olga')",
    "save_slack_user": "select worker_api.save_slack_user(%(tenant)s, 'acme', 'U2', 'maria', 'olga')",
    "deliver_events": """select worker_api.deliver_events(%(tenant)s, %(subscription)s, read_seq, read_seq + 1,
        array[gen_random_uuid()], array['{"id": "evt_1"}'::jsonb], array['0'])
        from public.event_subscriptions where id = %(subscription)s""",
    "enable_subscription": "select worker_api.enable_subscription(%(tenant)s, %(disabled)s, 'olga')",
    "rotate_subscription_secret": "select worker_api.rotate_subscription_secret(%(tenant)s, %(subscription)s, 'olga')",
    "test_subscription": "select worker_api.test_subscription(%(tenant)s, %(subscription)s, gen_random_uuid(), 'olga')",
    "decide_approval": "select worker_api.decide_approval(%(tenant)s, %(asked)s, 'approved', 'd1', 'olga')",
    "decide_tool": "select worker_api.decide_tool(%(tenant)s, 'FILES__read', 'accepted', 'new', 'olga')",
    "discard_dead_letter": "select worker_api.discard_dead_letter(%(tenant)s, %(dead)s, 'operator', 'olga', 'old')",
    "enqueue": """select worker_api.enqueue(array[gen_random_uuid()], array[%(tenant)s], array['T'], array['1'],
        array['{}'::jsonb], array[null::text], array['low'], array['left open'], array['{}'::jsonb],
        array['{"ordering_key": "k"}'::jsonb], array[null::timestamptz], 'agent', 'a')""",
    "enqueue at once": """select worker_api.enqueue(array[gen_random_uuid()], array[%(tenant)s], array['T'], array['1'],
        array['{}'::jsonb], array[null::text], array['low'], array['left open'], array['{}'::jsonb],
        array['{"ordering_key": "k"}'::jsonb], array[null::timestamptz], 'agent', 'a', commits_at_once => true)""",
    "enqueue of a dead letter": """select worker_api.enqueue(array[gen_random_uuid()], array[d.tenant_id],
        array[d.tool_slug], array['1'], array[d.arguments], array[d.connected_account_id], array['low'],
        array[d.external_id], array['{}'::jsonb], array['{}'::jsonb], array[null::timestamptz], 'agent', 'a')
        from public.outbox_dlq as d where d.tenant_id = %(tenant)s and d.id = %(dead)s""",
    "expire_approvals": "select worker_api.expire_approvals()",
    "expire_envelopes": "select worker_api.expire_envelopes(now() + '2 h')",
    "extend_job": "select worker_api.extend_job('j', gen_random_uuid(), '1 h')",
    "finish_job": "select worker_api.finish_job('j', gen_random_uuid(), 'done', '{}', null)",
    "forget_evidence": "select worker_api.forget_evidence('0 s', 1)",
    "forget_settled": "select worker_api.forget_settled('0 s', 1)",
    "forget_shadow_runs": "select worker_api.forget_shadow_runs('0 s', 1, now() + '2 h')",
    "heartbeat": "select worker_api.heartbeat('worker-1', '1 h')",
    "hold_rate_bucket": "select worker_api.hold_rate_bucket(%(tenant)s, 'mail', 5, 60, now()),"
    " worker_api.hold_rate_bucket(%(tenant)s, 'new', 5, 60, now())",
    "issue_grant": """select worker_api.issue_grant(%(tenant)s, gen_random_uuid(), 'T', null, '[]', null, '1 h',
        'olga')""",
    "look_at_approval": "select worker_api.look_at_approval(%(tenant)s, %(asked)s, 'olga')",
    "mark_sent": """select worker_api.mark_sent('worker-1', jsonb_build_array(jsonb_build_object(
        'tenant_id', %(tenant)s, 'lane', 0, 'token', %(token)s, 'envelope_id', %(flying)s)))""",
    "note_scan": "select worker_api.note_scan(%(tenant)s, %(account)s, 'a')",
    "pause_tenant": "select worker_api.pause_tenant(%(tenant)s, 'olga')",
    "start_pause": "select worker_api.start_pause(%(tenant)s, 'tool', 'T', null, null, 'olga')",
    "end_pause": "select worker_api.end_pause(%(tenant)s, 'tool', 'PAUSED', 'olga')",
    "remind_approvers": "select worker_api.remind_approvers(now() + '30 m')",
    "requeue_dead_letters": "select worker_api.requeue_dead_letters(%(tenant)s, null, 10, 'olga')",
    "requeue_edited": "select worker_api.requeue_edited(%(tenant)s, %(dead)s, '{}', 'operator', 'olga')",
    "resolve_unknown": "select worker_api.resolve_unknown(%(tenant)s, %(unknown)s, 'retry', 'olga')",
    "resume_tenant": "select worker_api.resume_tenant(%(tenant)s, 'olga')",
    "record_shadow": """select worker_api.record_shadow(jsonb_build_array(jsonb_build_object('tenant_id', %(tenant)s,
        'run_id', %(shadow)s, 'envelope_id', %(flying)s, 'decision', 'allow', 'candidate_decision', 'deny',
        'candidate_reason', 'r')))""",
    "start_shadow": "select worker_api.stop_shadow(%(tenant)s, %(shadow)s, 'olga'), worker_api.start_shadow(%(tenant)s,"
    " gen_random_uuid(), '{}', '1 h', 5, 'olga')",
    "stop_shadow": "select worker_api.stop_shadow(%(tenant)s, %(shadow)s, 'olga')",
    "revoke_grant": "select worker_api.revoke_grant(%(tenant)s, %(grant)s, 'olga')",
    "revoke_api_token": "select worker_api.revoke_api_token(%(tenant)s, %(api_token)s, 'olga')",
    "save_account": """select worker_api.save_account(jsonb_build_object('id', %(account)s, 'tenant_id', %(tenant)s,
        'provider', 'slack', 'status', 'connected', 'scopes', '["A"]'::jsonb, 'metadata', '{}'::jsonb), 'olga')""",
    "save_guardrails": "select worker_api.save_guardrails(%(tenant)s, '{}', 0.4, '{}', false, null, '{}', 'olga')",
    "save_objective": """select worker_api.save_objective(jsonb_build_object('id', gen_random_uuid(),
        'tenant_id', %(tenant)s, 'title', 't', 'metric', 'm'), 'olga')""",
    "save_readings": """select worker_api.save_readings(%(tenant)s, jsonb_build_array(jsonb_build_object(
        'tool_slug', 'T', 'sha256', repeat('0', 64), 'content', '{}'::jsonb, 'value', '{}'::jsonb)), 'a')""",
    "save_tenant": "select worker_api.save_tenant(%(tenant)s, 'renamed', 'pro', 4::smallint, 'olga')",
    "save_tools": """select worker_api.save_tools(jsonb_build_array(jsonb_build_object('tenant_id', %(tenant)s,
        'tool_slug', 'T', 'version', '1', 'display_name', 'T', 'description', '', 'risk', 'low', 'schema', '{}'::jsonb,
        'required_scopes', '[]'::jsonb, 'provider', 'http', 'config', '{}'::jsonb, 'idempotent', true)), 'olga')""",
    "settle": """select worker_api.settle('worker-1', array[%(tenant)s], '{0}', array[%(token)s::bigint],
        array[%(flying)s], '{success}', '[null]', '{null}', '{null}', '[]')""",
    "sync_tools": "select worker_api.sync_tools(%(tenant)s, 'mcp', 'files', '[]', 'system', 'a')",
    "take_job": "select worker_api.take_job('j', 'w', gen_random_uuid(), '1 h', '1 h')",
    "set_request_limits": "select worker_api.set_request_limits(%(tenant)s, 600, 60, 'olga')",
    "take_request": "select worker_api.take_request(%(tenant)s, 'token:1', 600, 60)",
    "take_rate_tokens": """select worker_api.take_rate_tokens(gen_random_uuid(), jsonb_build_array(
        jsonb_build_object('tenant_id', %(tenant)s, 'bucket', 'mail', 'wanted', 1, 'capacity', 5, 'per_seconds', 9),
        jsonb_build_object('tenant_id', %(tenant)s, 'bucket', 'new', 'wanted', 1, 'capacity', 5, 'per_seconds', 9)))""",
    "use_grants": """select worker_api.use_grants('worker-1', jsonb_build_array(jsonb_build_object('tenant_id',
        %(tenant)s, 'lane', 0, 'token', %(token)s, 'envelope_id', %(flying)s, 'grant_id', %(grant)s)))""",
    "a tenant's accounts": """insert into public.connected_accounts (tenant_id, provider, status)
        select %(tenant)s, 'slack', 'connected' from generate_series(1, 100)""",
    "a tenant's guardrails": "update public.guardrails set trust_threshold = 0.3 where tenant_id = %(tenant)s",
}
"""Each leaves its transaction open for one tenant. Its name is the called function, or what the tenant writes."""

BOTH = {
    "remind_approvers", "expire_approvals", "expire_envelopes", "forget_settled", "forget_evidence",
    "forget_shadow_runs", "heartbeat",
}  # fmt: skip
"""These have no tenant as argument, so they also lock the neighbour's rows."""
KEEPS = BOTH | {
    "cancel",
    "claim",
    "decide_approval",
    "decide_tool",
    "delete_subscription",
    "enqueue at once",
    "mark_sent",
    "record_shadow",
    "resolve_unknown",
    "start_shadow",
    "stop_shadow",
    "revoke_grant",
    "settle",
    "sync_tools",
    "use_grants",
}
"""These lock a lane, a chain head, a grant or a shadow run until they commit. An enqueue that stages its changes locks
none."""


@pytest.fixture(scope="module")
async def two(module_database_url: str) -> Two:
    return await two_tenants(module_database_url)


@contextmanager
def left_open(two: Two, holder: str, connection: psycopg.Connection) -> Iterator[None]:
    """Keep the transaction open for the block, then roll it back."""
    mine = two.mine
    values = {
        "tenant": mine.tenant,
        "token": mine.token,
        "account": mine.account,
        "api_token": mine.api_token,
        "subscription": mine.subscription,
        "disabled": mine.disabled,
        "grant": mine.grant,
        "shadow": mine.shadow,
        **mine.envelopes,
    }
    with connection.transaction(force_rollback=True):
        if holder.startswith("a tenant's"):
            claims = {"tenant_id": str(mine.tenant), "sub": "u1", "role": "authenticated", "tenant_role": "owner"}
            act_as(connection, "authenticated", claims)
        connection.execute(HOLDERS[holder], values)
        yield


@pytest.fixture(scope="module")
def holding(two: Two) -> Iterator[psycopg.Connection]:
    with connect(two.url) as connection:
        yield connection


@pytest.fixture(scope="module")
def asking_for(two: Two) -> Iterator[Ask]:
    """Calls functions of worker_api in a transaction that applies staged changes at once."""
    with connect(two.url) as connection:
        connection.execute("set lock_timeout = '100ms'")

        def ask(call: str, *values: Any) -> Any:
            [[answer]] = connection.execute(f"select worker_api.{call}".encode(), values).fetchall()
            connection.execute("set constraints all immediate")
            return answer

        ask.connection = connection  # type: ignore[attr-defined]
        yield ask


def test_every_function_that_changes_state_is_tested_in_an_open_transaction(two: Two) -> None:
    with connect(two.url) as connection:
        volatile = connection.execute(
            "select proname from pg_proc where pronamespace = 'worker_api'::regnamespace and provolatile = 'v'"
        ).fetchall()
    assert {name for (name,) in volatile} == {name for name in HOLDERS if " " not in name}


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("holder", [name for name in HOLDERS if name not in BOTH])
def test_another_tenant_never_waits_for_an_open_transaction(
    two: Two, holding: psycopg.Connection, asking_for: Ask, holder: str, shared: str
) -> None:
    connection: psycopg.Connection = asking_for.connection  # type: ignore[attr-defined]
    with left_open(two, holder, holding), connection.transaction(force_rollback=True):
        SHARED[shared](two, asking_for, held=holder in KEEPS)
    with connection.transaction(force_rollback=True):
        SHARED[shared](two, asking_for, held=False)


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("holder", sorted(BOTH))
def test_a_statement_for_all_tenants_does_not_block_another_statement(
    two: Two, holding: psycopg.Connection, asking_for: Ask, holder: str, shared: str
) -> None:
    connection: psycopg.Connection = asking_for.connection  # type: ignore[attr-defined]
    calls: list[str] = []

    def ask(call: str, *values: Any) -> Any:
        calls.append(call)
        asking_for(call, *values)
        raise LookupError

    with left_open(two, holder, holding), connection.transaction(force_rollback=True), pytest.raises(LookupError):
        SHARED[shared](two, ask, held=True)
    assert len(calls) == 1


NEVER_WAIT = {
    "append_audit", "claim", "expire_approvals", "expire_envelopes", "forget_evidence", "forget_settled",
    "forget_shadow_runs", "heartbeat", "mark_sent", "record_shadow", "remind_approvers", "take_rate_tokens",
    "use_grants",
}  # fmt: skip


def test_every_function_that_may_wait_has_a_lock_timeout(two: Two) -> None:
    with connect(two.url) as connection:
        settings = connection.execute(
            "select proname, array_to_string(proconfig, ' ') from pg_proc"
            " where pronamespace = 'worker_api'::regnamespace and provolatile = 'v'"
        ).fetchall()
    assert {name for name, config in settings if "lock_timeout" not in config} == NEVER_WAIT
