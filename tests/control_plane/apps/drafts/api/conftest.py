"""The API of drafts, for a tenant that answers mail."""

from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from control_plane.apps.drafts.request_drafts import request_drafts
from tests.builders import a_tool
from tests.control_plane.api.conftest import OPERATOR, Api, Client, api
from tests.control_plane.apps.drafts.desk import DRAFTER, INBOX, SEND, Scribe

__all__ = ["api"]


@dataclass(frozen=True)
class DraftsApi:
    """The API, and the inbox of its first tenant."""

    api: Api
    url: str
    scribe: Scribe

    @property
    def rita(self) -> Client:
        """A reviewer."""
        return self.api.as_user("reviewer", sub="rita")

    async def receive(self, thread: str = "t-1", **fields: Any) -> httpx.Response:
        """Another system received a message, and sends it with an API token."""
        body = {
            "channel": INBOX, "body_text": "Where is my order?", "customer_email": "kim@customer.example",
            "subject": "My order", "sent_at": "2026-11-30T09:00:00Z", **fields,
        }  # fmt: skip
        agent = await self.api.as_agent("propose")
        return await agent.post(f"/internal/conversations/{thread}/messages", json=body)

    async def draft(self) -> None:
        """The quiet time is over, and the drafts are written."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("update drafts.conversations set draft_at = now() where draft_at is not null")
        await request_drafts(self.api.access.operator, self.scribe, actor=DRAFTER, tenant=self.api.tenant)

    async def pending(self, thread: str = "t-1", **fields: Any) -> tuple[dict[str, Any], str]:
        """A message with its draft: the draft as the API shows it, and its ETag."""
        received = (await self.receive(thread, **fields)).json()
        await self.draft()
        conversation = (await self.rita.get(f"/v1/conversations/{received['conversation_id']}")).json()
        return await self.read(conversation["drafts"][-1]["id"])

    async def read(self, draft: str) -> tuple[dict[str, Any], str]:
        """The draft and its ETag."""
        answer = await self.rita.get(f"/v1/drafts/{draft}")
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["etag"]

    def count(self, query: str, *values: Any) -> int:
        """A number from the database."""
        with psycopg.connect(self.url) as connection:
            [[number]] = connection.execute(query.encode(), values).fetchall()
        return int(number)


@pytest.fixture
async def desk(api: Api, database_url: str) -> DraftsApi:
    """An inbox whose replies are sent by a tool."""
    await api.access.operator.catalog.save([a_tool(tenant_id=api.tenant, tool_slug=SEND)], actor=OPERATOR)
    body = {"type": "email", "external_id": INBOX, "name": "Desk", "reply_tool_slug": SEND}
    assert (await api.as_user("owner").post("/v1/channels", json=body)).status_code == 200
    return DraftsApi(api, database_url, Scribe())
