"""What the operator says of tools, whatever their provider says."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.envelope import Risk


class ToolRule(BaseModel):
    """For tools whose slug matches; it beats what the provider says of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    risk: Risk | None = None
    idempotent: bool | None = None
    required_scopes: tuple[str, ...] | None = None
    rate_bucket: str | None = None
    scan: dict[str, Any] | None = None
    """How scans call it: `category`, and the `arguments` they send."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Put over what the provider says of how it is called: the name of a secret, say."""
