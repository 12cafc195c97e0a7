"""`python -m control_plane drafts approve`, `edit`, `reject`: decide about a draft."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.apps.drafts.commands.options import DraftId, TakeOver, read_draft
from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.values import DecidedDraft, DraftDecision, RejectionCode
from control_plane.cli.options import AsJson, By, Reason, Tenant, backends, operator
from control_plane.cli.output import show_json
from control_plane.settings import read_settings
from services.errors import InvalidInput
from services.process.terminal import run_async

app = typer.Typer()
MAX_BYTES = 256 * 1024

Digest = Annotated[
    str | None, typer.Option(help="Decide only if the draft still has this digest, as `show` prints it.")
]
Recipient = Annotated[
    str | None,
    typer.Option("--recipient", help="The address of the reply, if it has to be confirmed: see `show`."),
]


@app.command(epilog="Example: python -m control_plane drafts approve DRAFT --tenant UUID")
def approve(
    draft: DraftId,
    tenant: Tenant,
    *,
    digest: Digest = None,
    recipient: Recipient = None,
    take_over: TakeOver = False,
    reason: Reason = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Send the draft as it is: the reply goes into the outbox, and guardrails judge it."""
    _decide(
        draft, tenant, by, as_json=as_json, decision=DraftDecision.APPROVE, digest=digest, reason=reason,
        confirmed_recipient=recipient, take_over=take_over,
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane drafts edit DRAFT --file reply.txt --tenant UUID")
def edit(
    draft: DraftId,
    tenant: Tenant,
    *,
    file: Annotated[str, typer.Option(help="The file with the text that is sent instead; - for stdin.")],
    digest: Digest = None,
    recipient: Recipient = None,
    take_over: TakeOver = False,
    reason: Reason = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Send another text instead of the draft. The drafter learns from the difference."""
    _decide(
        draft, tenant, by, as_json=as_json, decision=DraftDecision.EDIT, text=_read_text(file), digest=digest,
        reason=reason, confirmed_recipient=recipient, take_over=take_over,
    )  # fmt: skip


@app.command(epilog="Example: python -m control_plane drafts reject DRAFT tone --tenant UUID")
def reject(
    draft: DraftId,
    code: Annotated[RejectionCode, typer.Argument(help="The rejection code, one word.")],
    tenant: Tenant,
    *,
    digest: Digest = None,
    take_over: TakeOver = False,
    reason: Reason = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Reject the draft: it is never sent."""
    _decide(
        draft, tenant, by, as_json=as_json, decision=DraftDecision.REJECT, code=code, digest=digest, reason=reason,
        take_over=take_over,
    )  # fmt: skip


def _decide(draft: UUID, tenant: UUID, by: str, *, as_json: bool, digest: str | None, **options: Any) -> None:
    """Approve, edit or reject a draft, as `options` say, and print the result."""
    settings = read_settings()

    async def decide_with_options() -> DecidedDraft:
        async with backends() as services:
            shown = await read_draft(services, tenant, draft)
            return await decide_draft(
                services, tenant, draft, version=shown.version, digest=digest or shown.digest, actor=operator(by),
                webhook_key=settings.webhook_key_text, **options,
            )  # fmt: skip

    decided = run_async(decide_with_options())
    if as_json:
        show_json(decided)
    elif decided.envelope_id is None:
        print(f"rejected {decided.draft_id}")
    else:
        print(f"approved {decided.draft_id}; envelope {decided.envelope_id}")


def _read_text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else _read_file(Path(file))
        text = raw.decode("utf-8")
    except OSError as exc:
        raise InvalidInput("--file", f"cannot be read ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInput("--file", "is not UTF-8") from exc
    if len(raw) > MAX_BYTES:
        raise InvalidInput("--file", f"is larger than {MAX_BYTES:,} bytes")
    if not text.strip():
        raise InvalidInput("--file", "is empty")
    return text.removesuffix("\n")


def _read_file(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)
