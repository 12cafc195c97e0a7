"""`python -m control_plane envelopes`: propose, list, explain, resolve and cancel envelopes."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from control_plane.cli.options import AnyTenant, AsJson, By, Reason, Tenant, backends, operator, parse_time
from control_plane.cli.output import as_document, show_json, show_lines
from control_plane.remedies import next_step, with_remedy
from control_plane.strict_json import parse_object
from services.backends import Backends
from services.clock import utc_now
from services.envelope import Actor, ActorType, Door, Envelope, Status
from services.errors import ControlPlaneError
from services.list_envelopes import search_within
from services.outbox import Resolution
from services.outbox.lists import EnvelopeFilter
from services.process.terminal import run_async
from services.show_envelopes import show_envelope, show_envelopes

app = typer.Typer(no_args_is_help=True, help="Propose, list, explain, resolve and cancel envelopes.")

EnvelopeId = Annotated[UUID, typer.Argument(metavar="ENVELOPE", help="Id of the envelope.")]


@app.command(
    epilog="""Example: python -m control_plane envelopes propose '{"tenant_id": "UUID", "tool_slug": "ORDERS__create",
    "arguments": {"sku": "bolt-m8", "quantity": 5}, "external_id": "order-17"}'"""
)
def propose(
    envelope: Annotated[
        str, typer.Argument(help="The proposal as a JSON object, or - to read one per line from stdin.")
    ],
    must_run_before: Annotated[
        str | None,
        typer.Option(help="Deadline for proposals without one: no call begins at or after this time."),
    ] = None,
    by: By = "operator",
) -> None:
    """Propose envelopes. Prints each as one line of JSON, with the verdicts that the guardrails give now.

    Proposals with the same external_id are the same envelope. An invalid proposal is refused and writes nothing. With
    `-`, the other proposals are still read, and the exit code is 1.
    """
    defaults = {} if must_run_before is None else {"must_run_before": must_run_before}
    refused = run_async(_propose_all(envelope, defaults, Actor(type=ActorType.AGENT, id=by, door=Door.CLI)))
    if refused:
        raise typer.Exit(1)


@app.command(
    "dry-run",
    epilog="""Example: python -m control_plane envelopes dry-run '{"tenant_id": "UUID", "tool_slug": "ORDERS__create",
    "arguments": {"sku": "bolt-m8", "quantity": 5}, "external_id": "order-17"}'""",
)
def dry_run_command(
    envelope: Annotated[str, typer.Argument(help="The proposal as a JSON object.")],
    by: By = "operator",
) -> None:
    """Check and judge a proposal by the current rules, write nothing, and print verdicts and digest as JSON."""
    from services.dry_run import DryRun, dry_run  # noqa: PLC0415  # loads a JSON Schema library

    document, actor = parse_object(envelope), Actor(type=ActorType.AGENT, id=by, door=Door.CLI)

    async def judge_proposal() -> DryRun:
        async with backends() as services:
            return await dry_run(services, document, actor=actor, now=utc_now())

    show_json(run_async(judge_proposal()))


