"""The API over a new database, and tokens for each kind of caller."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.jobs import make_context
from control_plane.settings import LOCAL_URL, read_settings
from services.backends import Access
from services.catalog import Tool
from services.database.rest.keys import Keys
from services.tenants import Tenant
from tests.builders import a_tool, operator

KEYS = Keys.generate()
OPERATOR = operator("tests")
WEBHOOK_KEY = "k" * 32


def jwt(**claims: Any) -> str:
    """A token as Supabase Auth issues it."""
    return KEYS.sign(claims_of(**claims))


def claims_of(**claims: Any) -> dict[str, Any]:
    """The claims of such a token."""
    now = int(time.time())
    standard = {
        "iss": f"{LOCAL_URL}/auth/v1", "aud": "authenticated", "sub": str(uuid4()), "role": "authenticated",
        "iat": now, "exp": now + 3600,
    }  # fmt: skip
    return {**standard, **claims}


@dataclass(frozen=True)
class Api:
    """The API, two tenants with a tool each, and clients."""

    access: Access
    http: httpx.AsyncClient
    tenant: UUID
    other_tenant: UUID
    app: FastAPI

    def as_user(
        self, tenant_role: str | None = "owner", *, tenant: UUID | None = None, sub: str | None = None
    ) -> "Client":
        """A user of the tenant with this role in it."""
        claims = {"tenant_id": str(tenant or self.tenant), "sub": sub or str(uuid4())}
        return Client(self.http, jwt(**claims, **({} if tenant_role is None else {"tenant_role": tenant_role})))

    def as_operator(self, *, sub: str = "maria") -> "Client":
        """An operator."""
        return Client(self.http, jwt(sub=sub, app_metadata={"operator": True}))

    async def as_agent(self, *scopes: str, tenant: UUID | None = None) -> "Client":
        """An agent with a token of these scopes; all if none is named."""
        owner = self.as_user(tenant=tenant)
        body = {"agent": "bot", "scopes": scopes or ["propose", "cancel", "read"], "expires_in": 3600}
        issued = await owner.post("/v1/api-tokens", json=body)
        return Client(self.http, issued.json()["secret"])

    def as_nobody(self) -> "Client":
        """A caller without a token."""
        return Client(self.http, None)


@dataclass(frozen=True)
class Client:
    """Sends requests with one token."""

    http: httpx.AsyncClient
    token: str | None

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {
            **({} if self.token is None else {"Authorization": f"Bearer {self.token}"}),
            **options.pop("headers", {}),
        }
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PATCH", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("DELETE", path, **options)


@pytest.fixture
async def api(database_url: str, shared_database: str, shared_access: Access) -> AsyncIterator[Api]:
    """An API with two tenants, each with the tool of `a_proposal`."""
    assert database_url == shared_database
    settings = read_settings()
    async with settings.tools() as tools:
        context = make_context(settings, shared_access.operator, tools)
        app = create_app(shared_access, make_local_verifier(KEYS), job_context=context, webhook_key=WEBHOOK_KEY)
        async with with_two_tenants(shared_access, app) as api:
            yield api


@asynccontextmanager
async def with_two_tenants(access: Access, app: FastAPI) -> AsyncIterator[Api]:
    """The app with two new tenants, each with the tool of `a_proposal`."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        tenants = uuid4(), uuid4()
        for tenant in tenants:
            await access.operator.tenants.save(Tenant(id=tenant, name=str(tenant)), actor=OPERATOR)
            await access.operator.catalog.save([tool_of(tenant)], actor=OPERATOR)
        yield Api(access, http, *tenants, app)


def tool_of(tenant: UUID) -> Tool:
    """The tool that `a_proposal` calls, in this tenant's catalog."""
    schema = {"type": "object", "properties": {"text": {"type": "string"}, "amount": {"type": "number"}}}
    return a_tool(tenant_id=tenant, schema=schema)


def a_proposal(**overrides: Any) -> dict[str, Any]:
    """A proposal as an agent sends it."""
    return {
        "tool_slug": "SLACK__chat.post", "arguments": {"text": "hello"}, "external_id": f"test-{uuid4()}", **overrides,
    }  # fmt: skip
