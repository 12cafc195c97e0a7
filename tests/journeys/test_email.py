"""An e-mail from the listing of its server to the mailbox: synced, accepted, proposed, and sent by a real worker."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.catalog import ToolDecision
from services.catalog.definition import read_listing
from services.decide_tool import decide_tool
from services.errors import InvalidInput
from services.propose import propose
from services.sync_catalog import sync_catalog
from services.tenants import Tenant
from services.tools.dispatch import Tools
from services.tools.email import EmailSettings
from tests.builders import AGENT, operator
from tests.faults.process import work_once
from tests.tools.smtp import FROM, mail_server, only_message, settings_for
from tests.worker.world import World

MAIL = {"to": ["ann@b.example"], "subject": "Your order", "text": "It has left.\n"}


def a_document(tenant: UUID, **arguments: Any) -> dict[str, Any]:
    return {
        "tenant_id": str(tenant), "tool_slug": "DESK__send", "arguments": MAIL | arguments, "external_id": "mail-1",
        "trust_context": {"score": 0.9},
    }  # fmt: skip


async def test_an_agents_email_reaches_the_mailbox_once_and_its_result_names_it(world: World) -> None:
    tenant = uuid4()
    await world.backends.tenants.save(Tenant(id=tenant, name="acme"), actor=operator("olga"))
    async with mail_server() as mailbox:
        async with Tools(EmailSettings(smtp_servers={"desk": settings_for(mailbox.port)}), concurrency=1) as tools:
            listed = await tools.list_tools("email", "desk")
        listing = read_listing(listed, provider="email", source="desk", rules={})
        await sync_catalog(world.backends, tenant, listing, actor=operator("olga"))
        await decide_tool(
            world.backends, tenant, "DESK__send", decision=ToolDecision.ACCEPTED, hash_prefix=None, reason=None,
            actor=operator("olga"),
        )  # fmt: skip
        with pytest.raises(InvalidInput, match=r"arguments\.subject: breaks pattern"):
            await propose(world.backends, a_document(tenant, subject="x\nBcc: eve@evil.example"), actor=AGENT)
        proposed = await propose(world.backends, a_document(tenant), actor=AGENT)
        servers = {"desk": {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "from": FROM}}
        for _ in range(2):
            await work_once(world.url, ACP_SMTP_SERVERS=json.dumps(servers))

    envelope = await world.backends.outbox.get(tenant, proposed.envelope.id)
    message = only_message(mailbox)
    assert (envelope.status, envelope.attempts) == ("success", 1)
    assert envelope.result == {"message_id": message["Message-ID"], "reply": mailbox.answer}
    assert (message["To"], message["Subject"]) == ("ann@b.example", "Your order")
