"""Generated requests to every route: none makes the server fail, and every answer is as described."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.jobs import make_context
from control_plane.settings import read_settings
from services.backends.open import postgres_access
from services.process.web_server import Server
from services.tenants import Tenant
from tests.control_plane.api.conftest import KEYS, OPERATOR, WEBHOOK_KEY, jwt, tool_of
from tests.tools.smtp import settings_for

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = settings(
    max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
ENDLESS = ["/v1/events", "/v1/autopilot/notifications/stream"]
"""The answers of these routes do not end; their own tests test them."""
TENANT = uuid4()
CALLERS: dict[str, dict[str, Any]] = {
    "operator": {"sub": "maria", "app_metadata": {"operator": True}},
    "owner": {"tenant_id": str(TENANT), "tenant_role": "owner"},
}


@pytest.fixture(scope="module")
def base_url(module_database_url: str) -> Iterator[str]:
    """An API with one tenant and its tool, on its own event loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener, _running(module_database_url, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _running(database_url: str, listener: socket.socket) -> Iterator[None]:
    started, servers = threading.Event(), []

    async def serve() -> None:
        values = read_settings()
        async with postgres_access(database_url, pool_size=4) as access, values.tools() as tools:
            await access.operator.tenants.save(Tenant(id=TENANT, name="Acme"), actor=OPERATOR)
            await access.operator.catalog.save([tool_of(TENANT)], actor=OPERATOR)
            context = make_context(values, access.operator, tools)
            app = create_app(
                access, make_local_verifier(KEYS), job_context=context, webhook_key=WEBHOOK_KEY,
                notice_server=settings_for(25),
            )  # fmt: skip
            servers.append(Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")))
            started.set()
            await servers[0].serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(120)
        yield
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(30)


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_no_request_makes_the_server_fail_or_answer_otherwise_than_described(base_url: str, caller: str) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {jwt(**CALLERS[caller])}"
        schema: Any = schemathesis.openapi.from_dict(session.get(f"{base_url}/openapi.json", timeout=60).json())
        problems = [
            problem
            for operation in schema.exclude(path=ENDLESS).get_all_operations()
            for mode in GenerationMode
            for problem in _problems_of(operation.ok(), mode, base_url, session)
        ]
    assert problems == []


def _problems_of(operation: Any, mode: GenerationMode, base_url: str, session: requests.Session) -> Iterator[str]:
    @EXAMPLES
    @given(case=operation.as_strategy(mode))
    def send(case: Any) -> None:
        if "tenant_id" in (case.query or {}):
            case.query["tenant_id"] = str(TENANT)
        case.call_and_validate(base_url, session, checks=CHECKS, timeout=120)

    try:
        send()
    except Unsatisfiable:  # every request without parameters is valid
        return
    except (Exception, FailureGroup) as exc:
        yield f"{operation.label} ({mode.value}): {exc}"
