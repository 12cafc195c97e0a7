"""`python -m control_plane envelopes`: propose a call, see what became of it, and step in."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.answers import as_document, backends, operator, parse, show_json, show_lines
from control_plane.remedies import next_step, with_remedy
from services.backends import Backends
from services.clock import utc_now
from services.envelope import Actor, ActorType, Door, Envelope, Status
from services.errors import ControlPlaneError
from services.list_envelopes import list_envelopes
from services.outbox import Resolution
from services.process.terminal import run_async

app = typer.Typer(no_args_is_help=True, help="Propose, list, explain, resolve and cancel envelopes.")

TenantId = Annotated[UUID, typer.Option("--tenant", help="Whose it is.")]
EnvelopeId = Annotated[UUID, typer.Argument(metavar="ENVELOPE", help="Its id.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who asks; the audit log names them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]


@app.command(
    epilog="""Example: python -m control_plane envelopes propose '{"tenant_id": "UUID", "tool_slug": "ORDERS__create",
    "arguments": {"sku": "bolt-m8", "quantity": 5}, "external_id": "order-17"}'"""
)
def propose(
    envelope: Annotated[str, typer.Argument(help="The envelope as JSON; `-` reads one per line from stdin.")],
    must_run_before: Annotated[
        str | None,
        typer.Option(help="Begin no call at this moment or later, where the envelope does not name one."),
    ] = None,
    by: By = "operator",
) -> None:
    """Put envelopes into the outbox; prints each as one JSON line, with what the guardrails would say now.

    The same external_id twice is the same envelope. A malformed one is refused and writes nothing; with `-` the others
    go on, and the exit code is 1.
    """
    defaults = {} if must_run_before is None else {"must_run_before": must_run_before}
    refused = run_async(_propose(envelope, defaults, Actor(type=ActorType.AGENT, id=by, door=Door.CLI)))
    if refused:
        raise typer.Exit(1)


@app.command("list", epilog="Example: python -m control_plane envelopes list --tenant UUID --status unknown")
def list_command(
    tenant: Annotated[UUID | None, typer.Option("--tenant", help="This tenant alone.")] = None,
    status: Annotated[Status | None, typer.Option("--status", help="In this state alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest envelopes; of dead letters (`failed`, `denied`) the oldest, which go back to the queue first."""

    async def ask() -> list[Envelope]:
        async with backends() as services:
            return await list_envelopes(services, tenant, status=status, limit=limit)

    envelopes = run_async(ask())
    if as_json:
        show_json(envelopes)
        return
    rows = [
        (
            e.id,
            f"{e.status} (doubtful)" if e.doubtful else e.status,
            e.tool_slug,
            e.external_id,
            f"attempts: {e.attempts}",
            (e.last_error, _deadline(e)),
        )
        for e in envelopes
    ]
    show_lines(rows, empty="no envelopes")


@app.command(epilog="Example: python -m control_plane envelopes explain ENVELOPE --tenant UUID")
def explain(envelope: EnvelopeId, tenant: TenantId, as_json: AsJson = False) -> None:
    """Why an envelope stands where it stands, until when, and what would let it go on."""
    from services.explain import explain as explained  # noqa: PLC0415  # guardrails load time zones

    async def ask() -> Any:
        async with backends() as services:
            return await explained(services, tenant, envelope, now=utc_now())

    story = run_async(ask())
    if as_json:
        show_json(story)
        return
    step = next_step(story)
    print(
        f"{story.envelope.tool_slug} ({story.envelope.external_id}) is {story.envelope.status}: {story.why}"
        + (f"; {step}" if step else "")
    )
    if (deadline := _deadline(story.envelope)) is not None:
        print(deadline)
    if story.next_run_at is not None:
        print(f"not before {story.next_run_at.isoformat(timespec='seconds')}")
    rows = [
        (v.guardrail, v.decision, v.reason + (f" (until {v.until.isoformat(timespec='seconds')})" if v.until else ""))
        for v in story.verdicts
    ]
    show_lines(rows, empty="it is over: no guardrail is asked any more")


@app.command(epilog="Example: python -m control_plane envelopes resolve ENVELOPE --tenant UUID --as success")
def resolve(
    envelope: EnvelopeId,
    tenant: TenantId,
    decision: Annotated[
        Resolution, typer.Option("--as", help="success (it happened), retry (it did not), failed (give up).")
    ],
    reason: str | None = None,
    by: By = "operator",
) -> None:
    """Say what became of an unknown call, after you have looked."""

    async def save() -> Envelope:
        async with backends() as services:
            return await services.outbox.resolve(tenant, envelope, decision=decision, actor=operator(by), reason=reason)

    print(f"{envelope} is {run_async(save()).status}")


@app.command(epilog="Example: python -m control_plane envelopes cancel ENVELOPE --tenant UUID --reason 'sold out'")
def cancel(envelope: EnvelopeId, tenant: TenantId, reason: str | None = None, by: By = "operator") -> None:
    """Take back an envelope that has not been executed."""

    async def save() -> Envelope:
        async with backends() as services:
            return await services.outbox.cancel(tenant, envelope, actor=operator(by), reason=reason)

    print(f"{envelope} is {run_async(save()).status}")


def _deadline(envelope: Envelope) -> str | None:
    moment = envelope.must_run_before
    return None if moment is None else f"must run before {moment.isoformat(timespec='seconds')}"


async def _propose(given: str, defaults: dict[str, Any], actor: Actor) -> int:
    refused = 0
    async with backends() as services:
        for number, text in _documents(given):
            try:
                document = {**defaults, **parse(text)}
                print(json.dumps(await _propose_one(services, document, actor)), flush=True)
            except ControlPlaneError as exc:
                if given != "-":
                    raise
                refused += 1
                sys.stderr.write(f"line {number}: {with_remedy(exc)}\n")
    return refused


async def _propose_one(services: Backends, document: dict[str, Any], actor: Actor) -> dict[str, Any]:
    from services.propose import propose as put  # noqa: PLC0415  # JSON Schema is for proposals alone

    # TRACEPARENT is how a caller's trace reaches a command line (OpenTelemetry, environment variables as carriers).
    proposed = await put(services, document, actor=actor, traceparent=os.environ.get("TRACEPARENT") or None)
    return {
        "envelope_id": str(proposed.envelope.id),
        "status": proposed.envelope.status.value,
        "created": proposed.created,
        "verdicts": as_document(proposed.verdicts),
    }


def _documents(given: str) -> Iterator[tuple[int, str]]:
    if given != "-":
        yield 1, given
        return
    for number, line in enumerate(sys.stdin, 1):
        if line.strip():
            yield number, line
