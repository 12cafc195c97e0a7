"""Tokens to try the API and the console with: for an operator, and for the owner and an agent of one tenant."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from control_plane.minting import mint_jwt
from control_plane.settings import Settings
from services.api_tokens import TokenScope, hash_token, tenant_of
from services.backends import Backends
from services.clock import utc_now
from services.database.rest.keys import load_or_create_keys
from services.envelope import Actor, ActorType, Door
from services.issue_api_token import issue_api_token
from services.tenants import TenantRole

JWT_LIFETIME = timedelta(days=1)
API_TOKEN_LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=1)
AGENT = "local-agent"
ACTOR = Actor(type=ActorType.OPERATOR, id="up", door=Door.CLI)


async def make_tokens(settings: Settings, backends: Backends, tenant: UUID | None) -> dict[str, str]:
    """The tokens by the names of their environment variables. Those of a tenant only if there is one.

    JWTs are left out if a Supabase project signs them with a private key, which only the project has.
    """
    tokens = {}
    if settings.supabase_url is None:
        load_or_create_keys(settings.data_dir)
    if settings.supabase_url is None or settings.jwt_mode == "hs256":
        tokens["ACP_OPERATOR_JWT"] = mint_jwt(settings, tenant=None, tenant_role="", lives_for=JWT_LIFETIME)
        if tenant is not None:
            tokens["ACP_OWNER_JWT"] = mint_jwt(
                settings, tenant=tenant, tenant_role=TenantRole.OWNER, lives_for=JWT_LIFETIME
            )
    if tenant is not None:
        tokens["ACP_API_TOKEN"] = await _agent_token(settings.data_dir, backends, tenant)
    return tokens


async def _agent_token(data_dir: Path, backends: Backends, tenant: UUID) -> str:
    """The agent's token of the last start, so that agents can keep it; a new one if that ends within a day."""
    file = data_dir / "up-token"
    secret = file.read_text().strip() if file.exists() else ""
    if tenant_of(secret) == tenant:
        token = await backends.api_tokens.find(tenant, hash_token(secret))
        if token is not None and token.expires_at > utc_now() + RENEW_BEFORE:
            return secret
    issued = await issue_api_token(
        backends, tenant, AGENT, scopes=tuple(TokenScope), lives_for=API_TOKEN_LIFETIME, actor=ACTOR
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(issued.secret)
    return issued.secret
