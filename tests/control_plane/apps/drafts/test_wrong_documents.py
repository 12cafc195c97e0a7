"""A document of a wrong form is refused in one line that names the field, and nothing is written."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from services.backends.open import postgres_access
from services.errors import InvalidInput
from tests.control_plane.apps.drafts.desk import INBOX, Desk, a_message, open_desk
from tests.control_plane.apps.drafts.test_tenants import state

FILE = {"name": "a", "content_type": "b", "size_bytes": 1, "reference": "c", "sha256": None, "note": None}
LINK = {"file_name": "a", "mime_type": "b", "size_bytes": 1, "file_url": "https://x.example/a"}
CHUNK = {"heading": "", "text": "x", "embedding": "", "signature": "0" * 64}
DOCUMENT: dict[str, Any] = {
    "source_url": "u", "kind": "file", "title": "t", "hash": "h", "text": "x", "language": "en", "metadata": {},
    "etag": "e", "last_modified": "m", "next_refresh_at": "2026-03-01T09:00:00Z", "chunks": [CHUNK],
}  # fmt: skip
CALLS: dict[str, tuple[str, Any]] = {
    "receive_message": (
        "message",
        {
            "channel_external_id": INBOX, "conversation_external_id": "x", "conversation_keys": ["a"],
            "external_id": "e", "subject": "s", "text": "x", "html": "h", "sent_at": "2026-03-01T09:00:00Z",
            "customer_email": "kim@c.example", "customer_name": "Kim", "reply_to": "k@c.example", "automatic": "list",
            "closes": False, "status": "open", "metadata": {}, "direction": "inbound", "attachments": [FILE],
        },
    ),
    "save_settings": (
        "settings",
        dict.fromkeys(("quiet_seconds", "due_low_minutes", "due_urgent_minutes", "archive_after_days"), 7),
    ),
    "save_draft": (
        "draft",
        {
            "text": "x", "html": "h", "confidence": 0.5, "language": "en", "model_key": "m", "prompt_version": "1",
            "input_tokens": 1, "output_tokens": 1, "topic": "t", "attachments": [LINK],
            "sources": [{"title": "t", "url": "u", "score": 0.5}],
        },
    ),
    "edit_draft": ("attachments", [LINK]),
    "write_draft": ("attachments", [LINK]),
    "propose_correction": (
        "correction",
        {
            "external_id": "c", "patterns": ["a"], "question": "q", "answer": "a", "sources": ["s"], "topic": "t",
            "last_verified": "2026-03-01", "metadata": {},
        },
    ),
    "save_documents": ("documents", [DOCUMENT]),
    "save_goldens": (
        "goldens",
        [
            {
                "external_id": "g", "question": "q", "answer": "a", "must_include": [], "must_cite": [], "sources": [],
                "topic": "t", "last_verified": "2026-03-01", "document": DOCUMENT,
            }
        ],
    ),
}  # fmt: skip
"""A right document for each function that takes one."""


def wrong_value(right: Any) -> Any:
    """A value of another kind."""
    match right:
        case bool():
            return "yes"
        case int() | float():
            return "7"
        case list():
            return {"0": "x"}
        case dict():
            return ["x"]
    return 7


def changes(right: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each change of one value to a wrong one: the end of its path, and the whole document."""
    items: Any = enumerate(right) if isinstance(right, list) else right.items()
    for key, value in items:
        if value is None:
            continue
        where = f"{path}[{key}]" if isinstance(right, list) else str(key)

        def put(changed: Any, key: Any = key) -> Any:
            copy: Any = list(right) if isinstance(right, list) else dict(right)
            copy[key] = changed
            return copy

        if isinstance(right, dict) or isinstance(value, dict):
            yield where, put(wrong_value(value))
        if isinstance(value, dict | list):
            for name, inner in changes(value, where):
                yield name, put(inner)


CASES = [
    pytest.param(name, argument, field, document, id=f"{name}-{number}-{field}")
    for name, (argument, right) in CALLS.items()
    for number, (field, document) in enumerate(changes(right))
]


@pytest.fixture(scope="module")
async def desk(module_database_url: str) -> AsyncIterator[Desk]:
    async with postgres_access(module_database_url, pool_size=2) as access:
        opened = await open_desk(access, module_database_url)
        await opened.pending()
        yield opened


