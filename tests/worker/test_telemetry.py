"""The telemetry of the worker: spans, and one log line per attempt. Neither contains arguments."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_span_id, format_trace_id
from structlog.testing import capture_logs

from services.tools import Failed, Outcome, Success, ToolCall
from tests.builders import TENANT, an_envelope
from tests.worker.world import AGAIN, WITHIN, World, at_work
from worker.telemetry import Tracing, open_tracing

TRACE, SPAN = "a" * 32, "b" * 16
PROPOSED = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(spans: InMemorySpanExporter) -> Iterator[Tracing]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    yield Tracing(provider.get_tracer("test"))
    provider.shutdown()


def own(span: ReadableSpan) -> str:
    """The traceparent that names this span."""
    context = span.get_span_context()
    assert context is not None
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-{context.trace_flags:02x}"


def links(span: ReadableSpan) -> list[tuple[str, str]]:
    return [(format_trace_id(link.context.trace_id), format_span_id(link.context.span_id)) for link in span.links]


def busy_once(call: ToolCall, seen: list[ToolCall]) -> Outcome:
    seen.append(call)
    return Failed(error="busy", retryable=True) if len(seen) == 1 else Success()


# -- spans --------------------------------------------------------------------------------------------------------


async def test_the_first_attempt_continues_the_trace_of_the_proposal_and_a_retry_starts_a_linked_one(
    world: World, spans: InMemorySpanExporter, traced: Tracing
) -> None:
    tenant = await world.add_tenant()
    seen: list[ToolCall] = []
    world.stage.play = lambda call: busy_once(call, seen)
    (envelope,) = await world.propose(tenant, metadata={"traceparent": PROPOSED})
    async with at_work(replace(world.worker(), tracing=traced)):
        await world.become("success", envelope)

    first, retry = spans.get_finished_spans()
    assert own(first)[3:35] == TRACE
    assert first.parent is not None
    assert format_span_id(first.parent.span_id) == SPAN
    assert links(first) == []
    assert own(retry)[3:35] != TRACE
    assert retry.parent is None
    assert links(retry) == [(TRACE, SPAN)]
    assert [call.traceparent for call in world.stage.calls] == [own(first), own(retry)]
    for attempt, span in enumerate((first, retry), start=1):
        assert span.name == "envelope.attempt"
        assert dict(span.attributes or {}) == {
            "tenant.id": str(tenant),
            "envelope.id": str(envelope),
            "envelope.attempt": attempt,
            "gen_ai.tool.name": AGAIN,
        }


@pytest.mark.parametrize("traceparent", [None, "nonsense", 7, "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
@pytest.mark.parametrize("attempts", [0, 1])
def test_an_attempt_without_a_valid_traceparent_starts_its_own_trace(
    spans: InMemorySpanExporter, traced: Tracing, traceparent: Any, attempts: int
) -> None:
    with traced.trace_attempt(an_envelope(attempts=attempts, metadata={"traceparent": traceparent})) as handed_on:
        pass
    (span,) = spans.get_finished_spans()
    assert (span.parent, links(span)) == (None, [])
    assert handed_on == own(span)


@pytest.mark.parametrize(("traceparent", "handed_on"), [(PROPOSED, PROPOSED), (None, None), (7, None)])
def test_without_a_collector_the_traceparent_of_the_proposal_is_passed_on(
    traceparent: Any, handed_on: str | None
) -> None:
    with Tracing().trace_attempt(an_envelope(metadata={"traceparent": traceparent})) as passed_on:
        assert passed_on == handed_on


def test_without_an_endpoint_nothing_is_recorded() -> None:
    with open_tracing(None) as nothing:
        assert nothing == Tracing()


@contextmanager
def a_collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An OTLP/HTTP receiver: its address, and the path and body of each request."""
    requests: list[tuple[str, bytes]] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
            """Tests say nothing."""

    with HTTPServer(("127.0.0.1", 0), Collect) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("slash", ["", "/"])
def test_spans_are_exported_over_otlp_before_the_worker_ends(slash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    envelope = an_envelope(metadata={"traceparent": PROPOSED}, arguments={"text": "s3cret words"})
    with a_collector() as (endpoint, requests):
        with open_tracing(endpoint + slash) as spans, spans.trace_attempt(envelope) as handed_on:
            pass
        ((path, body),) = requests
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"] == "outbox-worker"
    (span,) = resource.scope_spans[0].spans
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, SPAN)
    assert (handed_on or "").startswith(f"00-{TRACE}-{span.span_id.hex()}-")
    assert {a.key: a.value.string_value for a in span.attributes}["tenant.id"] == str(TENANT)
    assert b"s3cret" not in body


def test_a_collector_that_never_answers_does_not_block_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves no thread that goes on trying, so none writes into the log of what comes next."""
    monkeypatch.setenv("NO_PROXY", "*")
    envelope, left = an_envelope(), threading.Event()
    threads_before = set(threading.enumerate())

    def work() -> None:
        with open_tracing(endpoint) as spans:
            for _ in range(5000):  # more than the queue of spans may hold
                with spans.trace_attempt(envelope):
                    pass
        left.set()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        assert left.wait(WITHIN), "it waits for the collector"

    for thread in set(threading.enumerate()) - threads_before:
        thread.join(WITHIN)
        assert not thread.is_alive(), thread.name


# -- the log line -------------------------------------------------------------------------------------------------


async def test_each_attempt_logs_one_line_with_ids_and_outcome_but_no_arguments(world: World) -> None:
    tenant = await world.add_tenant()
    seen: list[ToolCall] = []
    world.stage.play = lambda call: busy_once(call, seen)
    (envelope,) = await world.propose(tenant, arguments={"text": "s3cret words"})
    with capture_logs() as lines:
        async with world.working():
            await world.become("success", envelope)
    took = [line.pop("milliseconds") for line in lines]
    ids = {"tenant": str(tenant), "envelope": str(envelope), "tool": AGAIN}
    assert lines == [
        {"event": "envelope.settled", "log_level": "info", "attempt": 1, "outcome": "retry", "error": "busy", **ids},
        {"event": "envelope.settled", "log_level": "info", "attempt": 2, "outcome": "success", "error": None, **ids},
    ]
    assert all(0 < milliseconds < 5000 for milliseconds in took)
