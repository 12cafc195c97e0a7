"""Stamps tell whether a policy or a tool has changed since it was read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """The stamps of a tenant's policy and of some of its tools. They differ after every change."""

    policy: str | None
    tools: Mapping[str, str]
    """The stamps of the tools, by `tool_slug`."""
