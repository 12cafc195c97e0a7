"""A server that speaks the wire format of chat completions, and the settings that name it."""

import json
from collections.abc import AsyncIterator, Callable

import pytest

from tests.tools.servers import HttpServer, answer

Complete = Callable[[object], None]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpServer]:
    async with HttpServer() as running:
        for name, value in {
            "MODEL_URL": running.url, "MODEL_NAME": "small-1", "INPUT_PRICE": "2", "OUTPUT_PRICE": "10",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"ACP_AUTOPILOT_{name}", value)
        yield running


@pytest.fixture
def complete(server: HttpServer) -> Complete:
    """Let the model answer with this document."""

    def behave(document: object) -> None:
        content = document if isinstance(document, str) else json.dumps(document)
        body = {
            "choices": [{"message": {"content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1_000, "completion_tokens": 50},
        }
        server.behave = answer(200, body=json.dumps(body).encode())

    return behave
