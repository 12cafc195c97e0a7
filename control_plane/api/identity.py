"""Identify the caller: a user of a tenant or an operator by JWT, or an agent by API token. For callers of a tenant, the
database gets the caller's claims, so row-level security and `tenant_api` decide what they may do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.security.utils import get_authorization_scheme_param

from control_plane.api.problems import Problem
from control_plane.auth import Verifier
from services.api_tokens import PREFIX, TokenScope, hash_token, tenant_of
from services.backends import Access, Backends
from services.envelope import Actor, ActorType, Door
from services.errors import NotAllowed, NotAuthenticated, NotFound
from services.tenants import TenantRole

ALL_SCOPES = frozenset(TokenScope)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request."""

    actor: Actor
    backends: Backends
    tenant_id: UUID | None
    """None for an operator, who may name any tenant."""
    scopes: frozenset[TokenScope] = ALL_SCOPES
    """The scopes of an agent's token; users and operators have all scopes."""
    token_id: UUID | None = None
    """The API token of an agent."""
    role: TenantRole | None = None
    """The role of the caller within the tenant; None for an operator."""

    @property
    def proposer(self) -> str:
        """A text that identifies the proposer within the tenant: the API token or the user."""
        return f"token:{self.token_id}" if self.token_id else f"{self.actor.type}:{self.actor.id}"

    def one_tenant(self, named: UUID | None) -> UUID:
        """The tenant that a request is about. Only operators have to name it.

        Raises NotFound for a user or an agent who names another tenant.
        """
        tenant = self.tenant_or_all(named)
        if tenant is None:
            detail = "tenant_id: is required, because operators have no tenant of their own"
            raise Problem(422, detail, errors=[{"field": "tenant_id", "problem": "is required"}])
        return tenant

    async def known_tenant(self, named: UUID | None) -> UUID:
        """Same as `one_tenant`, but raises NotFound for a tenant that does not exist. For lists."""
        tenant = self.one_tenant(named)
        if self.tenant_id is None:
            await self.backends.tenants.get(tenant)
        return tenant

    def tenant_or_all(self, named: UUID | None) -> UUID | None:
        """Same as `one_tenant`, but None, for all tenants, if an operator names no tenant."""
        if self.tenant_id is None:
            return named
        if named is not None and named != self.tenant_id:
            raise NotFound("tenant", named, field="tenant_id")
        return self.tenant_id


async def authenticate(request: Request) -> Principal:
    """Identify the caller by the header `Authorization: Bearer …`. Raises NotAuthenticated."""
    return await authenticate_at(request, Door.API)


def known_caller(request: Request) -> Principal:
    """The caller, whom `middleware.IdentifyCaller` identified before the body was read."""
    principal: Principal = request.state.principal
    return principal


async def authenticate_at(request: Request, door: Door, *, token: str | None = None) -> Principal:
    """Same as `authenticate`, for another door of this app. `token` is the token that the other door read; the header
    is then ignored."""
    if token is None:
        scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() != "bearer" or not token:
            raise Problem(
                401, "authorization: send the header Authorization: Bearer <token>",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
    access: Access = request.app.state.access
    if token.startswith(PREFIX):
        return await identify_agent(access, token, door)
    verifier: Verifier = request.app.state.verifier
    caller = await verifier.verify(token)
    if caller.tenant_id is None:
        actor = Actor(type=ActorType.OPERATOR, id=caller.subject, door=door)
        return Principal(actor, access.operator, None)
    if caller.role != "authenticated":
        raise NotAllowed("token: its role is not for the API; sign in as a user")
    claims = {**caller.claims, "role": "authenticated", "tenant_role": caller.tenant_role}
    actor = Actor(type=ActorType.USER, id=caller.subject, door=door)
    backends = access.as_tenant(caller.tenant_id, claims, door, token)
    return Principal(actor, backends, caller.tenant_id, role=caller.tenant_role)


async def identify_agent(access: Access, secret: str, door: Door) -> Principal:
    """The agent that holds this API token. Raises NotAuthenticated."""
    tenant = tenant_of(secret)
    token = None if tenant is None else await access.operator.api_tokens.find(tenant, hash_token(secret))
    if token is None:
        raise NotAuthenticated("token: is unknown, revoked or expired")
    claims = {
        "tenant_id": str(token.tenant_id), "sub": token.agent, "role": "authenticated", "aud": "authenticated",
        "tenant_role": TenantRole.AGENT, "token_id": str(token.id),
    }  # fmt: skip
    actor = Actor(type=ActorType.AGENT, id=token.agent, door=door)
    backends = access.as_tenant(token.tenant_id, claims, door, None)
    return Principal(actor, backends, token.tenant_id, token.scopes, token.id, TenantRole.AGENT)


# These dependencies are coroutines: FastAPI would call a plain function in a thread, which costs 0.2 ms. They depend on
# no others: FastAPI needs 0.1 ms for each.


def caller_with(scope: TokenScope) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency: the caller, whose token must have this scope. Raises NotAllowed."""

    async def require_scope(request: Request) -> Principal:
        principal = known_caller(request)
        if scope not in principal.scopes:
            raise NotAllowed(f"token: lacks the scope {scope}")
        return principal

    return require_scope


async def _require_operator(request: Request) -> Principal:
    principal = known_caller(request)
    if principal.tenant_id is not None:
        raise NotAllowed("token: only operators may do this")
    return principal


async def _require_person(request: Request) -> Principal:
    principal = known_caller(request)
    if principal.actor.type is ActorType.AGENT:
        raise NotAllowed("token: an agent may not do this")
    return principal


Reader = Annotated[Principal, Depends(caller_with(TokenScope.READ))]
"""Anyone who may read."""
Proposer = Annotated[Principal, Depends(caller_with(TokenScope.PROPOSE))]
Canceller = Annotated[Principal, Depends(caller_with(TokenScope.CANCEL))]
Person = Annotated[Principal, Depends(_require_person)]
"""A user or an operator; never an agent."""
Operator = Annotated[Principal, Depends(_require_operator)]
TenantId = Annotated[UUID | None, Query(description="The tenant. Only operators name it; others have their own.")]