def others(desk: Desk, name: str) -> dict[str, Any]:
    """The arguments beside the document."""
    [[conversation, draft]] = desk.run(
        "select conversation_id, id from drafts.drafts where tenant_id = %s order by created_at limit 1", desk.tenant
    )
    return {
        "edit_draft": {"draft": draft, "version": 1, "final_text": "x"},
        "write_draft": {"conversation": conversation, "final_text": "x"},
        "save_draft": {"conversation": conversation, "trigger_message": draft},
    }.get(name, {})


@pytest.mark.parametrize(("name", "argument", "field", "document"), CASES)
async def test_a_wrong_value_is_named(desk: Desk, name: str, argument: str, field: str, document: Any) -> None:
    before = state(desk)
    with pytest.raises(InvalidInput) as refused:
        await desk.as_user("olga", "owner").functions.call(  # type: ignore[union-attr]
            f"drafts.{name}", **others(desk, name), **{argument: document}
        )
    line = str(refused.value)
    told = line.partition(": ")[0].rpartition(".")[2]
    plain = {"documents[0]": "document", "goldens[0]": "golden"}
    assert told in {field, f"{argument}{field}", plain.get(f"{argument}{field}")}, line
    assert "cannot be stored" not in line
    assert state(desk) == before


@pytest.mark.parametrize("document", [True, 7, "x", [], [None]])
@pytest.mark.parametrize("name", ["receive_message", "save_settings", "save_draft", "propose_correction"])
async def test_what_is_no_object_is_named(desk: Desk, name: str, document: Any) -> None:
    argument, _ = CALLS[name]
    with pytest.raises(InvalidInput) as refused:
        await desk.as_user("olga", "owner").functions.call(  # type: ignore[union-attr]
            f"drafts.{name}", **others(desk, name), **{argument: document}
        )
    assert str(refused.value) == f"{argument}: must be a JSON object"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"quiet_seconds": -1}, "quiet_seconds: must be from 0 to 86400"),
        ({"due_low_minutes": 0}, "due_low_minutes: must be from 1 to 525600"),
        ({"archive_after_days": 9999}, "archive_after_days: must be from 1 to 3650"),
        ({"quiet_seconds": None}, "quiet_seconds: must be a whole number; leave it out to keep it"),
        ({"quiet_seconds": 1.5}, "quiet_seconds: must be a whole number"),
        ({"quiet_seconds": 10**12}, "quiet_seconds: must be at most 2147483647"),
        ({"tenant_id": 1}, "tenant_id: is not a setting of drafts"),
        ({"quiet": 1}, "quiet: is not a setting of drafts"),
    ],
)
async def test_a_wrong_setting_is_told_with_its_range(desk: Desk, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await desk.functions.call("drafts.save_settings", tenant=desk.tenant, settings=settings)
    assert str(refused.value) == problem


@pytest.mark.parametrize("sent_at", ["2026-02-30T09:00:00Z", "2026-03-01", "9999-12-31T23:59:59-14:00", "infinity"])
async def test_a_time_that_is_none_is_named(desk: Desk, sent_at: str) -> None:
    message = {"channel_external_id": INBOX, "conversation_external_id": "t", "text": "x", "sent_at": sent_at}
    with pytest.raises(InvalidInput, match=r"^sent_at: must "):
        await desk.functions.call("drafts.receive_message", tenant=desk.tenant, message=message)


async def test_a_document_without_a_mistake_is_stored(desk: Desk) -> None:
    await desk.receive(a_message(text="Right"))
    argument, settings = CALLS["save_settings"]
    saved = await desk.functions.call("drafts.save_settings", tenant=desk.tenant, **{argument: settings})
    assert (saved["quiet_seconds"], saved["archive_after_days"]) == (7, 7)


@pytest.mark.parametrize("text", ["a \ud83d b", "a\x00b"])
async def test_a_text_that_cannot_be_stored_is_named_by_its_place(desk: Desk, text: str) -> None:
    functions = desk.as_user("olga", "owner").functions
    assert functions is not None
    channel = {"external_id": "x", "name": "x", "type": "chat", "metadata": {"list": [{"note": text}]}}
    problem = r"contains (half a surrogate pair|a NUL character), .*(send valid UTF-8|remove it)$"
    with pytest.raises(InvalidInput, match=rf"^metadata\.list\[0\]\.note: {problem}"):
        await functions.call("drafts.save_channel", **channel)
    with pytest.raises(InvalidInput, match=f"^name: {problem}"):
        await desk.functions.call(
            "drafts.save_channel", tenant=desk.tenant, **{**channel, "metadata": {}, "name": text}
        )
