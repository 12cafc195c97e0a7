"""Write the drafts of conversations whose customers have been silent for `quiet_seconds`."""

from collections import Counter
from datetime import timedelta

from control_plane.apps.drafts.request_drafts import request_drafts
from control_plane.apps.drafts.store import functions_of, tasks
from control_plane.jobs import Job, JobContext, JobReport
from services.untrusted import one_line


async def is_needed(context: JobContext) -> bool:
    """Whether a conversation needs a draft now."""
    if context.backends.functions is None:
        return False
    return await tasks.is_needed(functions_of(context.backends), context.tenant)


async def run(context: JobContext) -> JobReport:
    """Write drafts until none is needed."""
    from control_plane.apps.drafts.drafter.choose import open_drafter  # noqa: PLC0415  # loads the embeddings
    from control_plane.apps.drafts.drafter.settings import ModelSettings  # noqa: PLC0415

    counts: Counter[str] = Counter(drafted=0, abstained=0, moved_on=0, failed=0)
    problems: list[str] = []
    functions = functions_of(context.backends)
    async with open_drafter(functions, ModelSettings.read(), actor=JOB.actor) as drafter:
        while results := await request_drafts(context.backends, drafter, actor=JOB.actor, tenant=context.tenant):
            counts.update(result.end.value for result in results)
            problems += [f"conversation {r.conversation_id}: {r.problem}" for r in results if r.problem]
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="draft_writing",
    description="writes drafts for the conversations that wait for an answer",
    every=timedelta(seconds=5),
    run=run,
    is_needed=is_needed,
)
