"""Versions of the prompt, their evaluations, and the rules of topics in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from control_plane.apps.drafts.gate.automatic import AutomaticDecision, Candidate
from services.backends.functions import Functions, by
from services.envelope import Actor

Mode = Literal["off", "shadow", "automatic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """A version of a tenant's instructions for models."""

    version: str
    instructions: str
    status: Literal["candidate", "active", "retired"]
    created_by: str
    created_at: datetime
    activated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The result of an evaluation: a prompt version and a model, compared with a baseline."""

    id: UUID
    prompt_version: str
    model_key: str
    baseline: Mapping[str, str]
    cases: int
    passed: int
    baseline_passed: int
    worse: int
    better: int
    is_worse: bool
    report: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRule:
    """Who approves the drafts of a topic, and how many of the last 50 decided drafts were sent unedited."""

    topic: str
    mode: Mode
    decided: int
    unedited: int


class GateStore:
    """Reads and changes the prompts, evaluations, topic rules and budget of one tenant, as this actor."""

    def __init__(self, functions: Functions, tenant_id: UUID, actor: Actor) -> None:
        self._functions = functions
        self._caller = {"tenant": tenant_id, **by(actor)}

    async def save_prompt(self, version: str, instructions: str) -> PromptVersion:
        """Store a candidate. Raises StateConflict if the version has other instructions."""
        return _prompt_from_row(await self._call_as_actor("save_prompt", version=version, instructions=instructions))

    async def prompts(self) -> list[PromptVersion]:
        """The newest versions, the newest first."""
        return [_prompt_from_row(row) for row in await self._call("list_prompts")]

    async def activate_prompt(self, version: str) -> PromptVersion:
        """Use this version from now on. Raises StateConflict unless an evaluation found that it is not worse."""
        return _prompt_from_row(await self._call_as_actor("activate_prompt", version=version))

    async def record_evaluation(self, result: Mapping[str, Any]) -> Evaluation:
        """Store a result: see `db/functions/drafts/record_evaluation.sql`."""
        return _evaluation_from_row(await self._call_as_actor("record_evaluation", result=dict(result)))

    async def evaluations(self, version: str | None = None, *, limit: int = 50) -> list[Evaluation]:
        """The newest evaluations, the newest first."""
        rows = await self._call("list_evaluations", version=version, max_evaluations=limit)
        return [_evaluation_from_row(row) for row in rows]

    async def set_topic_rule(self, topic: str, mode: Mode) -> TopicRule:
        """Change who approves the drafts of a topic. Raises StateConflict if it does not qualify for the automatic mode
        yet."""
        return _topic_from_row(await self._call_as_actor("set_topic_rule", topic=topic, mode=mode))

    async def topic_rules(self) -> list[TopicRule]:
        """The topics with a rule, by name."""
        return [_topic_from_row(row) for row in await self._call("list_topic_rules")]

    async def candidates(self, *, limit: int = 100) -> list[Candidate]:
        """Drafts about which the application has not decided yet, in topics in shadow or automatic mode."""
        rows = await self._call("list_automatic_candidates", max_drafts=limit)
        return [
            Candidate(
                draft_id=UUID(row["draft_id"]), conversation_id=UUID(row["conversation_id"]), version=row["version"],
                digest=row["digest"], topic=row["topic"], confidence=row["confidence"], sources=row["sources"],
                has_other_recipient=row["has_other_recipient"], is_answer_to_newest=row["is_answer_to_newest"],
                was_answered_automatically=row["was_answered_automatically"], instruction=row["instruction"],
            )
            for row in rows
        ]  # fmt: skip

    async def record_decision(self, draft_id: UUID, decision: AutomaticDecision) -> bool:
        """Store the decision. Returns whether the application is to approve the draft now."""
        answer = await self._call_as_actor(
            "record_automatic_decision", draft=draft_id, would_approve=decision.would_approve,
            is_sample=decision.is_sample, reason=decision.reason,
        )  # fmt: skip
        return bool(answer["approve"])

    async def set_budget(self, monthly_usd: Decimal | None) -> None:
        """Set what models may cost in a month; None: the operator's default."""
        await self._call_as_actor("set_budget", monthly_usd=monthly_usd)

    async def _call_as_actor(self, name: str, **arguments: object) -> Any:
        return await self._call(name, **arguments, as_of=self._functions.as_of())

    async def _call(self, name: str, **arguments: object) -> Any:
        return await self._functions.call(f"drafts.{name}", **arguments, **self._caller)


def _prompt_from_row(row: Mapping[str, Any]) -> PromptVersion:
    return PromptVersion(
        version=row["version"], instructions=row["instructions"], status=row["status"], created_by=row["created_by"],
        created_at=datetime.fromisoformat(row["created_at"]),
        activated_at=None if row["activated_at"] is None else datetime.fromisoformat(row["activated_at"]),
    )  # fmt: skip


def _evaluation_from_row(row: Mapping[str, Any]) -> Evaluation:
    return Evaluation(
        id=UUID(row["id"]), prompt_version=row["prompt_version"], model_key=row["model_key"], baseline=row["baseline"],
        cases=row["cases"], passed=row["passed"], baseline_passed=row["baseline_passed"], worse=row["worse"],
        better=row["better"], is_worse=row["is_worse"], report=row["report"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )  # fmt: skip


def _topic_from_row(row: Mapping[str, Any]) -> TopicRule:
    return TopicRule(topic=row["topic"], mode=row["mode"], decided=row["decided"], unedited=row["unedited"])
