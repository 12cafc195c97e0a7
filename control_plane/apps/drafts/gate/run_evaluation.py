"""Evaluate a candidate: it and the drafter in use draft goldens and past replies of a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.drafter import Drafter, DraftRequest, HistoryMessage
from control_plane.apps.drafts.gate.cases import Case, Result, compare
from control_plane.apps.drafts.gate.evaluate import MAX_CASES, report, results_in, run_cases
from control_plane.apps.drafts.store.gate import Evaluation, GateStore
from services.backends.functions import Functions, by
from services.clock import utc_now
from services.envelope import Actor

GOLDENS = UUID(int=0)
"""The id to use as conversation for goldens, because a golden belongs to no conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDrafter:
    """A drafter, and the names under which its results are stored."""

    drafter: Drafter
    prompt_version: str
    model_key: str


async def run_evaluation(
    functions: Functions, tenant: UUID, candidate: NamedDrafter, baseline: NamedDrafter | None, *, actor: Actor
) -> Evaluation:
    """Draft at most MAX_CASES cases with both, compare, and store the result.

    Without a baseline, the candidate is compared with the stored results of the last evaluation of its version. This
    shows the effect of changed documents or of a changed model. Cases that are new since then are not compared; the
    first time, all cases are new.
    """
    gate = GateStore(functions, tenant, actor)
    cases = await read_cases(functions, tenant, actor=actor)
    results = await run_cases(candidate.drafter, cases.values())
    if baseline is not None:
        names = {"prompt_version": baseline.prompt_version, "model_key": baseline.model_key}
        before: Mapping[str, Result] = await run_cases(baseline.drafter, cases.values())
    else:
        last = next(iter(await gate.evaluations(candidate.prompt_version, limit=1)), None)
        names = {
            "prompt_version": candidate.prompt_version,
            "model_key": candidate.model_key if last is None else last.model_key,
        }
        before = results if last is None else results_in(last.report)
    compared = compare(cases, before, results)
    return await gate.record_evaluation(
        {
            "prompt_version": candidate.prompt_version,
            "model_key": candidate.model_key,
            "baseline": names,
            "cases": compared.cases,
            "passed": compared.passed,
            "baseline_passed": compared.baseline_passed,
            "worse": len(compared.worse),
            "better": compared.better,
            "is_worse": compared.is_worse,
            "report": report(compared, results),
        }
    )


async def read_cases(functions: Functions, tenant: UUID, *, actor: Actor) -> dict[str, Case]:
    """Goldens, then the newest replies that people sent, by the id of the case."""
    caller = {"tenant": tenant, **by(actor)}
    goldens = await functions.call("drafts.list_goldens", max_goldens=MAX_CASES, **caller)
    cases = [_case_of_golden(row, tenant) for row in goldens]
    if len(cases) < MAX_CASES:
        replies = await functions.call("drafts.list_approved_replies", max_replies=MAX_CASES - len(cases), **caller)
        cases += [_case_of_reply(row, tenant) for row in replies]
    return {case.id: case for case in cases}


def _case_of_golden(row: Mapping[str, Any], tenant: UUID) -> Case:
    request = DraftRequest(
        tenant_id=tenant,
        conversation_id=GOLDENS,
        channel_type="email",
        messages=(HistoryMessage(direction="inbound", text=row["question"], sent_at=utc_now()),),
    )
    return Case(
        id=f"golden:{row['external_id']}",
        kind="golden",
        request=request,
        must_include=tuple(row["must_include"]),
        must_cite=tuple(row["must_cite"]),
    )


def _case_of_reply(row: Mapping[str, Any], tenant: UUID) -> Case:
    asked_at = datetime.fromisoformat(row["asked_at"])
    request = DraftRequest(
        tenant_id=tenant,
        conversation_id=UUID(row["conversation_id"]),
        channel_type=row["channel_type"],
        subject=row["subject"],
        messages=(HistoryMessage(direction="inbound", text=row["question"], sent_at=asked_at),),
    )
    return Case(id=f"reply:{row['draft_id']}", kind="reply", request=request, sent=row["final"])
