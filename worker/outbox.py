"""`python -m worker.outbox`: start the worker, show the queues, and requeue dead letters."""

from services.process import garbage, signals

if __name__ == "__main__":
    signals.install_handlers(("start",))  # before the slow imports
    garbage.collect_rarely()

import asyncio
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
from services.envelope import Actor, ActorType, Door, Envelope, Risk
from services.outbox.queue_status import QueueStatus
from services.process import terminal
from services.requeue import RequeueResult, preview_requeue, requeue, requeue_one
from worker.status import print_status

if TYPE_CHECKING:
    from worker.loop import Worker
    from worker.options import WorkerOptions

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The outbox worker: executes each pending envelope once.",
)

terminal.add_version(app)

Tenant = Annotated[UUID | None, typer.Option("--tenant", help="Only this tenant.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to stdout.")]
By = Annotated[str, typer.Option("--by", help="Your name, for the audit log.", envvar="USER")]


@app.command(epilog="Example: python -m worker.outbox start --concurrency 200")
def start(
    once: Annotated[bool, typer.Option("--once", help="Claim once, settle what was claimed, and exit.")] = False,
    tenant: Tenant = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=10_000, help="Calls to run at the same time.")] = None,
    health_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of /healthz and /metrics; 0 picks a free one.")
    ] = None,
) -> None:
    """Execute envelopes until SIGTERM or Ctrl-C. Then claim no more, finish running calls, and release the rest.

    A second signal cancels running calls. Calls that may have been sent are settled as unknown, or retried.
    """
    overrides = {"concurrency": concurrency, "health_port": health_port}
    settings = read_settings(**{name: value for name, value in overrides.items() if value is not None})
    terminal.run_async(_run_worker(settings, once=once, tenant=tenant))


@app.command(epilog="Example: python -m worker.outbox status --json")
def status(tenant: Tenant = None, as_json: AsJson = False) -> None:
    """Show the state of each queue. Exits with 2 if there are more dead letters than ACP_DLQ_SLO allows."""
    settings = read_settings()

    async def read_statuses() -> list[QueueStatus]:
        async with _backends(settings) as backends:
            return await backends.outbox.status(tenant)

    statuses = terminal.run_async(read_statuses())
    print_status(statuses, as_json=as_json, slo=settings.dlq_slo)
    if sum(s.dlq for s in statuses) > settings.dlq_slo:
        raise typer.Exit(2)


@app.command(epilog="Example: python -m worker.outbox drain --tenant UUID --limit 100 --dry-run")
def drain(
    tenant: Tenant = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Requeue at most this many, oldest first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be requeued; change nothing.")] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Requeue dead letters with their attempts reset to 0. Guardrails judge them again.

    Dead letters whose effect may have happened stay in the DLQ. Check each of them, then requeue it with retry-dlq.
    """
    settings = read_settings()

    async def requeue_letters() -> RequeueResult:
        async with _backends(settings) as backends:
            if dry_run:
                return await preview_requeue(backends, tenant, limit=limit)
            return await requeue(
                backends, tenant, limit=limit, actor=_operator(by),
                progress=lambda done: print(f"requeued {done}", file=sys.stderr),
            )  # fmt: skip

    done = terminal.run_async(requeue_letters())
    letters, left = [_summary_of_letter(envelope) for envelope in done.envelopes], done.doubtful
    if as_json:
        print(json.dumps({"dry_run": dry_run, "envelopes": letters, "doubtful": left}))
        return
    for letter in letters:
        print(f"{letter['tenant_id']}  {letter['envelope_id']}  {letter['tool_slug']}  {letter['last_error']}")
    print(f"{'would requeue' if dry_run else 'requeued'} {len(letters)}")
    if left:
        print(
            f"not requeued: {left} dead letters whose effect may have happened; check each of them"
            " (envelopes list --status failed), then use retry-dlq"
        )


@app.command("retry-dlq", epilog="Example: python -m worker.outbox retry-dlq --tenant UUID --envelope UUID")
def retry_dlq(
    tenant: Annotated[UUID, typer.Option("--tenant", help="Tenant of the dead letter.")],
    envelope: Annotated[UUID, typer.Option("--envelope", help="Id of the dead letter.")],
    by: By = "operator",
) -> None:
    """Requeue one dead letter. Fails if it belongs to another tenant."""
    settings = read_settings()

    async def requeue_letters() -> None:
        async with _backends(settings) as backends:
            await requeue_one(backends, tenant, envelope, actor=_operator(by))

    terminal.run_async(requeue_letters())
    print(f"requeued {envelope}")


def main() -> None:
    """Entry point of `outbox-worker`."""
    terminal.run(app, say=with_remedy)


async def _run_worker(settings: Settings, *, once: bool, tenant: UUID | None) -> None:
    from services.process.health import serve_health  # noqa: PLC0415
    from services.process.logs import configure_logging  # noqa: PLC0415  # other commands do not need these, and start faster
    from worker.loop import Worker  # noqa: PLC0415
    from worker.telemetry import log, open_tracing  # noqa: PLC0415

    configure_logging()
    async with (
        _backends(settings) as backends,
        settings.tools(concurrency=settings.concurrency) as tools,
    ):
        if tenant is not None:
            await backends.tenants.get(tenant)  # raises NotFound
        with open_tracing(str(settings.otlp_endpoint) if settings.otlp_endpoint else None) as tracing:
            worker = Worker(
                backends=backends,
                tools=tools,
                options=worker_options(settings),
                worker_id=str(uuid4()),
                tenant=tenant,
                tracing=tracing,
            )
            with serve_health(worker.health, worker.metrics.registry, settings.health_port) as port:
                garbage.exclude_loaded()
                log.info("worker.started", worker=worker.worker_id, health_port=port, concurrency=settings.concurrency)
                await _run_until_signal(worker, once=once)
                log.info("worker.stopped", worker=worker.worker_id, settled=worker.settled)


async def _run_until_signal(worker: "Worker", *, once: bool) -> None:
    loop = asyncio.get_running_loop()
    stops = itertools.chain([worker.stop], itertools.repeat(worker.stop_now))
    with signals.stop_with(lambda: loop.call_soon_threadsafe(next(stops))):
        await worker.run(once=once)


def worker_options(settings: Settings) -> "WorkerOptions":
    """The worker's options as the settings define them."""
    from worker.backoff import RetryRule  # noqa: PLC0415  # tenacity is slow to import
    from worker.options import WorkerOptions  # noqa: PLC0415

    tiers = {Risk.LOW: settings.retry.low, Risk.MEDIUM: settings.retry.medium, Risk.HIGH: settings.retry.high}
    return WorkerOptions(
        concurrency=settings.concurrency,
        poll_every=settings.poll_every,
        lease_for=settings.lease_for,
        heartbeat_every=settings.lease_for / 3,
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


def _summary_of_letter(letter: Envelope) -> dict[str, Any]:
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
