"""A version of the prompt is evaluated with the model of the settings, by command."""

import asyncio
import json
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from control_plane.apps.drafts.gate.evaluate_prompt import evaluate_prompt
from control_plane.apps.drafts.store.documents import Documents
from control_plane.apps.drafts.store.gate import GateStore
from services.backends.functions import Functions
from services.errors import NotFound, StateConflict
from tests.builders import operator
from tests.control_plane.apps.drafts.knowledge.conftest import a_document
from tests.control_plane.apps.drafts.rows import Rows
from tests.tools.servers import HttpServer, Request

ADA = operator("ada")


class Model(HttpServer):
    """A model that is rude if its instructions say so, and then leaves out the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.behave = self._complete

    async def _complete(self, writer: asyncio.StreamWriter) -> bool:
        request: Request = self.requests[-1]
        rude = "Be rude." in json.loads(request.body)["messages"][0]["content"]
        text = "Read the manual." if rude else "You have 30 days."
        content = {"answered": True, "text": text, "sources": [1], "language": "en", "confidence": 0.9}
        body = json.dumps({"choices": [{"message": {"content": json.dumps(content)}}]}).encode()
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        return False


async def test_a_rude_prompt_stays_a_candidate_and_a_kind_one_is_used(
    functions: Functions, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Documents(functions, rows.tenant, ADA).save([a_document()])
    rows.insert(
        "goldens", external_id="returns", question="When may I send it back?", answer="30 days",
        must_include=Jsonb(["30 days"]), must_cite=Jsonb(["https://help.example/returns"]),
    )  # fmt: skip
    gate = GateStore(functions, rows.tenant, ADA)
    await gate.save_prompt("rude", "Be rude.")
    await gate.save_prompt("kind", "Be kind.")
    async with Model() as server:
        monkeypatch.setenv("ACP_DRAFTS_MODEL_URL", server.url)
        rude = await evaluate_prompt(functions, rows.tenant, "rude", actor=ADA)
        kind = await evaluate_prompt(functions, rows.tenant, "kind", actor=ADA)
        with pytest.raises(NotFound, match=r"^prompt: no version none$"):
            await evaluate_prompt(functions, rows.tenant, "none", actor=ADA)
    found: list[Any] = [(each.cases, each.passed, each.baseline_passed, each.is_worse) for each in (rude, kind)]
    assert found == [(1, 0, 1, True), (1, 1, 1, False)]
    with pytest.raises(StateConflict, match=r"^prompt: version rude is worse than default: 1 of 1 cases"):
        await gate.activate_prompt("rude")
    assert (await gate.activate_prompt("kind")).status == "active"


async def test_what_is_in_use_is_compared_with_the_last_result(functions: Functions, rows: Rows) -> None:
    documents = Documents(functions, rows.tenant, ADA)
    await documents.save([a_document()])
    rows.insert(
        "goldens", external_id="returns", question="When may I send it back?", answer="30 days",
        must_include=Jsonb(["30 days"]),
    )  # fmt: skip
    before = await evaluate_prompt(functions, rows.tenant, None, actor=ADA)
    assert (before.model_key, before.passed, before.is_worse) == ("offline", 1, False)
    await documents.mark_vanished(["https://help.example/returns"])
    after = await evaluate_prompt(functions, rows.tenant, None, actor=ADA)
    assert (after.passed, after.worse, after.is_worse) == (0, 1, True)
