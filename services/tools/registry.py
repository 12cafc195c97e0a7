"""All providers. To add a provider, write its folder and add it here."""

from collections.abc import Mapping
from typing import Any

from services.accounts import Account
from services.tools.amqp import AMQP
from services.tools.composio import COMPOSIO
from services.tools.email import EMAIL
from services.tools.http import HTTP
from services.tools.mcp import MCP
from services.tools.spec import ProviderSpec

PROVIDERS: Mapping[str, ProviderSpec[Any]] = {spec.name: spec for spec in (HTTP, MCP, COMPOSIO, AMQP, EMAIL)}


ACCOUNT_KEEPER, ACCOUNT_KEY = next((spec.name, spec.account_key) for spec in PROVIDERS.values() if spec.account_key)
"""The provider that stores the logins of connected accounts, and the metadata key of an account for the login's id."""


def login_id_of(account: Account | None) -> str | None:
    """The id of the account's login at the provider that stores the login; None if the account has no such id."""
    login_id = None if account is None else account.metadata.get(ACCOUNT_KEY)
    return login_id if isinstance(login_id, str) else None


def account_metadata(login_id: str | None) -> dict[str, str]:
    """The metadata of a new account whose login has this id at the provider that stores the login."""
    return {} if login_id is None else {ACCOUNT_KEY: login_id}


def unknown_provider(name: str) -> str:
    """The error message for a name that no provider has."""
    return f"{name!r} is not one of {', '.join(PROVIDERS)}"
