"""Rules of the operator for tools, which override what the provider says."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.envelope import Risk


class ToolRule(BaseModel):
    """A rule for the tools whose slug matches. It overrides what the provider says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk: Risk | None = None
    idempotent: bool | None = None
    required_scopes: tuple[str, ...] | None = None
    rate_bucket: str | None = None
    scan: dict[str, Any] | None = None
    """How scans call the tool: `category` and `arguments`."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Overrides keys of the provider's config, such as the name of a secret."""
