"""A reply has the form that the system of its channel expects, and names its thread there."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from control_plane.apps.drafts.reply import Reply, compose
from tests.control_plane.apps.drafts.desk import Desk

FILE = {"file_name": "a.pdf", "file_url": "https://files.example/a?signature=x", "mime_type": "a/b", "size_bytes": 1}


@pytest.mark.parametrize(
    ("kind", "form", "thread", "arguments"),
    [
        (
            "slack", None, "C1:1772711000.000100",
            {
                "channel": "C1", "thread_ts": "1772711000.000100",
                "text": "1 &lt; 2\na.pdf: https://files.example/a?signature=x",
            },
        ),
        (
            "chat", "chatwoot", "7",
            {
                "conversation_id": "7", "content": "1 < 2\na.pdf: https://files.example/a?signature=x",
                "message_type": "outgoing",
            },
        ),
        (
            "chat", "zendesk", "7",
            {
                "ticket_id": "7",
                "ticket": {"comment": {"body": "1 < 2\na.pdf: https://files.example/a?signature=x", "public": True}},
            },
        ),
        (
            "chat", None, "7",
            {"conversation_id": "7", "text": "1 < 2", "files": [{"name": "a.pdf", "url": FILE["file_url"]}]},
        ),
    ],
)  # fmt: skip
async def test_the_arguments_are_those_of_the_channels_api(
    desk: Desk, kind: str, form: str | None, thread: str, arguments: dict[str, Any]
) -> None:
    draft = await desk.pending()
    channel = replace(draft.channel, type=kind, metadata={} if form is None else {"reply_form": form})
    conversation = replace(draft.conversation, external_id=thread)
    draft = replace(draft, channel=channel, conversation=conversation, attachments=(FILE,))
    composed = compose(Reply(draft=draft, text="1 < 2", html=None, envelope_id=uuid4()))
    assert composed.arguments == arguments
