"""Sessions of Supabase Auth, against a local server with its wire format."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import expect

from control_plane.api.request_limiter import RequestLimiter
from control_plane.console.supabase_auth import SupabaseAuth
from services.backends import Access
from services.backends.open import memory_backends
from services.request_limits import RequestLimits
from tests.builders import TENANT
from tests.control_plane.console.conftest import Console, OpenPage, console_over
from tests.control_plane.console.gotrue import EMAIL, PASSWORD, PUBLISHABLE_KEY, Gotrue, gotrue

FORM = "/console/sign-in"


@dataclass(frozen=True)
class World:
    auth: Gotrue
    console: Console
    http: httpx.AsyncClient

    async def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        """Fill in the form."""
        form = (await self.http.get(FORM)).text
        nonce = form.partition('name="nonce" value="')[2].partition('"')[0]
        fields = {"email": EMAIL, "password": password, "nonce": nonce, "next": "/console/envelopes"}
        return await self.http.post(f"{FORM}/password", data=fields, headers={"sec-fetch-site": "same-origin"})

    async def status(self) -> int:
        return (await self.http.get("/console/envelopes")).status_code

    def cookie(self, name: str) -> str:
        return next(cookie.value or "" for cookie in self.http.cookies.jar if cookie.name == name)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    claims = {"tenant_id": str(TENANT), "tenant_role": "reviewer", "sub": "olga"}
    async with gotrue(**claims) as auth, memory_backends() as backends:
        access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        supabase_auth = SupabaseAuth(auth.url, PUBLISHABLE_KEY)
        async with (
            console_over(access, supabase_auth=supabase_auth) as console,
            httpx.AsyncClient(base_url=console.url, headers={"accept": "text/html"}) as http,
        ):
            auth.claims["tenant_id"] = str(console.api.tenant)
            yield World(auth, console, http)


async def test_a_person_signs_in_with_e_mail_and_password_and_out_again(world: World, open_page: OpenPage) -> None:
    page = await open_page(world.console, None, "/console/envelopes")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".who")).to_contain_text("olga")
    cookies = await page.context.cookies(f"{world.console.url}/console")
    assert {cookie["name"]: cookie["httpOnly"] for cookie in cookies} == {"acp_session": True, "acp_refresh": True}

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("h1")).to_have_text("Sign in")
    assert world.auth.refresh_tokens == set()
    assert [each["name"] for each in await page.context.cookies(f"{world.console.url}/console")] == ["acp_sign_in"]


async def test_a_wrong_password_is_refused_and_counted_for_the_address(world: World) -> None:
    api = world.console.api
    api.app.state.limiter = RequestLimiter(api.access.operator.request_limits, RequestLimits(), failures=3)
    answers = [await world.sign_in("wrong") for _ in range(8)]
    assert (answers[0].status_code, "e-mail or password: is wrong" in answers[0].text) == (401, True)
    assert 429 in {answer.status_code for answer in answers}


async def test_a_token_is_renewed_before_its_end_and_open_forms_stay_valid(world: World) -> None:
    world.auth.lives_for = 30  # so each is about to end
    await world.sign_in()
    page = (await world.http.get("/console/envelopes")).text
    first = world.cookie("acp_session")
    csrf = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    await world.http.get("/console/envelopes")

    assert world.auth.renewals == 2
    assert first.rpartition("~")[2] == world.cookie("acp_session").rpartition("~")[2]
    left = await world.http.post("/console/sign-out", data={"csrf": csrf}, headers={"sec-fetch-site": "same-origin"})
    assert left.headers["location"] == f"{FORM}?signed_out=1"


async def test_the_tabs_of_a_browser_renew_together(world: World) -> None:
    world.auth.lives_for = 30
    await world.sign_in()
    cookies = dict(world.http.cookies)
    tabs = [httpx.AsyncClient(base_url=world.console.url, cookies=cookies) for _ in range(8)]
    answers = await asyncio.gather(*(tab.get("/console/envelopes") for tab in tabs))
    for tab in tabs:
        await tab.aclose()
    assert ([answer.status_code for answer in answers], world.auth.renewals) == ([200] * 8, 1)


async def test_an_expired_token_is_renewed_until_the_session_is_ended_elsewhere(world: World) -> None:
    world.auth.lives_for = -3600
    assert (await world.sign_in()).status_code == 401  # the token that it issues has ended already

    world.auth.lives_for = 30
    await world.sign_in()
    assert await world.status() == 200
    world.auth.refresh_tokens.clear()  # such as by a new password
    world.auth.lives_for = -3600
    assert await world.status() == 200  # until its token ends
    world.auth.refresh_tokens.add(world.cookie("acp_refresh"))
    answer = await world.http.get("/console/envelopes")
    assert (answer.status_code, answer.headers["location"].startswith(FORM)) == (303, True)


async def test_a_project_that_does_not_answer_ends_no_session(world: World) -> None:
    world.auth.lives_for = 30
    await world.sign_in()
    world.auth.is_away = True
    assert await world.status() == 200
    assert (await world.sign_in()).status_code == 503


async def test_without_a_publishable_key_there_is_only_the_form_for_tokens(
    console: Console, open_page: OpenPage
) -> None:
    page = await open_page(console, None, FORM)
    await expect(page.get_by_label("Token")).to_be_visible()
    await expect(page.get_by_label("Password")).to_have_count(0)
