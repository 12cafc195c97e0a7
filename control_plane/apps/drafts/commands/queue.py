"""`python -m control_plane drafts queue`, `show`: the drafts that wait for a person."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.drafts.commands.options import DraftId, read_draft
from control_plane.apps.drafts.store import drafts, functions_of
from control_plane.apps.drafts.values import Draft, QueuedDraft
from control_plane.cli.options import AsJson, Tenant, backends
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import printable, run_async
from services.untrusted import one_line

app = typer.Typer()


@app.command(epilog="Example: python -m control_plane drafts queue --tenant UUID")
def queue(
    tenant: Tenant,
    *,
    assignee: Annotated[UUID | None, typer.Option(help="Only the drafts of this user.")] = None,
    with_snoozed: Annotated[bool, typer.Option("--with-snoozed", help="Also drafts that are snoozed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of drafts.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the drafts that wait for a person, those that are due first at the top."""

    async def read() -> list[QueuedDraft]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await drafts.list_queue(
                functions_of(services), tenant, assignee=assignee, with_snoozed=with_snoozed, limit=limit
            )

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            d.id, f"due {d.due_at:%Y-%m-%d %H:%M} UTC", d.priority, one_line(d.customer_email or ""),
            one_line(d.subject or ""), (one_line(d.text_start), _draft_notes(d)),
        )
        for d in found
    ]  # fmt: skip
    show_lines(rows, empty="no drafts")


@app.command(epilog="Example: python -m control_plane drafts show DRAFT --tenant UUID")
def show(draft: DraftId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show a draft: the customer's last message, the reply as it would be sent, to whom, and its sources."""

    async def read() -> Draft:
        async with backends() as services:
            return await read_draft(services, tenant, draft)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    facts = {
        "draft": found.id, "status": found.status, "version": found.version, "digest": found.digest,
        "to": found.recipient, "subject": found.conversation.subject, "conversation": found.conversation_id,
        "model": f"{found.model_key}, prompt {found.prompt_version}", "confidence": found.confidence,
        "escalated": found.escalated_reason,
    }  # fmt: skip
    for name, value in facts.items():
        if value is not None:
            print(f"{name:<13} {printable(one_line(str(value)))}")
    for source in found.top_sources:
        print(f"{'source':<13} {printable(one_line(str(source.get('url'))))}")
    if found.last_message is not None:
        print(f"\n--- the customer wrote\n{_indented(found.last_message.body_text)}")
    print(f"\n--- the reply\n{_indented(found.text)}")
    for action in found.actions:
        print(f"\n{action.type} by {printable(action.user_name)} at {action.created_at:%Y-%m-%d %H:%M} UTC")


def _draft_notes(draft: QueuedDraft) -> str:
    notes = {
        "escalated": draft.escalated_at is not None,
        "assigned to " + (draft.assignee_name or ""): draft.assignee_name is not None,
        "answers go to another address: a person has to confirm it": draft.recipient_needs_confirmation,
    }
    return "; ".join(note for note, holds in notes.items() if holds)


def _indented(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
