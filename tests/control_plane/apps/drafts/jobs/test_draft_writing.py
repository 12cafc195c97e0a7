"""The job writes drafts with the model of the settings, and without one, or when it fails, offline."""

import json
from typing import Any

import pytest

from control_plane.apps.drafts.drafter.settings import ModelSettings
from control_plane.apps.drafts.jobs import corrections_sync, draft_writing
from control_plane.apps.drafts.store.corrections import list_corrections
from control_plane.apps.drafts.store.documents import Documents
from control_plane.apps.drafts.values import DraftDecision
from services.errors import SettingsError
from tests.control_plane.apps.drafts.desk import OLGA, Desk, a_message
from tests.control_plane.apps.drafts.knowledge.conftest import a_document
from tests.tools.servers import HttpServer, answer

QUESTION = "Within how many days may I return an item that I do not like?"
TEXT = "# Returns\n\nYou may return any item that you do not like within 30 days."
URL = "https://help.example/returns"


def context(desk: Desk) -> Any:
    return type("Context", (), {"backends": desk.backends, "tenant": desk.tenant})()


async def a_waiting_question(desk: Desk) -> None:
    await Documents(desk.functions, desk.tenant, OLGA).save([a_document(text=TEXT)])
    await desk.receive(a_message(text=QUESTION))
    desk.run("update drafts.conversations set draft_at = now() where tenant_id = %s", desk.tenant)


async def drafted(desk: Desk) -> tuple[Any, ...]:
    [found] = desk.run(
        "select model_key, prompt_version, suggested_text, top_sources -> 0 ->> 'url' from drafts.drafts"
        " where tenant_id = %s",
        desk.tenant,
    )
    return found


async def test_a_waiting_question_is_answered_offline_from_what_is_known(desk: Desk) -> None:
    assert not await draft_writing.is_needed(context(desk))
    await a_waiting_question(desk)
    assert await draft_writing.is_needed(context(desk))
    report = await draft_writing.run(context(desk))
    assert (report.counts["drafted"], report.problem) == (1, None)
    model, _, text, source = await drafted(desk)
    assert (model, source) == ("offline", URL)
    assert "30 days" in text
    assert not await draft_writing.is_needed(context(desk))


@pytest.mark.parametrize("cited", [1, 9])
async def test_a_model_answers_and_an_invented_source_is_replaced_by_the_offline_draft(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, cited: int
) -> None:
    content = {"answered": True, "text": "30 days!", "sources": [cited], "language": "en", "confidence": 0.9}
    completion = {
        "choices": [{"message": {"content": json.dumps(content)}}],
        "usage": {"prompt_tokens": 500_000, "completion_tokens": 0},
    }
    await a_waiting_question(desk)
    async with HttpServer() as server:
        server.behave = answer(200, body=json.dumps(completion).encode())
        for name, value in {"MODEL_URL": server.url, "MODEL_NAME": "small-1", "INPUT_PRICE": "2"}.items():
            monkeypatch.setenv(f"ACP_DRAFTS_{name}", value)
        await draft_writing.run(context(desk))
    model, version, text, source = await drafted(desk)
    assert source == URL
    if cited == 1:
        assert (model, version, text) == ("small-1", "default", "30 days!")
    else:
        assert model == "offline"
    calls = desk.run("select cost_usd, failure from drafts.model_calls where tenant_id = %s", desk.tenant)
    assert [(float(cost), failure) for cost, failure in calls] == [
        (1.0, None if cited == 1 else "sources: passage 9 is cited; the passages are 1 to 1")
    ]


async def test_an_edit_is_proposed_as_a_correction_once(desk: Desk) -> None:
    await a_waiting_question(desk)
    await draft_writing.run(context(desk))
    [[draft]] = desk.run("select id from drafts.drafts where tenant_id = %s", desk.tenant)
    await desk.decide(await desk.read(draft), DraftDecision.EDIT, text="Hi Kim, you may return items for 60 days.")
    tenants: Any = type("Tenants", (), {"list_tenants": desk.backends.tenants.list_tenants})()
    given: Any = type(
        "Context", (), {"backends": desk.backends, "tenant": desk.tenant, "tenants": tenants}
    )()  # fmt: skip
    for _ in range(2):
        report = await corrections_sync.run(given)
        assert (dict(report.counts)["samples"], report.problem) == (1, None)
    [correction] = await list_corrections(desk.functions, desk.tenant, actor=OLGA, status="proposed")
    assert (correction.answer, correction.sources) == (
        "you may return items for 60 days.", (URL,),
    )  # fmt: skip
    runs = desk.run(
        "select type, status, metrics ->> 'samples', length(metrics ->> 'sha256') from drafts.job_runs"
        " where tenant_id = %s",
        desk.tenant,
    )
    assert runs == [("corrections_sync", "succeeded", "1", 64)] * 2


@pytest.mark.parametrize(
    ("name", "value"), [("MODEL_URL", "nowhere"), ("MODEL_TIMEOUT", "0"), ("INPUT_PRICE", "-1"), ("MONTHLY_USD", "x")]
)
def test_a_wrong_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("ACP_DRAFTS_MODEL_KEY", "sk-secret")
    monkeypatch.setenv(f"ACP_DRAFTS_{name}", value)
    with pytest.raises(SettingsError) as caught:
        ModelSettings.read()
    assert str(caught.value).startswith(f"ACP_DRAFTS_{name}: ")
    assert "sk-secret" not in str(caught.value)
