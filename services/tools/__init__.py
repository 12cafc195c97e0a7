"""How a call leaves the building: one call, one attempt, one outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from services.catalog import ListedTool, Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One attempt at one tool."""

    envelope_id: UUID
    """Also the idempotency key: the same over all attempts, distinct over all tenants."""
    tenant_id: UUID
    tool: Tool
    arguments: Mapping[str, Any]
    connected_account_id: str | None
    """As the envelope names it."""
    account_reference: str | None = None
    """What the provider itself calls the account that the call was judged under."""
    timeout: timedelta
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """The tool did it."""

    result: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The tool said 409: the thing is already so, or cannot be. Never retried."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It said no, or it never left. `retryable` says whether asking again could help."""

    error: str
    retryable: bool
    retry_after: timedelta | None = None
    """What the tool asked for; we wait at least this long."""
    doubtful: bool = False
    """The tool said that it failed, yet part of the effect may have happened: nobody sends it again unasked."""
    held: bool = False
    """The call did not leave, or nothing was done with it, for a reason that is none of its own, such as a broker that
    takes nothing now: it waits for `retry_after`, and that costs no attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The call left, or may have left, and no trustworthy answer came: the effect may have happened.

    Goes again only where the tool honours the idempotency key; otherwise a person decides.
    """

    error: str
    retry_after: timedelta | None = None


Outcome = Success | Conflict | Failed | Unknown


class ToolProvider(Protocol):
    """One way for calls to leave the building."""

    async def execute(self, call: ToolCall) -> Outcome:
        """Make the call once, within `call.timeout`. Raises nothing but CancelledError."""

    async def list_tools(self, source: str) -> list[ListedTool]:
        """Every tool that this source offers now; several of one name and broken schemas are the caller's to judge.

        Raises NotFound for a source that is not known, NotReady when it is away or answers badly.
        """

    async def health(self, source: str) -> str | None:
        """None when the source is well, else what is wrong and the remedy, in a line; within ten seconds."""
