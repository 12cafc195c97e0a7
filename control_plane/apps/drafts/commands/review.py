"""`python -m control_plane drafts …`: what reviewers do before somebody decides."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.drafts.commands.options import Conversation, DraftId, TakeOver, read_draft
from control_plane.apps.drafts.regenerate_draft import regenerate_draft
from control_plane.apps.drafts.store import drafts, functions_of, messages
from control_plane.cli.options import By, Tenant, backends, operator
from services.backends import Backends
from services.process.terminal import run_async

app = typer.Typer()


@app.command(epilog="Example: python -m control_plane drafts regenerate DRAFT --instruction shorter --tenant UUID")
def regenerate(
    draft: DraftId,
    tenant: Tenant,
    *,
    instruction: Annotated[str | None, typer.Option(help="What the drafter should do.")] = None,
    take_over: TakeOver = False,
    by: By = "operator",
) -> None:
    """Have the draft written again. An edited draft stays beside the new one."""

    async def change(services: Backends) -> None:
        shown = await read_draft(services, tenant, draft)
        await regenerate_draft(
            services, tenant, draft, version=shown.version, instruction=instruction, take_over=take_over,
            actor=operator(by),
        )  # fmt: skip

    _run_change(change)
    print(f"asked for another draft instead of {draft}")


@app.command(epilog="Example: python -m control_plane drafts escalate DRAFT 'wants a refund' --tenant UUID")
def escalate(
    draft: DraftId,
    reason: Annotated[str, typer.Argument(help="Why an admin has to decide.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Hand the draft to the admins: from now on only they edit it or decide."""
    _run_change(lambda services: drafts.escalate(functions_of(services), tenant, draft, reason, actor=operator(by)))
    print(f"escalated {draft}")


@app.command(epilog="Example: python -m control_plane drafts assign DRAFT USER --tenant UUID")
def assign(
    draft: DraftId,
    user: Annotated[UUID, typer.Argument(help="Id of the user.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Give the draft to a user, who is notified."""
    _run_change(lambda services: drafts.assign(functions_of(services), tenant, draft, user, actor=operator(by)))
    print(f"assigned {draft}")


@app.command(epilog="Example: python -m control_plane drafts snooze DRAFT 2027-01-04T09:00 --tenant UUID")
def snooze(
    draft: DraftId,
    until: Annotated[
        datetime, typer.Argument(help="Until when, in UTC.", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    ],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Leave the draft out of the queue until a time."""
    moment = until.replace(tzinfo=UTC)
    _run_change(lambda services: drafts.snooze(functions_of(services), tenant, draft, moment, actor=operator(by)))
    print(f"snoozed {draft} until {moment:%Y-%m-%d %H:%M} UTC")


@app.command(epilog="Example: python -m control_plane drafts note CONVERSATION 'called her' --tenant UUID")
def note(
    conversation: Conversation,
    text: Annotated[str, typer.Argument(help="The note.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Add a note for other reviewers to a conversation. It is never sent."""
    _run_change(
        lambda services: messages.add_note(functions_of(services), tenant, conversation, text, actor=operator(by))
    )
    print(f"noted in {conversation}")


def _run_change(change: Callable[[Backends], Awaitable[object]]) -> None:
    async def change_draft() -> None:
        async with backends() as services:
            await change(services)

    run_async(change_draft())
