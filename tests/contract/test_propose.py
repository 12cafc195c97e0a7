"""A proposal becomes one envelope, or one clear refusal that wrote nothing."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest

from services.backends import Backends
from services.envelope import Actor, Risk, Status
from services.errors import ControlPlaneError, InvalidInput, NotFound, StateConflict
from services.guardrails import Decision, GuardrailSettings
from services.propose import Proposed, propose
from tests.builders import a_tool
from tests.clock import FakeClock

AGENT = Actor(type="agent", id="planner")
SCHEMA = {
    "type": "object",
    "properties": {
        "sku": {"type": "string"},
        "quantity": {"type": "integer", "minimum": 1},
        "token": {"type": "string", "pattern": "^[a-z]+$"},
    },
    "required": ["sku"],
    "additionalProperties": True,
}
ORDER = {"tool_slug": "ORDERS__create", "arguments": {"sku": "bolt"}, "external_id": "order-1"}


@pytest.fixture
async def shop(backends: Backends, tenant: UUID) -> UUID:
    """A tenant with one tool, in two versions."""
    tools = [
        a_tool(tenant_id=tenant, tool_slug="ORDERS__create", version=v, schema=SCHEMA, risk=Risk.MEDIUM) for v in "12"
    ]
    await backends.catalog.save(tools, by="olga")
    return tenant


async def ask(backends: Backends, clock: FakeClock, shop: UUID, **changes: Any) -> Proposed:
    request = {"tenant_id": str(shop), **ORDER, **changes}
    return await propose(backends, request, actor=AGENT, clock=clock)


async def written(backends: Backends, shop: UUID) -> int:
    return len(await backends.outbox.list_envelopes(shop, status=None, limit=10))


async def test_a_proposal_waits_for_a_worker_pinned_to_the_newest_version(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    proposed = await ask(backends, clock, shop)
    e = proposed.envelope
    assert (proposed.created, e.status, e.tool_version, e.risk, e.next_run_at) == (
        True, Status.PENDING, "2", Risk.MEDIUM, clock.now,
    )  # fmt: skip
    assert {v.decision for v in proposed.verdicts} == {Decision.ALLOW}


async def test_the_same_key_again_is_the_same_envelope(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    first, again = await ask(backends, clock, shop), await ask(backends, clock, shop)
    assert (again.created, again.envelope.id, await written(backends, shop)) == (False, first.envelope.id, 1)


async def test_the_same_key_for_another_call_is_a_conflict_that_names_it(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    await ask(backends, clock, shop)
    with pytest.raises(StateConflict, match=r"external_id: .*order-1.*use a new key"):
        await ask(backends, clock, shop, arguments={"sku": "nut"})
    assert await written(backends, shop) == 1


async def test_a_proposer_may_raise_the_risk_and_never_lower_it(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    lowered = await ask(backends, clock, shop, risk="low")
    raised = await ask(backends, clock, shop, risk="high", external_id="order-2")
    assert (lowered.envelope.risk, raised.envelope.risk) == (Risk.MEDIUM, Risk.HIGH)


async def test_the_early_answer_tells_what_the_guardrails_would_say(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    await backends.guardrails.save(GuardrailSettings(tenant_id=shop, trust_threshold=0.7), by="olga")
    verdicts = {v.guardrail: v.decision for v in (await ask(backends, clock, shop)).verdicts}
    assert verdicts["trust"] is Decision.NEEDS_APPROVAL


async def test_a_trace_travels_in_the_metadata(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    request = {"tenant_id": str(shop), **ORDER, "metadata": {"thread": "t-1"}}
    proposed = await propose(backends, request, actor=AGENT, clock=clock, traceparent=trace)
    assert proposed.envelope.metadata == {"thread": "t-1", "traceparent": trace}


DEEP: list[Any] = []
for _ in range(150):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tenant_id": "acme"}, "tenant_id"),
        ({"envelope_id": str(uuid5(NAMESPACE_URL, "ticket 7"))}, "envelope_id"),
        ({"tool_slug": ""}, "tool_slug"),
        ({"external_id": "x" * 256}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"risk": "none"}, "risk"),
        ({"surprise": 1}, "surprise"),
        ({"not_before": "2026-12-24T18:00:00"}, "not_before"),
        ({"not_before": "+12026-12-24T18:00:00Z"}, "not_before"),
        ({"arguments": []}, "arguments"),
        ({"arguments": {}}, "arguments"),
        ({"arguments": {"sku": 7}}, "arguments.sku"),
        ({"arguments": {"sku": "bolt", "quantity": 0}}, "arguments.quantity"),
        ({"arguments": {"sku": "nul\x00"}}, "arguments.sku"),
        ({"arguments": {"sku": "half \ud83d"}}, "arguments.sku"),
        ({"arguments": {"sku": "bolt", "weight": float("nan")}}, "arguments.weight"),
        ({"arguments": {"sku": "bolt", "serial": 2**70}}, "arguments.serial"),
        ({"arguments": {"sku": "x" * 65_536}}, "arguments"),
        ({"arguments": {"sku": "bolt", "deep": DEEP}}, "arguments.deep"),
        ({"metadata": {"ordering_key": 5}}, "metadata.ordering_key"),
        ({"metadata": {"note": "x" * 70_000}}, "metadata"),
        ({"trust_context": {"why": "\x00"}}, "trust_context.why"),
    ],
)
async def test_what_is_malformed_is_refused_by_name_and_writes_nothing(
    backends: Backends, clock: FakeClock, shop: UUID, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ask(backends, clock, shop, **changes)
    assert refused.value.field.startswith(field)
    assert "\n" not in str(refused.value)
    assert await written(backends, shop) == 0


async def test_a_naive_moment_is_told_what_it_lacks(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    with pytest.raises(InvalidInput, match="not_before: has no time zone; write an offset"):
        await ask(backends, clock, shop, not_before="2026-12-24T18:00:00")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"tenant_id": str(uuid4())}, "tenant_id: no tenant"),
        ({"tool_slug": "NO__tool"}, "tool_slug: 'NO__tool' is not in this tenant's catalog"),
        ({"tool_version": "9"}, "tool_slug: 'ORDERS__create' in version 9"),
    ],
)
async def test_what_is_not_there_is_named(
    backends: Backends, clock: FakeClock, shop: UUID, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(NotFound, match=named):
        await ask(backends, clock, shop, **changes)
    assert await written(backends, shop) == 0


async def test_a_refusal_never_repeats_the_value(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ask(backends, clock, shop, arguments={"sku": "bolt", "token": "S3CRET-TOKEN"})
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"$ref": "http://127.0.0.1:9/schema.json"}])
async def test_a_catalog_schema_that_cannot_be_applied_is_the_tools_fault_and_fetches_nothing(
    backends: Backends, clock: FakeClock, shop: UUID, schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a schema from outside made us fetch something")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    await backends.catalog.save(
        [a_tool(tenant_id=shop, tool_slug="ORDERS__create", version="3", schema=schema)], by="olga"
    )
    with pytest.raises(ControlPlaneError, match="the catalog's schema of ORDERS__create"):
        await ask(backends, clock, shop)
    assert await written(backends, shop) == 0
