"""No change is lost if another one happens between its read and its write."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.backends import Backends
from services.errors import StateConflict
from services.guardrails import GuardrailSettings, Policy
from services.retry_on_conflict import MAX_TRIES
from services.set_guardrails import read_guardrails, set_guardrails
from services.set_objective import add_objective, change_objective, find_objective
from tests.use_cases.actors import MARIA, OLGA


class Overtaken:
    """A service that first answers its `read` as it was, so that a change by it is stale."""

    def __init__(self, service: Any, read: str, answers: list[Any]) -> None:
        self._service, self._read, self._answers = service, read, answers

    def __getattr__(self, name: str) -> Any:
        return self._answer if name == self._read and self._answers else getattr(self._service, name)

    async def _answer(self, _: object) -> Any:
        return self._answers.pop(0)


async def overtaken_guardrails(backends: Backends, tenant: UUID, *, times: int = 1) -> Backends:
    """Backends where Olga changed the threshold after Maria read the settings, so many times."""
    before: dict[UUID, Policy] = await backends.guardrails.policies([tenant])
    await set_guardrails(backends, tenant, {"trust_threshold": 0.9}, actor=OLGA)
    return replace(backends, guardrails=Overtaken(backends.guardrails, "policies", [before] * times))


async def test_two_changes_of_different_settings_both_stay(backends: Backends, tenant: UUID) -> None:
    overtaken = await overtaken_guardrails(backends, tenant)
    changed = await set_guardrails(overtaken, tenant, {"require_evidence": True}, actor=MARIA)
    assert (changed.trust_threshold, changed.require_evidence) == (0.9, True)


async def test_a_check_sees_what_the_change_replaces(backends: Backends, tenant: UUID) -> None:
    overtaken, seen = await overtaken_guardrails(backends, tenant), []

    def check(settings: GuardrailSettings) -> None:
        seen.append(settings.trust_threshold)
        if settings.trust_threshold == 0.9:
            raise ValueError("stale")

    with pytest.raises(ValueError, match="stale"):
        await set_guardrails(overtaken, tenant, {"require_evidence": True}, actor=MARIA, check=check)
    assert seen == [0.0, 0.9]
    assert not (await read_guardrails(backends, tenant)).require_evidence


async def test_a_change_that_is_overtaken_again_and_again_ends(backends: Backends, tenant: UUID) -> None:
    overtaken = await overtaken_guardrails(backends, tenant, times=MAX_TRIES)
    with pytest.raises(StateConflict):
        await set_guardrails(overtaken, tenant, {"require_evidence": True}, actor=MARIA)


async def test_two_changes_of_one_objective_both_stay(backends: Backends, tenant: UUID) -> None:
    added = await add_objective(backends, tenant, title="Answer", metric="hours", actor=OLGA)
    await change_objective(backends, tenant, added.id, {"target": "below 8"}, actor=OLGA)
    overtaken = replace(backends, objectives=Overtaken(backends.objectives, "list_objectives", [[added]]))

    changed = await change_objective(overtaken, tenant, added.id, {"horizon": "May"}, actor=MARIA)

    assert (changed.target, changed.horizon) == ("below 8", "May")
    assert await find_objective(backends, tenant, added.id) == changed
