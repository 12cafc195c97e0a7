"""Run the samples of the docs: agents of three frameworks, each in its own virtual environment with a fake model."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from tests.child import child
from tests.control_plane.api.conftest import KEYS, Api, api  # noqa: F401  # a fixture
from tests.control_plane.api.deciding import ask_people, work
from tests.control_plane.api.served import served

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WITHIN = 120
BODY = "its body never runs"


@pytest.fixture(params=["langchain", "openai-agents", "pydantic-ai"])
def framework(request: pytest.FixtureRequest) -> str:
    """The name of the framework. Skips the test if it is not installed, unless REQUIRE_REAL=1."""
    name: str = request.param
    if not python_of(name).exists():
        assert not os.environ.get("REQUIRE_REAL"), f"REQUIRE_REAL is set, but {name} is not installed"
        pytest.skip(f"{name} is not installed: make frameworks")
    return name


def python_of(framework: str) -> Path:
    return ROOT / ".local" / "frameworks" / framework / "bin" / "python"


@asynccontextmanager
async def an_agent(framework: str, url: str, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Runs the sample of this framework in thread t1; killed at the end if it still runs."""
    async with child(
        str(python_of(framework)), "-m", f"tests.frameworks.{framework.replace('-', '_')}_run", "t1",
        env={**os.environ, "ACP_API_URL": url, "ACP_API_TOKEN": token, "NO_PROXY": "*"},
    ) as process:  # fmt: skip
        yield process


async def finish(process: asyncio.subprocess.Process) -> str:
    """The result of the tool that its model received."""
    async with asyncio.timeout(WITHIN):
        stdout, stderr = await process.communicate()
    assert process.returncode == 0, stderr.decode()
    assert BODY not in stdout.decode() + stderr.decode()
    return stdout.decode().strip()


class Watch:
    """A middleware that sets `proposed` when the API has answered a proposal."""

    def __init__(self, app: ASGIApp, proposed: asyncio.Event) -> None:
        self._app, self._proposed = app, proposed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/v1/envelopes"):
            self._proposed.set()


@asynccontextmanager
async def watched(running: Api) -> AsyncIterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """The URL of the API, and how to wait until an agent has proposed a call."""
    proposed = asyncio.Event()
    app = create_app(running.access, make_local_verifier(KEYS))
    app.add_middleware(Watch, proposed=proposed)

    async def wait() -> None:
        async with asyncio.timeout(WITHIN):
            await proposed.wait()

    async with served(app) as url:
        yield url, wait


async def only_item(running: Api, path: str) -> dict[str, Any]:
    """The only item of this list."""
    [item] = (await running.as_user().get(path)).json()["items"]
    found: dict[str, Any] = item
    return found


async def test_an_agent_that_was_killed_while_it_waited_finds_its_call_again(
    framework: str, api: Api  # noqa: F811
) -> None:  # fmt: skip
    token = (await api.as_agent()).token
    assert token is not None
    async with watched(api) as (url, until_proposed):
        async with an_agent(framework, url, token) as first:
            await until_proposed()
            proposed = await only_item(api, "/v1/envelopes")
            first.kill()
            await first.wait()
        assert len(await _succeed(api)) == 1
        async with an_agent(framework, url, token) as again:
            assert '"ok": true' in await finish(again)
    found = await only_item(api, "/v1/envelopes")
    assert (found["id"], found["status"], found["arguments"]) == (proposed["id"], "success", {"text": "hello"})


async def test_a_rejected_call_never_runs_and_the_model_gets_the_reason(
    framework: str, api: Api  # noqa: F811
) -> None:  # fmt: skip
    await ask_people(api)
    token = (await api.as_agent()).token
    assert token is not None
    async with watched(api) as (url, until_proposed), an_agent(framework, url, token) as agent:
        await until_proposed()
        assert await work(api) == []
        approval = await only_item(api, "/v1/approvals")
        rejected = await api.as_user("reviewer").post(
            f"/v1/approvals/{approval['envelope']['id']}/reject",
            json={"digest": approval["digest"], "code": "wrong_target", "reason": "not our customer"},
        )
        assert rejected.status_code == 200, rejected.text
        text = await finish(agent)
    assert text.startswith("Not executed (rejected")
    assert "not our customer" in text
    assert await work(api) == []


async def _succeed(running: Api) -> list[Any]:
    await ask_people(running, trust_threshold=0)
    return await work(running)
