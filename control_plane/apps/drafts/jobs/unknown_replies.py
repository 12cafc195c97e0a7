"""Look in our own mailboxes for copies of replies whose delivery is unknown. A copy proves that a reply was sent."""

import asyncio
from datetime import timedelta

from control_plane.apps.drafts.channels.mailboxes import read_mail_settings
from control_plane.apps.drafts.resolve_unknown_replies import find_unknown_replies, resolve_unknown_replies
from control_plane.apps.drafts.store.mailboxes import UnknownReply
from control_plane.jobs import Job, JobContext, JobReport, log_bug
from services.errors import ControlPlaneError
from services.untrusted import one_line

LOOK_WITHIN = timedelta(minutes=2)
"""How long a run searches one mailbox."""


async def is_needed(context: JobContext) -> bool:
    """Whether there is an unknown reply of which a mailbox may have a copy."""
    mailboxes = read_mail_settings().mailboxes
    if context.backends.functions is None or not mailboxes:
        return False
    return bool(await find_unknown_replies(context.backends, mailboxes, context.tenant))


async def run(context: JobContext) -> JobReport:
    """Search each mailbox that may have a copy of an unknown reply, all at the same time."""
    mailboxes = read_mail_settings().mailboxes
    unknown = await find_unknown_replies(context.backends, mailboxes, context.tenant)
    sent, problems = 0, list[str]()

    async def look(name: str, replies: list[UnknownReply]) -> None:
        nonlocal sent
        try:
            async with asyncio.timeout(LOOK_WITHIN.total_seconds()):
                async for _ in resolve_unknown_replies(
                    context.backends, name, mailboxes[name], replies, actor=JOB.actor
                ):
                    sent += 1
        except TimeoutError:
            problems.append(f"{name}: the mailbox is slow; the next run goes on")
        except ControlPlaneError as exc:
            problems.append(f"{name}: {exc}")
        except Exception as exc:  # a bug that depends on one mailbox must not stop the others
            problems.append(f"{name}: {log_bug(exc, mailbox=name)}")

    await asyncio.gather(*(look(name, replies) for name, replies in unknown.items()))
    counts = {"unknown": sum(map(len, unknown.values())), "sent": sent}
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)


JOB = Job(
    name="unknown_replies",
    description="finds out whether replies without an answer were sent",
    every=timedelta(minutes=1),
    run=run,
    is_needed=is_needed,
)