@app.command("list", epilog="Example: python -m control_plane envelopes list --tenant UUID --status unknown")
def list_command(
    *,
    tenant: AnyTenant = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only envelopes with this status.")] = None,
    tool: Annotated[str | None, typer.Option(help="Only calls of this tool.")] = None,
    proposed_by: Annotated[
        str | None, typer.Option(help="Only envelopes that this actor proposed, such as agent:bot.")
    ] = None,
    objective: Annotated[UUID | None, typer.Option(help="Only envelopes that name this objective.")] = None,
    since: Annotated[str | None, typer.Option(help="Only envelopes that were proposed at this time or later.")] = None,
    until: Annotated[str | None, typer.Option(help="Only envelopes that were proposed before this time.")] = None,
    words: Annotated[
        str | None, typer.Option(help="A whole id or external_id, also of a dead letter; or a part of a tool's slug.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of envelopes.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List envelopes, the newest first.

    With --status failed or denied: list dead letters, the oldest first, in the order in which they are requeued.
    """
    wanted = EnvelopeFilter(
        status=status, tool_slug=tool, proposed_by=proposed_by, objective_id=objective, words=words,
        since=parse_time("--since", since), until=parse_time("--until", until),
    )  # fmt: skip

    async def read() -> list[Envelope]:
        async with backends() as services:
            found = await search_within(services, tenant, wanted, limit=limit, after=None, within=timedelta.max)
            return await show_envelopes(services, found.envelopes)

    envelopes = run_async(read())
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
            (e.last_error, _deadline_text(e)),
        )
        for e in envelopes
    ]
    show_lines(rows, empty="no envelopes")


@app.command(epilog="Example: python -m control_plane envelopes explain ENVELOPE --tenant UUID")
def explain(envelope: EnvelopeId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Explain why an envelope is in its state, until when, and what to do about it."""
    from services.explain import explain as explain_envelope  # noqa: PLC0415  # loads the names of all time zones

    async def read_explanation() -> Any:
        async with backends() as services:
            found = await explain_envelope(services, tenant, envelope, now=utc_now())
            return replace(found, envelope=await show_envelope(services, found.envelope))

    explanation = run_async(read_explanation())
    if as_json:
        show_json(explanation)
        return
    explained, step = explanation.envelope, next_step(explanation)
    print(
        f"{explained.tool_slug} ({explained.external_id}) is {explained.status}: {explanation.why}"
        + (f"; {step}" if step else "")
    )
    if (deadline := _deadline_text(explained)) is not None:
        print(deadline)
    if explanation.next_run_at is not None:
        print(f"not before {explanation.next_run_at.isoformat(timespec='seconds')}")
    rows = [
        (v.guardrail, v.decision, v.reason + (f" (until {v.until.isoformat(timespec='seconds')})" if v.until else ""))
        for v in explanation.verdicts
    ]
    show_lines(rows, empty="it has ended: guardrails no longer judge it")


@app.command(epilog="Example: python -m control_plane envelopes resolve ENVELOPE --tenant UUID --as success")
def resolve(
    envelope: EnvelopeId,
    tenant: Tenant,
    decision: Annotated[
        Resolution,
        typer.Option("--as", help="success (the call had its effect), retry (it had none) or failed (give up)."),
    ],
    reason: Reason = None,
    by: By = "operator",
) -> None:
    """Record what an unknown call did, after you have checked it."""

    async def resolve_envelope() -> Envelope:
        async with backends() as services:
            return await services.outbox.resolve(tenant, envelope, decision=decision, actor=operator(by), reason=reason)

    print(f"{envelope} is {run_async(resolve_envelope()).status}")


@app.command(epilog="Example: python -m control_plane envelopes cancel ENVELOPE --tenant UUID --reason 'sold out'")
def cancel(envelope: EnvelopeId, tenant: Tenant, reason: Reason = None, by: By = "operator") -> None:
    """Cancel an envelope that has not been executed."""

    async def cancel_envelope() -> Envelope:
        async with backends() as services:
            return await services.outbox.cancel(tenant, envelope, actor=operator(by), reason=reason)

    print(f"{envelope} is {run_async(cancel_envelope()).status}")


def _deadline_text(envelope: Envelope) -> str | None:
    moment = envelope.must_run_before
    return None if moment is None else f"must run before {moment.isoformat(timespec='seconds')}"


async def _propose_all(argument: str, defaults: dict[str, Any], actor: Actor) -> int:
    refused = 0
    async with backends() as services:
        for number, text in _read_texts(argument):
            try:
                document = {**defaults, **parse_object(text)}
                print(json.dumps(await _propose_one(services, document, actor)), flush=True)
            except ControlPlaneError as exc:
                if argument != "-":
                    raise
                refused += 1
                sys.stderr.write(f"line {number}: {with_remedy(exc)}\n")
    return refused


async def _propose_one(services: Backends, document: dict[str, Any], actor: Actor) -> dict[str, Any]:
    from services.propose import propose as propose_envelope  # noqa: PLC0415  # loads a JSON Schema library

    # OpenTelemetry passes the trace of the caller to a command in the environment variable TRACEPARENT.
    proposed = await propose_envelope(
        services, document, actor=actor, traceparent=os.environ.get("TRACEPARENT") or None
    )
    return {
        "envelope_id": str(proposed.envelope.id),
        "status": proposed.envelope.status.value,
        "created": proposed.created,
        "verdicts": as_document(proposed.verdicts),
    }


def _read_texts(argument: str) -> Iterator[tuple[int, str]]:
    """The text of each proposal, with the number of its line."""
    if argument != "-":
        yield 1, argument
        return
    for number, line in enumerate(sys.stdin, 1):
        if line.strip():
            yield number, line
