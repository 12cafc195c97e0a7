"""A prompt version is used only after an evaluation against the active one that found it not worse."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.drafts.drafter.openai import ModelAccount, ModelCall
from control_plane.apps.drafts.drafter.prompt import Prompt
from control_plane.apps.drafts.store.gate import GateStore
from control_plane.apps.drafts.store.model_accounts import DatabaseModelAccounts
from services.backends import Access
from services.backends.functions import Functions
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.control_plane.apps.drafts.rows import Rows, rows_of

OPERATOR = Actor(type=ActorType.OPERATOR, id="ada", door=Door.CLI)


@pytest.fixture
def gate(functions: Functions, rows: Rows) -> GateStore:
    return GateStore(functions, rows.tenant, OPERATOR)


def a_result(version: str, **changes: Any) -> dict[str, Any]:
    return {
        "prompt_version": version, "model_key": "m", "baseline": {"prompt_version": "default", "model_key": "m"},
        "cases": 3, "passed": 3, "baseline_passed": 3, "worse": 0, "better": 0, "is_worse": False,
        "report": {"worse": []}, **changes,
    }  # fmt: skip


async def test_a_version_that_is_not_worse_replaces_the_active_one(gate: GateStore) -> None:
    await gate.save_prompt("v1", "Be kind.")
    await gate.record_evaluation(a_result("v1"))
    await gate.activate_prompt("v1")
    await gate.save_prompt("v2", "Be brief.")
    await gate.record_evaluation(a_result("v2", baseline={"prompt_version": "v1", "model_key": "m"}))
    assert (await gate.activate_prompt("v2")).status == "active"
    assert {each.version: each.status for each in await gate.prompts()} == {"v1": "retired", "v2": "active"}
    assert (await gate.activate_prompt("v1")).status == "active"  # the version that was in use may return at once


@pytest.mark.parametrize(
    ("results", "problem"),
    [
        ([], "version v1 has not been evaluated"),
        ([a_result("v1"), a_result("v1", worse=2, better=1, is_worse=True)],
         "version v1 is worse than default: 2 of 3 cases became worse, 1 better"),
        ([a_result("v1", cases=0, passed=0, baseline_passed=0)],
         "the evaluation of version v1 had no cases; import goldens first"),
        ([a_result("v1", baseline={"prompt_version": "v0", "model_key": "m"})],
         "version v1 was compared with v0, but default is active; evaluate it again"),
    ],
)  # fmt: skip
async def test_the_gate_stays_shut(gate: GateStore, results: list[dict[str, Any]], problem: str) -> None:
    await gate.save_prompt("v1", "Be kind.")
    for result in results:
        await gate.record_evaluation(result)
    with pytest.raises(StateConflict) as caught:
        await gate.activate_prompt("v1")
    assert str(caught.value) == f"prompt: {problem}"
    assert [each.status for each in await gate.prompts()] == ["candidate"]


async def test_a_version_never_changes(gate: GateStore) -> None:
    saved = await gate.save_prompt("v1", "Be kind.")
    assert await gate.save_prompt("v1", "Be kind.") == saved
    with pytest.raises(StateConflict, match=r"^version: v1 exists with other instructions$"):
        await gate.save_prompt("v1", "Be rude.")


@pytest.mark.parametrize("version", ["", "a b", "default", "é", "x" * 101])
async def test_a_version_has_a_plain_name(gate: GateStore, version: str) -> None:
    with pytest.raises(InvalidInput, match=r"^version: "):
        await gate.save_prompt(version, "Be kind.")


async def test_an_unknown_version_is_not_activated(gate: GateStore) -> None:
    with pytest.raises(NotFound, match=r"^prompt: no version v9$"):
        await gate.activate_prompt("v9")


async def test_owners_change_prompts_and_nobody_of_a_tenant_writes_an_evaluation(access: Access, rows: Rows) -> None:
    def as_user(role: str) -> GateStore:
        claims = {"tenant_id": str(rows.tenant), "sub": "maria", "role": "authenticated", "tenant_role": role}
        functions = access.as_tenant(rows.tenant, claims, "api", None).functions
        assert functions is not None
        return GateStore(functions, rows.tenant, OPERATOR)

    await as_user("owner").save_prompt("v1", "Be kind.")
    assert [each.created_by for each in await as_user("member").prompts()] == ["maria"]
    with pytest.raises(NotAllowed):
        await as_user("reviewer").save_prompt("v2", "Be kind.")
    with pytest.raises(NotAllowed):
        await as_user("owner").record_evaluation(a_result("v1"))
    with pytest.raises(NotAllowed):
        await as_user("owner").set_budget(Decimal(100))


async def test_a_tenant_sees_and_activates_its_own_versions_only(
    functions: Functions, gate: GateStore, database_url: str
) -> None:
    await gate.save_prompt("v1", "Be kind.")
    with rows_of(database_url, "other") as other:
        others = GateStore(functions, other.tenant, OPERATOR)
        assert await others.prompts() == []
        with pytest.raises(NotFound):
            await others.activate_prompt("v1")


async def test_calls_of_a_month_are_summed_and_meet_the_budget(
    functions: Functions, gate: GateStore, rows: Rows
) -> None:
    accounts = DatabaseModelAccounts(functions, OPERATOR, default_budget_usd=Decimal(20))
    prompt = Prompt(version="default", instructions="")
    nothing = ModelAccount(prompt=prompt, budget_usd=Decimal(20), spent_usd=Decimal(0))
    assert await accounts.read(rows.tenant) == nothing
    conversation, _ = rows.conversation()
    call = ModelCall(
        tenant_id=rows.tenant, conversation_id=conversation, model_key="m", prompt_version="default", input_tokens=10,
        output_tokens=5, cost_usd=Decimal("0.25"), failure=None,
    )  # fmt: skip
    await accounts.record(call)
    await accounts.record(call)
    await gate.set_budget(Decimal("0.4"))
    assert await accounts.read(rows.tenant) == ModelAccount(
        prompt=prompt, budget_usd=Decimal("0.4"), spent_usd=Decimal("0.50")
    )  # fmt: skip
    rows.connection.execute("update drafts.spending set month = month - interval '1 month'")
    assert (await accounts.read(rows.tenant)).spent_usd == Decimal(0)
    (stored,) = rows.connection.execute("select array_agg(conversation_id) from drafts.model_calls").fetchone() or ()
    assert stored == [UUID(str(conversation))] * 2
