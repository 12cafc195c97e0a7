"""Builders: everything that a test does not name gets a valid value that every guardrail allows."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.accounts import Account, AccountStatus
from services.catalog import ListedTool, Tool
from services.catalog.definition import Listing, read_listing
from services.catalog.rules import ToolRule
from services.envelope import Actor, ActorType, Envelope
from services.guardrails import GuardrailSettings, Policy

TENANT = UUID("7e4a0000-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A Monday, noon."""

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

AGENT = Actor(type=ActorType.AGENT, id="planner")
CLOCK = Actor(type=ActorType.SYSTEM, id="clock")

SETTINGS = frozenset(field.name for field in fields(GuardrailSettings)) - {"tenant_id"}


def operator(name: str) -> Actor:
    """A person who runs the control plane."""
    return Actor(type=ActorType.OPERATOR, id=name)


def system(name: str) -> Actor:
    """A job, or another program of ours."""
    return Actor(type=ActorType.SYSTEM, id=name)


def an_envelope(**overrides: Any) -> Envelope:
    """A new pending envelope of `TENANT`: its own id and external id, no account, no trust score."""
    envelope_id = uuid4()
    envelope = Envelope(
        id=envelope_id,
        tenant_id=TENANT,
        tool_slug="SLACK__chat.post",
        tool_version="1",
        arguments={"channel": "#general", "text": "hello"},
        external_id=f"test-{envelope_id}",
        next_run_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(envelope, **overrides)


def a_listing(*listed: ListedTool, source: str = "files", rules: Mapping[str, ToolRule] | None = None) -> Listing:
    """What an MCP server lists."""
    return read_listing(listed, provider="mcp", source=source, rules=rules or {})


def a_tool(**overrides: Any) -> Tool:
    """The tool that `an_envelope` calls: no scopes, no rate bucket."""
    tool = Tool(
        tenant_id=TENANT,
        tool_slug="SLACK__chat.post",
        version="1",
        display_name="Post a message",
        provider="http",
        config={"url": "https://tools.test/slack"},
    )
    return replace(tool, **overrides)


def an_account(**overrides: Any) -> Account:
    """A connected Slack account with every Slack scope."""
    account = Account(
        id=uuid4(), tenant_id=TENANT, provider="slack", status=AccountStatus.CONNECTED, scopes=("SLACK",), linked_at=NOW
    )
    return replace(account, **overrides)


def a_policy(*, tenant_id: UUID = TENANT, **overrides: Any) -> Policy:
    """A running tenant without accounts and with default guardrails.

    Takes the fields of its settings too: `a_policy(trust_threshold=0.7, accounts=(an_account(),))`.
    """
    settings = GuardrailSettings(
        tenant_id=tenant_id, **{name: overrides.pop(name) for name in SETTINGS & overrides.keys()}
    )
    return replace(Policy(tenant_id=tenant_id, settings=settings), **overrides)
