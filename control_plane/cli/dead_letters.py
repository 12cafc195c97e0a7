"""`python -m control_plane dead-letters`: requeue or discard single dead letters."""

import sys
from typing import Annotated
from uuid import UUID

import typer

from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json
from control_plane.strict_json import parse_object
from services.envelope import Envelope
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Requeue a dead letter, also with other arguments, or discard it.")

EnvelopeId = Annotated[
    UUID,
    typer.Argument(metavar="ENVELOPE", help="Id of the dead letter, as `envelopes list --status failed` shows it."),
]


@app.command(
    epilog="""Example: python -m control_plane dead-letters requeue ENVELOPE --tenant UUID
    --edit '{"channel": "#general"}' --reason 'the channel was renamed'"""
)
def requeue(
    envelope: EnvelopeId,
    *,
    tenant: Tenant,
    edit: Annotated[
        str | None,
        typer.Option(
            help="Make the call with these arguments instead: a JSON object with all of them, or - for stdin."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="With --edit: your reason, for the audit log.")] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Requeue one dead letter, even if it is doubtful: check first whether its effect happened.

    Guardrails judge the call again, and an earlier approval does not hold. Its idempotency key stays the same: a tool
    that has accepted the earlier call may return the answer to that call.
    """
    from services.requeue import requeue_edited, requeue_one  # noqa: PLC0415  # loads a JSON Schema library

    arguments = None if edit is None else parse_object(sys.stdin.read() if edit == "-" else edit, name="--edit")

    async def requeue_letter() -> Envelope:
        async with backends() as services:
            if arguments is None:
                return await requeue_one(services, tenant, envelope, actor=operator(by))
            return await requeue_edited(services, tenant, envelope, arguments, actor=operator(by), reason=reason)

    _print_envelope(run_async(requeue_letter()), as_json=as_json)


@app.command(
    epilog="Example: python -m control_plane dead-letters discard ENVELOPE --tenant UUID --reason 'ordered by hand'"
)
def discard(
    envelope: EnvelopeId,
    tenant: Tenant,
    reason: Annotated[str, typer.Option("--reason", help="Your reason, for the audit log.")],
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """End one dead letter as cancelled. Its external_id stays used."""

    async def discard_letter() -> Envelope:
        async with backends() as services:
            return await services.outbox.discard(tenant, envelope, actor=operator(by), reason=reason)

    _print_envelope(run_async(discard_letter()), as_json=as_json)


def _print_envelope(envelope: Envelope, *, as_json: bool) -> None:
    if as_json:
        show_json(envelope)
    else:
        print(f"{envelope.id} is {envelope.status}")
