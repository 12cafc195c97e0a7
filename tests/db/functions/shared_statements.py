"""Statements that serve several tenants at once, and two tenants for which tests call them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.backends import Backends
from services.backends.open import postgres_backends
from services.database.connect import connect
from services.outbox import Disposition
from services.tenants import Tenant
from tests.builders import operator
from tests.contract.builders import a_proposal, asking, put, put_one, settled

HOUR = timedelta(hours=1)


WORKER = "worker-1"


@dataclass
class Held:
    """The envelopes of one tenant, one in each state, by name; and the token of its lane."""

    tenant: UUID
    token: int = 0
    account: UUID = field(default_factory=uuid4)
    api_token: UUID = field(default_factory=uuid4)
    subscription: UUID = field(default_factory=uuid4)
    disabled: UUID = field(default_factory=uuid4)
    grant: UUID = field(default_factory=uuid4)
    shadow: UUID = field(default_factory=uuid4)
    envelopes: dict[str, UUID] = field(default_factory=dict)


@dataclass
class Two:
    """The tenant whose transaction is left open, and its neighbour."""

    url: str
    mine: Held
    other: Held


Ask = Callable[..., Any]
"""Calls a function of worker_api, and returns its answer."""


def settles(two: Two, ask: Ask, *, held: bool) -> None:
    pairs = [(each.tenant, each.token, each.envelopes["flying"]) for each in (two.mine, two.other)]
    tenants, tokens, envelopes = (list(column) for column in zip(*pairs, strict=True))
    answer = ask(
        "settle('worker-1', %s, '{0,0}', %s::bigint[], %s, '{success,success}', '[null, null]', '{null,null}',"
        " '{null,null}', '[]')",
        tenants, tokens, envelopes,
    )  # fmt: skip
    assert answer["refused"] == []
    assert answer["busy"] in ([], [[str(two.mine.tenant), str(two.mine.envelopes["flying"])]] if held else [])


def beats(two: Two, ask: Ask, **_: bool) -> None:
    leases = ask("heartbeat('worker-1', '1 h')")
    assert {UUID(lease["tenant_id"]) for lease in leases} == {two.mine.tenant, two.other.tenant}


def claims(two: Two, ask: Ask, *, held: bool) -> None:
    lanes = ask("claim('worker-1', gen_random_uuid(), 10, '1 h', except_tenants => '{}')")
    claimed = {UUID(envelope[0]) for lane in lanes for envelope in lane["envelopes"]}
    assert two.other.envelopes["due"] in claimed
    assert held or two.mine.envelopes["due"] in claimed


def marks(two: Two, ask: Ask, *, held: bool) -> None:
    calls = [
        {"tenant_id": str(each.tenant), "lane": 0, "token": each.token, "envelope_id": str(each.envelopes["flying"])}
        for each in (two.mine, two.other)
    ]
    answer = ask("mark_sent('worker-1', %s::jsonb)", json.dumps(calls))
    assert [str(two.other.tenant), str(two.other.envelopes["flying"])] in answer["may_go"]
    assert held or answer["busy"] == []


def uses_grants(two: Two, ask: Ask, *, held: bool) -> None:
    calls = [
        {
            "tenant_id": str(each.tenant), "lane": 0, "token": each.token, "envelope_id": str(each.envelopes["flying"]),
            "grant_id": str(each.grant), "digest": "d",
        }
        for each in (two.mine, two.other)
    ]  # fmt: skip
    answer = ask("use_grants('worker-1', %s::jsonb)", json.dumps(calls))
    assert [str(two.other.tenant), str(two.other.envelopes["flying"])] in answer["may_go"]
    assert held or answer["busy"] == []


def records_shadow(two: Two, ask: Ask, *, held: bool) -> None:
    judgements = [
        {
            "tenant_id": str(each.tenant), "run_id": str(each.shadow), "envelope_id": str(each.envelopes["flying"]),
            "decision": "allow", "candidate_decision": "deny", "candidate_reason": "r",
        }
        for each in (two.mine, two.other)
    ]  # fmt: skip
    busy = ask("record_shadow(%s::jsonb)", json.dumps(judgements))
    assert str(two.other.shadow) not in busy
    assert held or busy == []
    [run] = ask("list_shadow_runs(%s)", two.other.tenant)
    assert run["envelopes"] == 1


def draws(two: Two, ask: Ask, **_: bool) -> None:
    asks = [
        {"tenant_id": str(each.tenant), "bucket": bucket, "wanted": 1, "capacity": 5, "per_seconds": 60}
        for each in (two.mine, two.other)
        for bucket in ("mail", "new")
    ]
    grants = ask("take_rate_tokens(gen_random_uuid(), %s::jsonb)", json.dumps(asks))
    granted = {(UUID(grant["tenant_id"]), grant["bucket"]) for grant in grants if grant["granted"] == 1}
    assert granted >= {(two.other.tenant, "mail"), (two.other.tenant, "new")}
    assert len(grants) == 4


def expires(two: Two, ask: Ask, **_: bool) -> None:
    assert ask("expire_approvals()") >= 1
    assert ask("get_envelope(%s, %s)", two.other.tenant, two.other.envelopes["late"])["status"] == "expired"


def reminds(two: Two, ask: Ask, **_: bool) -> None:
    assert ask("remind_approvers(now() + '30 m')")["reminded"] >= 1
    [approval] = ask("list_approvals(%s, %s)", two.other.tenant, two.other.envelopes["asked"])
    assert approval["reminder_steps"] == 1


def passes_deadlines(two: Two, ask: Ask, **_: bool) -> None:
    assert ask("expire_envelopes(now() + '2 h')") >= 1
    assert ask("get_envelope(%s, %s)", two.other.tenant, two.other.envelopes["to expire"])["status"] == "expired"


def forgets(two: Two, ask: Ask, **_: bool) -> None:
    ask("forget_settled('0 s', 1000)")
    assert ask("get_envelope(%s, %s)", two.other.tenant, two.other.envelopes["done"]) is None


def forgets_evidence(two: Two, ask: Ask, **_: bool) -> None:
    ask("forget_evidence('0 s', 1000)")
    assert ask("list_evidence(%s, 10)", two.other.tenant) == []


def forgets_shadow_runs(two: Two, ask: Ask, **_: bool) -> None:
    ask("forget_shadow_runs('0 s', 1000, now() + '2 h')")
    assert ask("list_shadow_runs(%s)", two.other.tenant) == []


def requeues(two: Two, ask: Ask, **_: bool) -> None:
    ask("requeue_dead_letters(null, null, 10, 'olga')")
    assert ask("get_envelope(%s, %s)", two.other.tenant, two.other.envelopes["dead"])["status"] == "pending"


SHARED: dict[str, Callable[..., None]] = {
    "settle": settles, "heartbeat": beats, "claim": claims, "mark_sent": marks, "use_grants": uses_grants,
    "record_shadow": records_shadow,
    "take_rate_tokens": draws, "remind_approvers": reminds, "expire_approvals": expires,
    "expire_envelopes": passes_deadlines, "forget_settled": forgets, "forget_evidence": forgets_evidence,
    "forget_shadow_runs": forgets_shadow_runs, "requeue_dead_letters": requeues,
}  # fmt: skip
"""The statements that serve several tenants at once, and what the neighbour must get from each."""


async def two_tenants(url: str) -> Two:
    """Two tenants, each with one row in every table."""
    async with postgres_backends(url) as backends:
        mine, other = Held(uuid4()), Held(uuid4())
        for each in (mine, other):
            await prepare(backends, each)
    with connect(url) as connection:
        for each in (mine, other):
            connection.execute("select worker_api.start_pause(%s, 'tool', 'PAUSED', null, null, 'olga')", [each.tenant])
            connection.execute(
                "insert into public.connected_accounts (id, tenant_id, provider, status, linked_at)"
                " values (%s, %s, 'slack', 'connected', now())",
                [each.account, each.tenant],
            )
            connection.execute(
                "insert into public.tool_catalog (tenant_id, tool_slug, version, provider, source, status, schema_hash)"
                " values (%(t)s, 'FILES__read', '1', 'mcp', 'files', 'drifted', 'old'),"
                " (%(t)s, 'FILES__read', '2', 'mcp', 'files', 'quarantined', 'new')",
                {"t": each.tenant},
            )
            connection.execute(
                "insert into public.guardrails (tenant_id, approval_reminders) values (%s, %s)",
                [each.tenant, '{"default": [{"after_seconds": 60}]}'],
            )
            connection.execute(
                "select worker_api.create_api_token(%s, %s, 'bot', '{read}', %s, now() + interval '1 day', 'olga')",
                [each.tenant, each.api_token, each.api_token.hex * 2],
            )
            connection.execute(
                "insert into public.event_subscriptions (tenant_id, id, kind, target, event_types, read_seq,"
                " disabled_at, disabled_reason, created_at, created_by)"
                " values (%(t)s, %(id)s, 'webhook', 'https://a', '{envelope.*}', 0, null, null, now(), 'olga'),"
                " (%(t)s, %(disabled)s, 'webhook', 'https://a', '{envelope.*}', 0, now(), 'gone', now(), 'olga')",
                {"t": each.tenant, "id": each.subscription, "disabled": each.disabled},
            )
            connection.execute(
                "select worker_api.create_inbound_webhook(%s, %s, 'tickets', 'olga')", [each.tenant, each.subscription]
            )
            connection.execute("select worker_api.save_slack_user(%s, 'acme', 'U1', 'maria', 'olga')", [each.tenant])
            connection.execute(
                "insert into app_private.event_deliveries values (%s, %s, %s)",
                [each.tenant, each.subscription, each.envelopes["due"]],
            )
            connection.execute(
                "select worker_api.issue_grant(%s, %s, 'SLACK__*', null, '[]', null, '1 h', 'olga')",
                [each.tenant, each.grant],
            )
            connection.execute(
                "select worker_api.start_shadow(%s, %s, '{}', '1 h', 1000, 'olga')", [each.tenant, each.shadow]
            )
            connection.execute(
                "insert into app_private.rate_buckets (tenant_id, bucket, tokens, filled_at)"
                " values (%s, 'mail', 5, now())",
                [each.tenant],
            )
    return Two(url, mine, other)


async def prepare(backends: Backends, held: Held) -> None:
    """Add one envelope in each state. `flying` is in flight, and `due` is in the lane that its worker holds."""
    await backends.tenants.save(Tenant(id=held.tenant, name=str(held.tenant)), actor=operator("olga"))
    names = ("done", "unknown", "dead", "asked", "late", "later", "flying")
    envelopes = await put(backends.outbox, *[a_proposal(held.tenant, external_id=name) for name in names])
    held.envelopes = {envelope.external_id: envelope.id for envelope in envelopes}
    claimed = {
        c.envelope.external_id: c
        for c in await backends.outbox.claim(WORKER, limit=10, lease_for=HOUR, tenant=held.tenant)
    }
    held.token = claimed["flying"].lease.token
    now = datetime.now(UTC)
    await backends.outbox.settle(
        WORKER,
        [
            settled(claimed["done"], Disposition.SUCCESS),
            settled(claimed["unknown"], Disposition.UNKNOWN, error="no answer"),
            settled(claimed["dead"], Disposition.FAILED, error="no"),
            asking(claimed["asked"], expires_at=now + HOUR),
            asking(claimed["late"], expires_at=now - HOUR),
            settled(claimed["later"], Disposition.HOLD, reason="wait", next_run_at=now + HOUR),
        ],
    )
    held.envelopes["due"] = (await put_one(backends.outbox, held.tenant)).id
    to_expire = await put_one(backends.outbox, held.tenant, next_run_at=now + HOUR / 2, must_run_before=now + HOUR)
    held.envelopes["to expire"] = to_expire.id
