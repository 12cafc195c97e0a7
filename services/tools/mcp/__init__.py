"""The provider `mcp`: a call goes to an MCP server. Its settings, and its rules for catalog entries."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from services.distribution import Extra
from services.errors import InvalidInput
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from services.tools.mcp.provider import McpProvider

MCP_SDK = Extra("mcp", "MCP", ("mcp", "aiohttp", "anyio", "yarl"))


class McpServer(BaseModel):
    """One MCP server that this installation trusts: a command to start, or a URL to call.

    A child's environment is `env` and a few variables such as PATH and HOME; it gets no other variables of ours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict)
    url: str | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_command_or_url(self) -> Self:
        if (self.command is None) is (self.url is None):
            raise ValueError("set either command or url, not both")
        if self.url is not None and not re.match(r"https?://\S+$", self.url):
            raise ValueError("url: must be an http:// or https:// address")
        return self


class McpSettings(BaseModel):
    """The settings of MCP."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    mcp_servers: dict[str, McpServer] = Field(default_factory=dict)
    """MCP servers by name. A tool refers to one with `config.server`."""


def _check_config(config: Mapping[str, Any]) -> None:
    if not isinstance(config.get("server"), str):
        raise InvalidInput("config.server", "must name a server of ACP_MCP_SERVERS")


def _settings_for_command(settings: McpSettings, name: str, command: Sequence[str]) -> Mapping[str, object]:
    server = McpServer(command=command[0], args=tuple(command[1:]))
    return {"mcp_servers": {**settings.mcp_servers, name: server}}


def _build(settings: McpSettings, context: ProviderContext) -> "McpProvider":
    from services.tools.mcp.provider import McpProvider  # noqa: PLC0415  # the SDK takes half a second to load

    return McpProvider(settings.mcp_servers, on_tools_changed=context.on_tools_changed)


MCP = ProviderSpec(
    name="mcp",
    settings=McpSettings,
    build=_build,
    check_config=_check_config,
    source_help="a server of ACP_MCP_SERVERS",
    announces_changes=True,
    extra=MCP_SDK,
    settings_for_command=_settings_for_command,
)
