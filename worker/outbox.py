"""`python -m worker.outbox`: start the worker, look at the queue, and give dead letters another chance."""

from services.process import signals

if __name__ == "__main__":
    signals.catch(("start",))  # before anything that takes time to load

import asyncio
import gc
import itertools
import json
import sys
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from control_plane.remedies import with_remedy
from control_plane.settings import Settings, read_settings
from services.backends import Backends
from services.backends.open import open_backends
from services.clock import utc_now
from services.envelope import Actor, ActorType, Door, Envelope
from services.process import terminal

if TYPE_CHECKING:
    from services.outbox import QueueStatus
    from services.requeue import Requeued
    from worker.loop import Pace, Worker

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The outbox worker: executes pending envelopes, once each.",
)

Tenant = Annotated[UUID | None, typer.Option("--tenant", help="This tenant alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
By = Annotated[str, typer.Option("--by", help="Who asks; the audit log names them.", envvar="USER")]


@app.command(epilog="Example: python -m worker.outbox start --concurrency 200")
def start(
    once: Annotated[bool, typer.Option("--once", help="Work off one batch, then leave.")] = False,
    tenant: Tenant = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=10_000, help="Calls made at once.")] = None,
    health_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="For /healthz and /metrics; 0: any.")
    ] = None,
) -> None:
    """Execute envelopes until SIGTERM or Ctrl-C; then claim no more, finish what runs, give the rest back.

    A second signal does not wait for what runs: calls that may have left are settled as unknown or retried.
    """
    changed = {"concurrency": concurrency, "health_port": health_port}
    settings = read_settings(**{name: value for name, value in changed.items() if value is not None})
    terminal.run_async(_start(settings, once=once, tenant=tenant))


@app.command(epilog="Example: python -m worker.outbox status --json")
def status(tenant: Tenant = None, as_json: AsJson = False) -> None:
    """How the queues stand. Exits with 2 when there are more dead letters than ACP_DLQ_SLO allows."""
    settings = read_settings()

    async def ask() -> "list[QueueStatus]":
        async with _backends(settings) as backends:
            return await backends.outbox.status(tenant)

    from worker.report import show_status  # noqa: PLC0415  # tables are for eyes only

    statuses = terminal.run_async(ask())
    show_status(statuses, as_json=as_json, slo=settings.dlq_slo)
    if sum(s.dlq for s in statuses) > settings.dlq_slo:
        raise typer.Exit(2)


