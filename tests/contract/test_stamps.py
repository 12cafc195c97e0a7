"""The stamps of a claim: equal to those of the policy and tool that a worker has read, until one of them changes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.accounts import AccountStatus
from services.backends import Backends
from services.catalog import ToolKey
from services.database.sql_files import DB_DIR
from services.guardrails import GuardrailSettings
from services.outbox import ClaimedEnvelope, Disposition, GrantedCall
from services.pauses import PauseKind
from services.tenants import Tenant
from tests.builders import HOUR, NOW, a_tool, an_account, operator
from tests.contract.builders import WORKER, close, put_one, take_one
from tests.contract.catalog import READ, sync_tools

OLGA = operator("olga")
KEY = "SLACK__chat.post"
ONE = UUID("7e4a0000-0000-4000-8000-00000000000a")
Change = Callable[[Backends, UUID], Awaitable[object]]


def save_account(status: AccountStatus) -> Change:
    return lambda backends, tenant: backends.accounts.save(an_account(tenant_id=tenant, status=status), actor=OLGA)


def save_tool(version: str, description: str) -> Change:
    return lambda backends, tenant: backends.catalog.save(
        [a_tool(tenant_id=tenant, version=version, description=description)], actor=OLGA
    )


async def pause_agent(backends: Backends, tenant: UUID) -> None:
    ends_at = NOW + timedelta(hours=1)
    await backends.pauses.start(tenant, PauseKind.AGENT, "bot", reason=None, ends_at=ends_at, actor=OLGA)


POLICY_CHANGES: list[Change] = [
    lambda backends, tenant: backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, trust_threshold=0.1), actor=OLGA
    ),
    save_account(AccountStatus.CONNECTED),
    save_account(AccountStatus.REVOKED),
    pause_agent,
    lambda backends, tenant: backends.pauses.end(tenant, PauseKind.AGENT, "bot", actor=OLGA),
    lambda backends, tenant: backends.tenants.pause(tenant, actor=OLGA, reason="stop"),
    lambda backends, tenant: backends.tenants.resume(tenant, actor=OLGA),
    lambda backends, tenant: backends.grants.issue(
        tenant, ONE, tools="SLACK__*", account_id=None, arguments=[], reason=None, lasts_for=HOUR, actor=OLGA
    ),
    lambda backends, tenant: backends.grants.revoke(tenant, ONE, actor=OLGA, reason=None),
    lambda backends, tenant: backends.shadow_runs.start(
        tenant, ONE, candidate={}, lasts_for=HOUR, max_envelopes=10, actor=OLGA
    ),
    lambda backends, tenant: backends.shadow_runs.stop(tenant, ONE, actor=OLGA),
]
TOOL_CHANGES: list[Change] = [save_tool("1", "first"), save_tool("1", "changed"), save_tool("2", "another version")]


async def a_claim(backends: Backends, tenant: UUID) -> ClaimedEnvelope:
    """One whose envelope is settled at once."""
    await put_one(backends.outbox, tenant)
    claimed = await take_one(backends.outbox)
    await close(backends.outbox, claimed, Disposition.SUCCESS, result={"ok": True})
    return claimed


async def test_a_policy_has_the_stamp_of_the_claims_until_it_changes(backends: Backends, tenant: UUID) -> None:
    await backends.guardrails.save(GuardrailSettings(tenant_id=tenant), actor=OLGA)
    seen = [(await a_claim(backends, tenant)).policy_stamp]
    for change in POLICY_CHANGES:
        assert (await backends.guardrails.policies([tenant]))[tenant].stamp == seen[-1]
        assert (await a_claim(backends, tenant)).policy_stamp == seen[-1]
        assert (await backends.guardrails.stamps(tenant, [])).policy == seen[-1]
        await change(backends, tenant)
        seen.append((await a_claim(backends, tenant)).policy_stamp)
        assert seen[-1] is not None
        assert seen[-1] != seen[-2]


async def test_a_tool_has_the_stamp_of_the_claims_until_it_changes(backends: Backends, tenant: UUID) -> None:
    seen = [(await a_claim(backends, tenant)).tool_stamp]
    assert seen[0] is not None
    for change in TOOL_CHANGES:
        await change(backends, tenant)
        seen.append((await a_claim(backends, tenant)).tool_stamp)
        assert seen[-1] != seen[-2]
        tools = await backends.catalog.find([ToolKey(tenant, KEY, "1"), ToolKey(tenant, KEY, None)])
        assert {tool.stamp for tool in tools.values()} == {seen[-1]}
        assert (await backends.guardrails.stamps(tenant, [KEY])).tools == {KEY: seen[-1]}
        assert (await a_claim(backends, tenant)).tool_stamp == seen[-1]


async def test_a_drifted_tool_has_another_stamp(backends: Backends, tenant: UUID) -> None:
    key = ToolKey(tenant, "FILES__read", "1")
    await sync_tools(backends, tenant, READ)
    before = (await backends.catalog.find([key]))[key]
    await sync_tools(backends, tenant, replace(READ, description="changed"))
    after = (await backends.catalog.find([key]))[key]
    assert (before.status, before.stamp) != (after.status, after.stamp)
    assert before.stamp != after.stamp


async def test_another_tenants_change_and_a_new_lane_change_no_stamp(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    before = await a_claim(backends, tenant)
    for change in POLICY_CHANGES[:3] + TOOL_CHANGES[:1]:
        await change(backends, other_tenant)
    after = await a_claim(backends, tenant)
    assert (before.policy_stamp, before.tool_stamp) == (after.policy_stamp, after.tool_stamp)


async def test_a_use_of_a_grant_changes_no_stamp(backends: Backends, tenant: UUID) -> None:
    grant = await backends.grants.issue(
        tenant, ONE, tools="SLACK__*", account_id=None, arguments=[], reason=None, lasts_for=HOUR, actor=OLGA
    )
    await put_one(backends.outbox, tenant)
    claimed = await take_one(backends.outbox)
    call = GrantedCall(claimed=claimed, grant_id=grant.id, digest="d1")
    assert (await backends.outbox.use_grants(WORKER, [call])).may_go == {claimed.envelope.key}
    policy = (await backends.guardrails.policies([tenant]))[tenant]
    assert ([each.use_count for each in policy.grants], policy.stamp) == ([1], claimed.policy_stamp)


async def test_a_renamed_tenant_may_have_another_stamp_but_the_policy_has_the_same(
    backends: Backends, tenant: UUID
) -> None:
    await backends.tenants.save(Tenant(id=tenant, name="renamed"), actor=OLGA)
    claimed = await a_claim(backends, tenant)
    assert (await backends.guardrails.policies([tenant]))[tenant].stamp == claimed.policy_stamp


@pytest.mark.parametrize(("read", "stamp"), [("read_policies", "policy_stamp"), ("find_tools", "tool_stamp")])
def test_a_stamp_covers_every_table_that_is_read(read: str, stamp: str) -> None:
    tables = [
        set(re.findall(r"public\.(\w+)", (DB_DIR / "functions" / schema / f"{name}.sql").read_text()))
        for schema, name in (("worker_api", read), ("app_private", stamp))
    ]
    assert tables[0] == tables[1]
