"""The interface of tool providers: a call, its possible outcomes, and the methods of a provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from services.accounts import AccountHealth
from services.catalog import ListedTool, Tool
from services.values import value


@value
class ToolCall:
    """The call that one attempt makes."""

    envelope_id: UUID
    """Also the idempotency key: the same in every attempt, unique over all tenants."""
    tenant_id: UUID
    tool: Tool
    arguments: Mapping[str, Any]
    connected_account_id: str | None
    """The account that the envelope names."""
    login_id: str | None = None
    """The provider's own id of the account under which the guardrails judged the call."""
    timeout: timedelta
    traceparent: str | None = None


@value
class Success:
    """The tool reported success."""

    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The tool answered 409: the effect exists already or contradicts the tool's state. Never retried."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The tool refused the call, or the call was not sent. `retryable` says whether another attempt could succeed."""

    error: str
    retryable: bool
    retry_after: timedelta | None = None
    """The wait that the tool asked for. The next attempt starts after it at the earliest."""
    doubtful: bool = False
    """The tool reported a failure, but part of the effect may have happened: the call is not repeated automatically."""
    held: bool = False
    """The call had no effect, and the cause is not the call itself but, for example, a broker that accepts no messages
    now: the envelope waits for `retry_after`, and no attempt is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The call may have been sent, and no reliable answer came: the effect may have happened.

    Retried only if the tool honours the idempotency key; otherwise a person decides.
    """

    error: str
    retry_after: timedelta | None = None


Outcome = Success | Conflict | Failed | Unknown


class ToolProvider(Protocol):
    """One way to reach tools, such as HTTP or MCP."""

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`. Raises nothing but CancelledError."""


class ToolLister(ToolProvider, Protocol):
    """A provider that can list its tools."""

    async def list_tools(self, source: str) -> list[ListedTool]:
        """Every tool that this source offers now. The caller checks for duplicate names and invalid schemas.

        Raises NotFound for an unknown source, NotReady when the source is unreachable or its answer is invalid.
        """

    async def health(self, source: str) -> str | None:
        """None when the source works, else one line with the problem and the remedy. Takes at most ten seconds."""


class AccountKeeper(ToolProvider, Protocol):
    """A provider that stores the logins of connected accounts."""

    async def account(self, account_id: str) -> AccountHealth:
        """The state of an account; `account_id` is the provider's. Raises NotFound or NotReady."""
