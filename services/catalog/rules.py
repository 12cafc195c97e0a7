"""Rules of the operator for tools. They override the provider's values."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.envelope import Risk


class ToolRule(BaseModel):
    """The operator's values for the tools whose slug matches one pattern (the rule's key in `rules`). They override the
    provider's values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk: Risk | None = None
    idempotent: bool | None = None
    required_scopes: tuple[str, ...] | None = None
    rate_bucket: str | None = None
    scan: dict[str, Any] | None = None
    """How scans call the tool: `category` and `arguments`."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Overrides keys of the provider's config, such as the name of a secret."""
