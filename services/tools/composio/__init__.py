"""The provider `composio`: Composio calls the tool. Its settings, and its rules for catalog entries."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, SecretStr

from services.distribution import Extra
from services.errors import InvalidInput
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from services.tools.composio.provider import ComposioProvider

NAME_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""The names that Composio uses. Other characters could change the path of the request."""


def _check_header_value(secret: SecretStr) -> SecretStr:
    key = secret.get_secret_value()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("must be printable ASCII without spaces, because it is sent in a header")
    return secret


class ComposioSettings(BaseModel):
    """The settings of Composio."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    composio_api_key: Annotated[SecretStr, AfterValidator(_check_header_value)] | None = None
    """API key of a Composio project; required by tools of the provider composio."""
    composio_base_url: AnyHttpUrl | None = None
    """URL of the Composio API; None means the default of its SDK."""


def check_config(config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a `config` with which no call could be made. No field is required."""
    tool = config.get("tool", "DEFAULT")
    if not isinstance(tool, str) or not NAME_PATTERN.fullmatch(tool):
        raise InvalidInput("config.tool", "must be the slug of Composio's tool, such as GMAIL_SEND_EMAIL")
    for field, what in (("user_id", "a user"), ("version", "a version of the tool")):
        value = config.get(field)
        if value is not None and (not isinstance(value, str) or not value):
            raise InvalidInput(f"config.{field}", f"must name {what}, or be left out")


def _build(settings: ComposioSettings, context: ProviderContext) -> "ComposioProvider":
    from services.tools.composio.provider import ComposioProvider  # noqa: PLC0415  # its SDK takes half a second to load

    url = settings.composio_base_url
    return ComposioProvider(
        settings.composio_api_key, base_url=str(url) if url else None, concurrency=context.concurrency
    )


COMPOSIO = ProviderSpec(
    name="composio",
    settings=ComposioSettings,
    build=_build,
    check_config=check_config,
    source_help="a toolkit",
    account_key="composio_id",
    extra=Extra("composio", "Composio", ("composio_client",)),
)
