"""The console on a socket over each backend, and pages signed in as each kind of person."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.console.app import mount
from control_plane.console.supabase_auth import SupabaseAuth
from control_plane.jobs import make_context
from control_plane.settings import read_settings
from services.backends import Access
from services.backends.open import memory_backends
from tests.control_plane.api.conftest import KEYS, WEBHOOK_KEY, Api, Client, jwt, with_two_tenants
from tests.control_plane.api.served import served
from tests.control_plane.console.browser import chromium, watched_context

Person = Literal["operator", "owner", "reviewer", "member"]


@dataclass(frozen=True)
class Console:
    """The console of an API with two tenants."""

    url: str
    api: Api

    def token(self, person: Person, *, tenant: UUID | None = None, sub: str | None = None, **claims: Any) -> str:
        """A JWT of this person."""
        if person == "operator":
            return jwt(sub=sub or "maria", app_metadata={"operator": True}, **claims)
        own = {"tenant_id": str(tenant or self.api.tenant), "tenant_role": person, "sub": sub or str(uuid4())}
        return jwt(**own, **claims)

    def agent(self) -> Client:
        """Sends requests to the API as the owner of the first tenant."""
        return self.api.as_user()

    async def sign_in(self, context: BrowserContext, token: str) -> None:
        """Give the browser the session of this token, as the sign-in page does."""
        value = f"{token}~{uuid4().hex}"
        await context.add_cookies(
            [{
                "name": "acp_session", "value": value, "domain": "127.0.0.1", "path": "/console", "httpOnly": True,
                "sameSite": "Lax",
            }]
        )  # fmt: skip


@asynccontextmanager
async def console_over(access: Access, *, supabase_auth: SupabaseAuth | None = None) -> AsyncIterator[Console]:
    """The console served over these services."""
    settings = read_settings()
    async with settings.tools() as tools:
        context = make_context(settings, access.operator, tools)
        app = create_app(
            access, make_local_verifier(KEYS), job_context=context, webhook_key=WEBHOOK_KEY, failed_tokens=30
        )
        mount(app, supabase_auth=supabase_auth)
        async with with_two_tenants(access, app) as api, served(app) as url:
            yield Console(url, api)


@pytest.fixture(params=[pytest.param("memory", marks=pytest.mark.slow), "postgres"])
async def console(
    request: pytest.FixtureRequest, database_url: str, shared_access: Access
) -> AsyncIterator[Console]:  # fmt: skip
    """The console over both kinds of backends. The memory backend does not tell tenants apart."""
    del database_url
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            backends = await stack.enter_async_context(memory_backends())
            access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        else:
            access = shared_access
        yield await stack.enter_async_context(console_over(access))


@pytest.fixture
async def memory_console() -> AsyncIterator[Console]:
    """The console over the memory backend, for what only the browser decides."""
    async with (
        memory_backends() as backends,
        console_over(Access(operator=backends, as_tenant=lambda *_caller: backends)) as console,
    ):
        yield console


@pytest.fixture
async def postgres_console(database_url: str, shared_access: Access) -> AsyncIterator[Console]:
    """The console over the embedded PostgreSQL, for what the database decides."""
    del database_url
    async with console_over(shared_access) as console:
        yield console


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with chromium() as browser:
        yield browser


OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens a page of a console as a person, each in a browser context of its own: `open_page(console, "owner", path)`.

    The test fails if a page reports an error or a breach of its Content-Security-Policy.
    """
    async with AsyncExitStack() as contexts:

        async def opened(
            console: Console,
            person: Person | None,
            path: str = "/console/",
            *,
            token: str | None = None,
            **options: Any,
        ) -> Page:
            context = await contexts.enter_async_context(watched_context(browser, **options))
            if person is not None:
                await console.sign_in(context, token or console.token(person))
            page = await context.new_page()
            await page.goto(f"{console.url}{path}")
            return page

        yield opened


@pytest.fixture
async def console_page(console: Console, open_page: OpenPage) -> Callable[..., Awaitable[Page]]:
    """`open_page` on the console of this test: `await console_page("reviewer", "/console/envelopes")`."""

    async def opened(person: Person | None, path: str = "/console/", **options: Any) -> Page:
        return await open_page(console, person, path, **options)

    return opened
