"""What the worker tells: metrics for Prometheus, spans over OTLP, one log line per attempt."""

import threading
from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.envelope import Envelope
from services.outbox import Disposition, QueueStatus, Settlement
from services.process.logs import log_many

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

STATUS = {
    Disposition.SUCCESS: "success",
    Disposition.RETRY: "retry",
    Disposition.CONFLICT: "failed",
    Disposition.UNKNOWN: "failed",
    Disposition.FAILED: "failed",
    Disposition.DENIED: "failed",
    Disposition.EXPIRED: "failed",
}
"""The `status` label of `outbox_processed_total`; what is held, given back or waits for a person is not processed."""

FLUSH_WITHIN = 3.0
"""Seconds for the last spans, as the worker leaves: a collector that is silent must not keep it."""

log = structlog.get_logger("worker")


class Metrics:
    """Everything under /metrics. Names and labels are a published contract: docs/reference/metrics.md."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._processed = Counter("outbox_processed", "Attempts settled", ("tenant", "status"), registry=self.registry)
        self._duration = Histogram(
            "outbox_processing_duration_seconds",
            "From the claim of an envelope to the end of its attempt on record; of those that outbox_processed counts",
            registry=self.registry,
            buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
        )
        self._retries = Counter(
            "outbox_retry", "Attempts that will be tried again", ("tenant",), registry=self.registry
        )
        self._conflicts = Counter(
            "outbox_conflict",
            "kind=tool: a tool answered 409; kind=lease: the lease was lost before the attempt was settled",
            ("tenant", "kind"),
            registry=self.registry,
        )
        self._held = Counter(
            "outbox_held", "Envelopes a guardrail held back or sent to a person", ("tenant", "guardrail"),
            registry=self.registry,
        )  # fmt: skip
        self._dlq = Gauge("outbox_dlq_size", "Dead letters", ("tenant",), registry=self.registry)
        self._depth = Gauge("outbox_depth", "Envelopes in the outbox", ("tenant", "status"), registry=self.registry)
        self._age = Gauge(
            "outbox_oldest_due_seconds", "How long the envelope that is due longest has waited", ("tenant",),
            registry=self.registry,
        )  # fmt: skip

    def settled(self, settlements: Iterable[tuple[Settlement, float]]) -> None:
        """Count what the database took, each so many seconds after its envelope was claimed."""
        processed: Counted[tuple[UUID, str]] = Counted()
        for settlement, seconds in settlements:
            tenant, to = settlement.lease.tenant_id, settlement.to
            if status := STATUS.get(to):
                processed[tenant, status] += 1
                self._duration.observe(seconds)
            if to is Disposition.RETRY:
                self._retries.labels(str(tenant)).inc()
            elif to is Disposition.CONFLICT:
                self._conflicts.labels(str(tenant), "tool").inc()
            elif to in (Disposition.HOLD, Disposition.AWAITING_APPROVAL):
                self._held.labels(str(tenant), (settlement.reason or "").partition(":")[0]).inc()
        for (tenant, status), count in processed.items():
            self._processed.labels(str(tenant), status).inc(count)

    def lease_lost(self, tenant: UUID) -> None:
        """Count an attempt that is someone else's to settle, or came too late."""
        self._conflicts.labels(str(tenant), "lease").inc()

    def queues(self, statuses: list[QueueStatus], oldest_due_seconds: Mapping[UUID, float]) -> None:
        """Show how the queues stand; tenants and states that are gone disappear."""
        self._dlq.clear()
        self._depth.clear()
        self._age.clear()
        for status in statuses:
            tenant = str(status.tenant_id)
            self._dlq.labels(tenant).set(status.dlq)
            self._age.labels(tenant).set(oldest_due_seconds.get(status.tenant_id, 0.0))
            for state, envelopes in status.depth.items():
                self._depth.labels(tenant, state).set(envelopes)


@dataclass(slots=True)
class Tracing:
    """Spans around attempts; without a tracer nothing is recorded and the caller's trace context is passed on."""

    tracer: "Tracer | None" = None

    @contextmanager
    def attempt(self, envelope: Envelope) -> Iterator[str | None]:
        """A span around one attempt; yields the traceparent to send along.

        The first attempt is a child of the proposal's span; later ones are new traces, linked to it.
        """
        proposed = envelope.metadata.get("traceparent")
        if self.tracer is None:
            yield proposed if isinstance(proposed, str) else None
            return

        from opentelemetry import trace  # noqa: PLC0415  # only where spans are wanted
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        context = TraceContextTextMapPropagator().extract(
            {"traceparent": proposed} if isinstance(proposed, str) else {}
        )
        origin = trace.get_current_span(context).get_span_context()
        first = envelope.attempts == 0
        with self.tracer.start_as_current_span(
            "envelope.attempt",
            context=context if first else trace.set_span_in_context(trace.INVALID_SPAN),
            links=[] if first or not origin.is_valid else [trace.Link(origin)],
            attributes={
                "tenant.id": str(envelope.tenant_id),
                "envelope.id": str(envelope.id),
                "envelope.attempt": envelope.attempts + 1,
                "gen_ai.tool.name": envelope.tool_slug,
            },
        ):
            carrier: dict[str, str] = {}
            TraceContextTextMapPropagator().inject(carrier)
            yield carrier.get("traceparent")


@contextmanager
def tracing(endpoint: str | None) -> Iterator[Tracing]:
    """Spans to an OTLP collector, flushed on the way out if it takes them within FLUSH_WITHIN; None records nothing."""
    if endpoint is None:
        yield Tracing()
        return

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # Not at exit, where nothing would bound it.
    provider = TracerProvider(resource=Resource.create({"service.name": "outbox-worker"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    try:
        yield Tracing(provider.get_tracer("worker"))
    finally:
        flushing = threading.Thread(target=provider.shutdown, name="flush spans", daemon=True)
        flushing.start()
        flushing.join(FLUSH_WITHIN)  # the SDK's own limit is 30 seconds, and 10 for each request


def log_settled(settled: Sequence[tuple[Envelope, Settlement, float]]) -> None:
    """The one log line of each attempt, so many seconds after its claim: ids and outcomes, never arguments."""
    try:
        log_many(log, "envelope.settled", [_line(*each) for each in settled])
    except Exception as exc:  # one bad envelope never takes its neighbours along
        if len(settled) > 1:
            for each in settled:
                log_settled([each])
        else:
            log.warning("envelope.unlogged", error=type(exc).__name__)


def _line(envelope: Envelope, settlement: Settlement, seconds: float) -> dict[str, object]:
    return {
        "tenant": str(settlement.lease.tenant_id),
        "envelope": str(envelope.id),
        "tool": envelope.tool_slug,
        "attempt": envelope.attempts + 1,
        "outcome": settlement.to.value,
        "error": settlement.error,
        "milliseconds": round(seconds * 1000, 1),
    }
