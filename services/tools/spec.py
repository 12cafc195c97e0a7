"""The declaration of a provider, as `services.tools.registry` lists it. Importing it loads no SDK."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from services.distribution import Extra
from services.tools import ToolProvider

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderContext:
    """The values that a process passes to a provider when it opens it, in addition to the provider's settings."""

    concurrency: int
    """The expected number of concurrent calls."""
    on_tools_changed: Callable[[str], None]
    """A function to call with the name of a source that reports a change of its tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec(Generic[S]):
    """One provider: its settings, its rules for catalog entries, what it can do, and how to open it."""

    name: str
    """The value of `provider` in the catalog."""
    settings: type[S]
    """The provider's settings, all with defaults. The variable `ACP_MCP_SERVERS` sets the field `mcp_servers`."""
    build: Callable[[S, ProviderContext], AbstractAsyncContextManager[ToolProvider]]
    """Imports the provider's code and creates the provider. Called in a thread, outside the event loop."""
    check_config: Callable[[Mapping[str, Any]], None]
    """Raises InvalidInput, naming the field, for a `config` with which no call could be made."""
    source_help: str | None
    """What a source of this provider is, such as "the URL of a manifest". None if the provider cannot list tools."""
    sends_idempotency_key: bool = True
    """Whether calls of this provider carry the idempotency key. If not, none of its tools counts as idempotent."""
    can_scan: bool = True
    """Whether an answer contains something that a scan could store."""
    announces_changes: bool = False
    """Whether a source reports a change of its tools by itself, while a session with it is open."""
    account_key: str | None = None
    """For the one provider that stores the logins of connected accounts, an AccountKeeper: the key in an account's
    metadata under which we keep the login's id at the provider. None for all others. The trigger `guard_account` must
    name the key, so that no tenant can set it."""
    extra: Extra | None = None
    """The packages that the provider needs in addition to a plain install."""
    settings_for_command: Callable[[S, str, Sequence[str]], Mapping[str, object]] | None = None
    """Changes settings: the named source becomes the program that this command starts. Returns only the changed
    settings."""
