"""Calls that wait for a person, for tests of the pages of approvals."""

from typing import Any
from uuid import UUID

from services.approvals import ApprovalDecision, ApprovalRecord
from services.catalog import Tool
from services.envelope import Envelope
from tests.builders import a_tool, an_account, operator
from tests.control_plane.api.deciding import ask_people, propose_and_ask
from tests.control_plane.console.conftest import Console

SCHEMA = {
    "type": "object",
    "properties": {
        "channel": {"type": "string"}, "text": {"type": "string"}, "count": {"type": "integer"},
        "price": {"type": "number"}, "urgent": {"type": "boolean"}, "labels": {"type": "array"},
        "options": {"type": "object"}, "mode": {"enum": ["draft", "send"]},
        "token": {"type": "string", "writeOnly": True},
    },
    "required": ["channel", "text"],
}  # fmt: skip
ARGUMENTS = {
    "channel": "#general", "text": "hello", "count": 3, "price": 1.5, "urgent": False, "labels": ["a", "b"],
    "options": {"silent": True}, "mode": "draft", "token": "s3cret",
}  # fmt: skip


async def waiting_call(console: Console, **proposal: Any) -> dict[str, Any]:
    """A call of a tool with a schema, on an account with a name, that waits for a person."""
    await set_up(console)
    return await propose_and_ask(console.api, **{"arguments": ARGUMENTS, **proposal})


async def set_up(console: Console) -> None:
    """The tool and the account of such calls, and guardrails that ask people about each."""
    backends = console.api.access.operator
    await ask_people(console.api)
    await backends.catalog.save([the_tool(console)], actor=operator("olga"))
    if not await backends.accounts.list_accounts(console.api.tenant):
        account = an_account(tenant_id=console.api.tenant, metadata={"login": "bot@acme.example"})
        await backends.accounts.save(account, actor=operator("olga"))


def the_tool(console: Console) -> Tool:
    """The tool of `waiting_call`."""
    return a_tool(tenant_id=console.api.tenant, schema=SCHEMA, required_scopes=("SLACK.CHAT",))


def path_of(call: dict[str, Any]) -> str:
    """The page of a waiting call."""
    return f"/console/approvals/{call['envelope']['tenant_id']}/{call['envelope']['id']}"


async def decided(console: Console, call: dict[str, Any]) -> ApprovalRecord:
    """The newest approval of a call."""
    approvals = console.api.access.operator.approvals
    return (await approvals.history(console.api.tenant, UUID(call["envelope"]["id"])))[-1]


async def envelope_of(console: Console, call: dict[str, Any]) -> Envelope:
    """The envelope of a call as it is now, with secrets."""
    return await console.api.access.operator.outbox.get(console.api.tenant, UUID(call["envelope"]["id"]))


async def reject_elsewhere(console: Console, call: dict[str, Any]) -> None:
    """Olga rejects a call by another door."""
    await console.api.access.operator.approvals.decide(
        console.api.tenant, UUID(call["envelope"]["id"]), decision=ApprovalDecision.REJECTED, digest=call["digest"],
        actor=operator("olga"), reason="no",
    )  # fmt: skip
