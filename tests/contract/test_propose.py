"""A proposal becomes one envelope, or is refused with one clear error and writes nothing."""

import itertools
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest

from services.backends import Backends
from services.envelope import Actor, ActorType, Risk, Status
from services.errors import ControlPlaneError, InvalidInput, NotFound, StateConflict
from services.guardrails import Decision, GuardrailSettings
from services.propose import ProposeResult, propose
from services.tenants import Tenant
from tests.builders import a_tool, operator
from tests.clock import FakeClock

AGENT = Actor(type=ActorType.AGENT, id="planner")
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
    await backends.catalog.save(tools, actor=operator("olga"))
    return tenant


async def ask(backends: Backends, clock: FakeClock, shop: UUID, **changes: Any) -> ProposeResult:
    request = {"tenant_id": str(shop), **ORDER, **changes}
    return await propose(backends, request, actor=AGENT, clock=clock)


async def written(backends: Backends, shop: UUID) -> int:
    return len(await backends.outbox.list_envelopes(shop, status=None, limit=10))


async def test_a_proposal_becomes_a_pending_envelope_pinned_to_the_newest_version(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    proposed = await ask(backends, clock, shop)
    e = proposed.envelope
    assert (proposed.created, e.status, e.tool_version, e.risk, e.next_run_at) == (
        True, Status.PENDING, "2", Risk.MEDIUM, clock.now,
    )  # fmt: skip
    assert {v.decision for v in proposed.verdicts} == {Decision.ALLOW}


async def test_proposing_the_same_key_again_returns_the_same_envelope(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    first, again = await ask(backends, clock, shop), await ask(backends, clock, shop)
    assert (again.created, again.envelope.id, await written(backends, shop)) == (False, first.envelope.id, 1)


async def test_the_same_key_for_another_call_is_a_conflict_that_names_it(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    await ask(backends, clock, shop)
    with pytest.raises(StateConflict, match=r"external_id: .*order-1.*use a new external_id"):
        await ask(backends, clock, shop, arguments={"sku": "nut"})
    assert await written(backends, shop) == 1


async def test_a_proposer_may_raise_the_risk_and_never_lower_it(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    lowered = await ask(backends, clock, shop, risk="low")
    raised = await ask(backends, clock, shop, risk="high", external_id="order-2")
    assert (lowered.envelope.risk, raised.envelope.risk) == (Risk.MEDIUM, Risk.HIGH)


async def test_a_proposal_returns_the_early_verdicts_of_the_guardrails(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    await backends.guardrails.save(GuardrailSettings(tenant_id=shop, trust_threshold=0.7), actor=operator("olga"))
    verdicts = {v.guardrail: v.decision for v in (await ask(backends, clock, shop)).verdicts}
    assert verdicts["trust"] is Decision.NEEDS_APPROVAL


async def test_the_traceparent_is_stored_in_the_metadata(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    request = {"tenant_id": str(shop), **ORDER, "metadata": {"thread": "t-1"}}
    proposed = await propose(backends, request, actor=AGENT, clock=clock, traceparent=trace)
    assert proposed.envelope.metadata == {"thread": "t-1", "traceparent": trace}


DEEP: list[Any] = []
for _ in range(150):
    DEEP = [DEEP]


MALFORMED: list[tuple[dict[str, Any], str]] = [
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
    ({"arguments": {"sku": "nul\x00"}}, "arguments.sku"),
    ({"arguments": {"sku": "half \ud83d"}}, "arguments.sku"),
    ({"arguments": {"sku": "bolt", "weight": float("nan")}}, "arguments.weight"),
    ({"arguments": {"sku": "bolt", "serial": 2**70}}, "arguments.serial"),
    ({"arguments": {"sku": "x" * 65_536}}, "arguments"),
    ({"arguments": {"sku": "bolt", "deep": DEEP}}, "arguments.deep"),
    ({"metadata": {"note": "x" * 70_000}}, "metadata"),
    ({"trust_context": {"why": "\x00"}}, "trust_context.why"),
]
UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"arguments": {}}, "arguments"),
    ({"arguments": {"sku": 7}}, "arguments.sku"),
    ({"arguments": {"sku": "bolt", "quantity": 0}}, "arguments.quantity"),
    ({"metadata": {"ordering_key": 5}}, "metadata.ordering_key"),
]
"""Rules that only proposals have: the tool's schema, and a key that must be a text."""


@pytest.mark.parametrize(("changes", "field"), [*MALFORMED, *UNFIT])
async def test_a_malformed_field_is_refused_by_name_and_nothing_is_written(
    backends: Backends, clock: FakeClock, shop: UUID, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ask(backends, clock, shop, **changes)
    assert refused.value.field.startswith(field)
    assert "\n" not in str(refused.value)
    assert await written(backends, shop) == 0


async def test_a_time_without_an_offset_is_refused_with_the_remedy(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
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
async def test_a_missing_tenant_tool_or_account_is_named(
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
async def test_a_schema_that_cannot_be_applied_is_reported_as_the_tools_fault_and_fetches_nothing(
    backends: Backends, clock: FakeClock, shop: UUID, schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a schema from outside made us fetch something")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    await backends.catalog.save(
        [a_tool(tenant_id=shop, tool_slug="ORDERS__create", version="3", schema=schema)], actor=operator("olga")
    )
    with pytest.raises(ControlPlaneError, match="the catalog's schema of ORDERS__create"):
        await ask(backends, clock, shop)
    assert await written(backends, shop) == 0


async def refusal(backends: Backends, clock: FakeClock, request: dict[str, Any]) -> list[str]:
    """The problems of the refused proposal."""
    with pytest.raises(InvalidInput) as refused:
        await propose(backends, request, actor=AGENT, clock=clock)
    assert "\n" not in str(refused.value)
    return str(refused.value).split("; ")


async def test_a_tenant_that_is_no_uuid_is_refused(backends: Backends, clock: FakeClock) -> None:
    for tenant in (5, "acme", None):
        problems = await refusal(backends, clock, {**ORDER, "tenant_id": tenant, "external_id": "1"})
        assert problems == ["tenant_id: must be a UUID"]


async def test_all_problems_are_named_in_one_refusal(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    request = {
        "tenant_id": str(shop), "slug": "ORDERS__create", "tool_slug": "ORDERS__create", "external_id": "",
        "risk": "none", "not_before": "2026-12-24T18:00:00", "metadata": {"ordering_key": 5, "note": "\x00"},
        "arguments": {"quantity": 0, "weights": [1, Decimal("0.1000000000000000055")], "token": "S3CRET"},
    }  # fmt: skip
    assert await refusal(backends, clock, request) == [
        "risk: must be 'low', 'medium' or 'high'",
        "external_id: must have at least 1 character",
        "not_before: has no time zone",
        "write an offset, such as 2026-12-24T18:00:00+01:00",
        "slug: is not a field of an envelope (did you mean tool_slug?)",
        "arguments.weights[1]: is a number that a 64-bit float cannot keep exactly",
        "send it as a string",
        "metadata.note: contains a NUL character, which PostgreSQL cannot store",
        "remove it",
        "metadata.ordering_key: must be a string of 1 to 255 characters",
        "arguments: 'sku' is a required property",
        "arguments.quantity: breaks minimum 1",
        'arguments.token: breaks pattern "^[a-z]+$"',
    ]
    assert await written(backends, shop) == 0


PROBLEMS: dict[str, dict[str, Any]] = {
    "envelope_id": {"envelope_id": "7"},
    "tenant_id": {"tenant_id": "acme"},
    "tool_version": {"tool_version": "9"},
    "arguments": {"arguments": {"quantity": 1}},
    "connected_account_id": {"connected_account_id": 7},
    "risk": {"risk": "none"},
    "external_id": {"external_id": "a\x00b"},
    "trust_context": {"trust_context": {"score": float("nan")}},
    "metadata": {"metadata": {"note": "\ud83d"}},
    "not_before": {"not_before": "soon"},
    "must_run_before": {"must_run_before": "9999-01-01T00:00:00Z"},
    "surprise": {"surprise": 1},
}


@pytest.mark.parametrize(
    ("one", "other"), [pair for pair in itertools.combinations(PROBLEMS, 2) if pair != ("tool_version", "arguments")]
)
async def test_any_two_invalid_fields_are_both_named(
    memory_backends: Backends, clock: FakeClock, one: str, other: str
) -> None:
    tenant = Tenant(id=uuid4(), name="acme")
    await memory_backends.tenants.save(tenant, actor=operator("olga"))
    await memory_backends.catalog.save(
        [a_tool(tenant_id=tenant.id, tool_slug="ORDERS__create", version="1", schema=SCHEMA)], actor=operator("olga")
    )
    request = {"tenant_id": str(tenant.id), **ORDER, **PROBLEMS[one], **PROBLEMS[other]}
    problems = await refusal(memory_backends, clock, request)
    named = {problem.partition(":")[0].partition(".")[0] for problem in problems}
    wanted = {"tool_slug" if name == "tool_version" else name for name in (one, other)}
    if "tenant_id" in wanted:  # without a tenant there is no catalog in which the tool could be
        wanted -= {"tool_slug", "arguments"}
    assert wanted <= named


@pytest.mark.parametrize(
    ("written_as", "field"),
    [
        ("args", "arguments"), ("params", "arguments"), ("parameters", "arguments"), ("input", "arguments"),
        ("Arguments", "arguments"), ("argumnets", "arguments"), ("slug", "tool_slug"), ("tool", "tool_slug"),
        ("name", "tool_slug"), ("toolSlug", "tool_slug"), ("tool-slug", "tool_slug"), ("function", "tool_slug"),
        ("idempotency_key", "external_id"), ("idempotencyKey", "external_id"), ("key", "external_id"),
        ("externalId", "external_id"), ("tenant", "tenant_id"), ("org_id", "tenant_id"), ("tenantId", "tenant_id"),
        ("account", "connected_account_id"), ("connectedAccountId", "connected_account_id"),
        ("id", "envelope_id"), ("version", "tool_version"), ("meta", "metadata"), ("trust", "trust_context"),
        ("run_at", "not_before"), ("deadline", "must_run_before"), ("mustRunBefore", "must_run_before"),
        ("risk_level", "risk"),
    ],
)  # fmt: skip
async def test_a_similar_field_name_is_refused_with_the_right_one(
    memory_backends: Backends, clock: FakeClock, written_as: str, field: str
) -> None:
    problems = await refusal(memory_backends, clock, {written_as: 1})
    assert f"{written_as}: is not a field of an envelope (did you mean {field}?)" in problems


@pytest.mark.parametrize("unknown", ["surprise", "zzz", "", "x" * 5_000, "a\nb", "\x00"])
async def test_an_unknown_field_is_named_without_a_guess(
    memory_backends: Backends, clock: FakeClock, unknown: str
) -> None:
    problems = await refusal(memory_backends, clock, {unknown: 1})
    assert problems[-1].endswith("is not a field of an envelope")
    assert len(problems[-1]) < 100


async def test_problems_beyond_what_a_line_holds_are_counted(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    problems = await refusal(
        backends, clock, {"tenant_id": str(shop), **ORDER, "metadata": {f"n{i}": float("inf") for i in range(50)}}
    )
    assert problems[19:] == ["metadata.n19: is not a finite number, which JSON cannot write", "envelope: and 30 more"]


async def test_at_most_twenty_schema_violations_are_named(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    schema = {"additionalProperties": {"type": "string"}}
    await backends.catalog.save(
        [a_tool(tenant_id=shop, tool_slug="ORDERS__create", version="3", schema=schema)], actor=operator("olga")
    )
    request = {"tenant_id": str(shop), **ORDER, "arguments": {f"n{i}": i for i in range(10, 60)}}
    assert await refusal(backends, clock, request) == [
        *(f"arguments.n{i}: must be of type string" for i in range(10, 30)), "envelope: and 30 more",
    ]  # fmt: skip


async def test_an_unknown_tool_is_named_with_all_other_problems(
    backends: Backends, clock: FakeClock, shop: UUID
) -> None:
    request = {"tenant_id": str(shop), **ORDER, "tool_slug": "NO__tool", "risk": "none"}
    problems = await refusal(backends, clock, request)
    assert [problem.partition(":")[0] for problem in problems[:2]] == ["risk", "tool_slug"]


@pytest.mark.parametrize("request_", [None, 5, "text", []])
async def test_a_proposal_that_is_no_json_object_is_refused(
    backends: Backends, clock: FakeClock, request_: Any
) -> None:
    assert await refusal(backends, clock, request_) == ["envelope: must be an object"]
