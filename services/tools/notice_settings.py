"""The settings of every provider that sends messages of notices."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _check_approval_url(url: str) -> str:
    if not re.fullmatch(r"https?://\S+", url) or "{envelope_id}" not in url:
        raise ValueError("must be an http or https URL that contains {envelope_id}")
    return url


class NoticeSettings(BaseModel):
    """The URL of the page to which messages of notices link."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    approval_url: Annotated[str, AfterValidator(_check_approval_url)] | None = None
    """The address of the page where people sign in and decide, with `{envelope_id}` and, if it needs that,
    `{tenant_id}`; messages of notices link to it."""
