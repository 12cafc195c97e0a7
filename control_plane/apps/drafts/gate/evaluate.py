"""Write new drafts for goldens and past replies, and compare the results with the results of the active version."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from control_plane.apps.drafts.drafter import Abstained, Drafter, DraftRequest
from control_plane.apps.drafts.gate.cases import MAX_LISTED, Case, Comparison, Result, judge

AT_ONCE = 4
MAX_CASES = 500
"""The most cases whose results fit into the stored report."""


class NoDrafter:
    """The fallback in an evaluation: if the model fails, there is no draft, so that no other drafter is measured."""

    async def draft(self, _: DraftRequest) -> Abstained:
        return Abstained(reason="the model failed")


async def run_cases(drafter: Drafter, cases: Iterable[Case]) -> dict[str, Result]:
    """The results by the id of the case. Errors of the drafter are raised."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(case: Case) -> Result:
        async with slots:
            return judge(case, await drafter.draft(case.request))

    async with asyncio.TaskGroup() as group:
        tasks = {case.id: group.create_task(run(case)) for case in cases}
    return {case_id: task.result() for case_id, task in tasks.items()}


def report(comparison: Comparison, results: Mapping[str, Result]) -> dict[str, Any]:
    """The document that is stored: what became worse, and all results for the next comparison."""
    return {
        "worse": [{"case": key, "problems": list(problems)} for key, problems in comparison.worse[:MAX_LISTED]],
        "results": {
            key: [result.passed, None if result.similarity is None else round(result.similarity, 3)]
            for key, result in results.items()
        },
    }


def results_in(stored: Mapping[str, Any]) -> dict[str, Result]:
    """The results in a stored report."""
    return {
        key: Result(problems=() if passed else ("failed before",), similarity=similarity)
        for key, (passed, similarity) in stored.get("results", {}).items()
    }
