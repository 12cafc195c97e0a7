"""The worker's metrics for Prometheus, its spans over OTLP, and one log line per attempt."""

import collections
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.envelope import Envelope
from services.outbox import Disposition, Settlement
from services.outbox.queue_status import QueueStatus
from services.process.logs import log_many

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

PROCESSED_STATUS = {
    Disposition.SUCCESS: "success",
    Disposition.RETRY: "retry",
    Disposition.CONFLICT: "failed",
    Disposition.UNKNOWN: "failed",
    Disposition.FAILED: "failed",
    Disposition.DENIED: "failed",
    Disposition.EXPIRED: "failed",
}
"""The `status` label of `outbox_processed_total` by disposition.

An envelope that is held, released or awaiting approval is not counted as processed.
"""

FLUSH_TIMEOUT = 3.0
"""Seconds that the worker waits for the collector to accept the last spans before it exits."""

log = structlog.get_logger("worker")


class Metrics:
    """All metrics under /metrics. Names and labels are a published contract: docs/reference/metrics.md."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._processed = Counter("outbox_processed", "Attempts settled", ("tenant", "status"), registry=self.registry)
        self._duration = Histogram(
            "outbox_processing_duration_seconds",
            "From the claim of an envelope until its settlement is written, for attempts that outbox_processed counts",
            registry=self.registry,
            buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
        )
        self._retries = Counter("outbox_retry", "Attempts that will be retried", ("tenant",), registry=self.registry)
        self._conflicts = Counter(
            "outbox_conflict",
            "kind=tool: the tool answered 409; kind=lease: the lease was lost before the attempt was settled",
            ("tenant", "kind"),
            registry=self.registry,
        )
        self._held = Counter(
            "outbox_held", "Envelopes that a guardrail held or sent to a person for approval", ("tenant", "guardrail"),
            registry=self.registry,
        )  # fmt: skip
        self._dlq = Gauge("outbox_dlq_size", "Dead letters", ("tenant",), registry=self.registry)
        self._depth = Gauge("outbox_depth", "Envelopes in the outbox", ("tenant", "status"), registry=self.registry)
        self._age = Gauge(
            "outbox_oldest_due_seconds", "How long the envelope that has been due longest has waited", ("tenant",),
            registry=self.registry,
        )  # fmt: skip

    def count_settled(self, settlements: Iterable[tuple[Settlement, float]]) -> None:
        """Count written settlements, each with the seconds since its envelope was claimed."""
        processed: collections.Counter[tuple[UUID, str]] = collections.Counter()
        for settlement, seconds in settlements:
            tenant, disposition = settlement.lease.tenant_id, settlement.to
            if status := PROCESSED_STATUS.get(disposition):
                processed[tenant, status] += 1
                self._duration.observe(seconds)
            if disposition is Disposition.RETRY:
                self._retries.labels(str(tenant)).inc()
            elif disposition is Disposition.CONFLICT:
                self._conflicts.labels(str(tenant), "tool").inc()
            elif disposition in (Disposition.HOLD, Disposition.AWAITING_APPROVAL):
                self._held.labels(str(tenant), (settlement.reason or "").partition(":")[0]).inc()
        for (tenant, status), count in processed.items():
            self._processed.labels(str(tenant), status).inc(count)

    def count_lease_conflict(self, tenant: UUID) -> None:
        """Count an attempt whose lease was lost before it was settled."""
        self._conflicts.labels(str(tenant), "lease").inc()

    def set_queue_gauges(self, statuses: list[QueueStatus], oldest_due_seconds: Mapping[UUID, float]) -> None:
        """Replace the values of all gauges, so that tenants and states without envelopes disappear."""
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
    """Opens a span for each attempt. Without a tracer it records nothing, and tools get the proposal's traceparent."""

    tracer: "Tracer | None" = None

    @contextmanager
    def trace_attempt(self, envelope: Envelope) -> Iterator[str | None]:
        """Open a span for one attempt, and yield the traceparent to send to the tool.

        The span of the first attempt is a child of the proposal's span. Later attempts start new traces with a link to
        that span.
        """
        traceparent = envelope.metadata.get("traceparent")
        if self.tracer is None:
            yield traceparent if isinstance(traceparent, str) else None
            return

        from opentelemetry import trace  # noqa: PLC0415  # loaded only if spans are recorded
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        context = TraceContextTextMapPropagator().extract(
            {"traceparent": traceparent} if isinstance(traceparent, str) else {}
        )
        proposal_span = trace.get_current_span(context).get_span_context()
        is_first = envelope.attempts == 0
        with self.tracer.start_as_current_span(
            "envelope.attempt",
            context=context if is_first else trace.set_span_in_context(trace.INVALID_SPAN),
            links=[] if is_first or not proposal_span.is_valid else [trace.Link(proposal_span)],
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
def open_tracing(endpoint: str | None) -> Iterator[Tracing]:
    """Send spans to an OTLP collector; None records no spans.

    At the end the last spans are sent, if the collector accepts them within FLUSH_TIMEOUT.
    """
    if endpoint is None:
        yield Tracing()
        return

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # The SDK's own shutdown at exit would have no time limit.
    provider = TracerProvider(resource=Resource.create({"service.name": "outbox-worker"}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Tracing(provider.get_tracer("worker"))
    finally:
        flushing = threading.Thread(target=provider.shutdown, name="flush spans", daemon=True)
        flushing.start()
        flushing.join(FLUSH_TIMEOUT)  # without this limit, the SDK would wait up to 30 seconds
        if flushing.is_alive():
            exporter.shutdown()  # type: ignore[no-untyped-call]  # it would go on trying


def log_settled(settled: Sequence[tuple[Envelope, Settlement, float]]) -> None:
    """Log one line per settled attempt, with ids, outcome and the seconds since its claim, never arguments."""
    try:
        log_many(log, "envelope.settled", [_log_fields(*item) for item in settled])
    except Exception as exc:  # one bad envelope must not stop the others
        if len(settled) > 1:
            for item in settled:
                log_settled([item])
        else:
            log.warning("envelope.log_failed", error=type(exc).__name__)


def _log_fields(envelope: Envelope, settlement: Settlement, seconds: float) -> dict[str, object]:
    return {
        "tenant": str(settlement.lease.tenant_id),
        "envelope": str(envelope.id),
        "tool": envelope.tool_slug,
        "attempt": envelope.attempts + 1,
        "outcome": settlement.to.value,
        "error": settlement.error,
        "milliseconds": round(seconds * 1000, 1),
    }
