"""Read new mail in the mailboxes of the settings. Each mail becomes a message of its conversation."""

import asyncio
from collections import Counter
from datetime import timedelta

from control_plane.apps.drafts.channels.mailboxes import Mailbox, read_mail_settings
from control_plane.apps.drafts.receive_mail import receive_mail
from control_plane.apps.drafts.resolve_unknown_replies import settle_as_sent
from control_plane.jobs import Job, JobContext, JobReport, log_bug
from services.clock import utc_now
from services.errors import ControlPlaneError
from services.untrusted import one_line


async def is_needed(context: JobContext) -> bool:
    """Whether there are mailboxes, and a database."""
    return context.backends.functions is not None and bool(_mailboxes(context))


async def run(context: JobContext) -> JobReport:
    """Read all mailboxes at once. One that cannot be reached does not delay the others."""
    settings = read_mail_settings()
    key = None if settings.webhook_key is None else settings.webhook_key.get_secret_value()
    counts: Counter[str] = Counter(received=0, repeated=0, refused=0)
    problems: list[str] = []

    async def read(name: str, mailbox: Mailbox) -> None:
        try:
            done = await receive_mail(context.backends, name, mailbox, key=key, now=utc_now(), actor=JOB.actor)
            counts.update(received=done.received, repeated=done.repeated, refused=done.refused)
            for envelope in done.unknown_replies:
                await settle_as_sent(context.backends, mailbox.tenant_id, envelope, mailbox.folder, actor=JOB.actor)
        except ControlPlaneError as exc:
            problems.append(f"{name}: {exc}")
        except Exception as exc:  # a bug that depends on one mailbox must not stop the others
            problems.append(f"{name}: {log_bug(exc, mailbox=name)}")

    await asyncio.gather(*(read(name, mailbox) for name, mailbox in _mailboxes(context).items()))
    return JobReport(counts=counts, problem=one_line("; ".join(problems)) or None)


def _mailboxes(context: JobContext) -> dict[str, Mailbox]:
    """The mailboxes that this run reads."""
    found = read_mail_settings().mailboxes
    return {name: mailbox for name, mailbox in found.items() if context.tenant in {None, mailbox.tenant_id}}


JOB = Job(
    name="receive_mail",
    description="reads what is new in the mailboxes",
    every=timedelta(seconds=30),
    run=run,
    is_needed=is_needed,
)