@app.command(epilog="Example: python -m worker.outbox drain --tenant UUID --limit 100 --dry-run")
def drain(
    tenant: Tenant = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, the oldest first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go back, change nothing.")] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Give dead letters back to the queue, with a clean count of attempts. Guardrails judge them anew.

    Those whose effect may have happened stay: retry-dlq gives them back one by one, after somebody has looked.
    """
    settings = read_settings()

    async def give_back() -> "Requeued":
        from services.requeue import preview_requeue, requeue  # noqa: PLC0415

        async with _backends(settings) as backends:
            if dry_run:
                return await preview_requeue(backends, tenant, limit=limit, now=utc_now())
            return await requeue(
                backends, tenant, limit=limit, actor=_operator(by),
                progress=lambda done: print(f"requeued {done}", file=sys.stderr),
            )  # fmt: skip

    done = terminal.run_async(give_back())
    letters, left = [_brief(envelope) for envelope in done.envelopes], done.doubtful
    if as_json:
        print(json.dumps({"dry_run": dry_run, "envelopes": letters, "doubtful": left}))
        return
    for letter in letters:
        print(f"{letter['tenant_id']}  {letter['envelope_id']}  {letter['tool_slug']}  {letter['last_error']}")
    print(f"{'would requeue' if dry_run else 'requeued'} {len(letters)}")
    if left:
        print(f"left {left} whose effect may have happened: look, then retry-dlq each (envelopes list --status failed)")


@app.command("retry-dlq", epilog="Example: python -m worker.outbox retry-dlq --tenant UUID --envelope UUID")
def retry_dlq(
    tenant: Annotated[UUID, typer.Option("--tenant", help="Whose dead letter it is.")],
    envelope: Annotated[UUID, typer.Option("--envelope", help="Which one.")],
    by: By = "operator",
) -> None:
    """Give one dead letter back to the queue; refuses one of another tenant."""
    settings = read_settings()

    async def give_back() -> None:
        from services.requeue import requeue_one  # noqa: PLC0415

        async with _backends(settings) as backends:
            await requeue_one(backends, tenant, envelope, actor=_operator(by))

    terminal.run_async(give_back())
    print(f"requeued {envelope}")


def main() -> None:
    """Entry point of `outbox-worker`."""
    terminal.run(app, say=with_remedy)


async def _start(settings: Settings, *, once: bool, tenant: UUID | None) -> None:
    from services.process.health import serve_health  # noqa: PLC0415
    from services.process.logs import log_json  # noqa: PLC0415  # `status` must not pay for what it does not use
    from worker.loop import Worker  # noqa: PLC0415
    from worker.telemetry import log, tracing  # noqa: PLC0415

    log_json()
    async with (
        _backends(settings) as backends,
        settings.tools(concurrency=settings.concurrency) as tools,
    ):
        if tenant is not None:
            await backends.tenants.get(tenant)  # raises NotFound
        with tracing(str(settings.otlp_endpoint) if settings.otlp_endpoint else None) as spans:
            worker = Worker(
                backends=backends,
                tools=tools,
                pace=pace_of(settings),
                worker_id=str(uuid4()),
                tenant=tenant,
                tracing=spans,
            )
            with serve_health(worker.health, worker.metrics.registry, settings.health_port) as port:
                calm_garbage_collection()
                log.info("worker.started", worker=worker.worker_id, health_port=port, concurrency=settings.concurrency)
                await _until_signalled(worker, once=once)
                log.info("worker.stopped", worker=worker.worker_id, settled=worker.settled)


async def _until_signalled(worker: "Worker", *, once: bool) -> None:
    loop = asyncio.get_running_loop()
    strengths = itertools.chain([worker.stop], itertools.repeat(worker.stop_now))
    with signals.stop_with(lambda: loop.call_soon_threadsafe(next(strengths))):
        await worker.run(once=once)


def calm_garbage_collection() -> None:
    """What was loaded stays, and a batch of envelopes is not looked through again and again while it is made.

    Python's default looks after every 700 new objects; batches of a thousand spent a third of their time so.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pace_of(settings: Settings) -> "Pace":
    """How a worker works, as the settings say."""
    from services.envelope import Risk  # noqa: PLC0415
    from worker.backoff import RetryRule  # noqa: PLC0415
    from worker.loop import Pace  # noqa: PLC0415

    tiers = {Risk.LOW: settings.retry.low, Risk.MEDIUM: settings.retry.medium, Risk.HIGH: settings.retry.high}
    return Pace(
        concurrency=settings.concurrency,
        poll_every=settings.poll_every,
        lease_for=settings.lease_for,
        tool_timeout=settings.tool_timeout,
        drain_for=settings.drain_for,
        policy_max_age=settings.policy_max_age,
        approval_ttl=settings.approval_ttl,
        retry={
            risk: RetryRule(max_attempts=tier.max_attempts, base=tier.base, cap=tier.cap)
            for risk, tier in tiers.items()
        },
    )


def _backends(settings: Settings) -> AbstractAsyncContextManager[Backends]:
    return open_backends(settings.chosen_database())


def _operator(name: str) -> Actor:
    return Actor(type=ActorType.OPERATOR, id=name, door=Door.CLI)


def _brief(letter: Envelope) -> dict[str, Any]:
    return {
        "tenant_id": str(letter.tenant_id),
        "envelope_id": str(letter.id),
        "tool_slug": letter.tool_slug,
        "status": letter.status.value,
        "attempts": letter.attempts,
        "last_error": letter.last_error,
    }


if __name__ == "__main__":
    main()
