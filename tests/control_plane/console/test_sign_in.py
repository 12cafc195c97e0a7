"""Signing in and out, and what other sites and other people cannot do."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from control_plane.api.request_limiter import RequestLimiter
from services.request_limits import RequestLimits
from tests.control_plane.api.conftest import a_proposal, jwt
from tests.control_plane.console.conftest import Console

ConsolePage = Callable[..., Awaitable[Page]]
SAME_SITE = {"sec-fetch-site": "same-origin"}
FORM = "/console/sign-in"


@pytest.fixture
async def http(postgres_console: Console) -> Any:
    """A client without a browser's rules, for what a hostile page or script would send."""
    async with httpx.AsyncClient(base_url=postgres_console.url, headers={"accept": "text/html"}) as client:
        yield client


async def post_token(http: httpx.AsyncClient, token: str, **fields: str) -> httpx.Response:
    """Fill in the sign-in form."""
    page = (await http.get(FORM)).text
    nonce = page.partition('name="nonce" value="')[2].partition('"')[0]
    return await http.post(FORM, data={"token": token, "nonce": nonce, **fields}, headers=SAME_SITE)


def csrf_of(page: str) -> str:
    """The token of a page's forms."""
    return page.partition('name="csrf-token" content="')[2].partition('"')[0]


async def test_a_person_signs_in_with_a_token_and_comes_back_to_their_page(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page(None, "/console/envelopes?status=pending")
    await expect(page.locator("h1")).to_have_text("Sign in")

    await page.get_by_label("Token").fill(console.token("reviewer", sub="rita"))
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(f"{console.url}/console/envelopes?status=pending")
    await expect(page.locator(".who")).to_contain_text("ritareviewer")
    [cookie] = await page.context.cookies(f"{console.url}/console")
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (
        "acp_session", True, "Lax", -1,
    )  # fmt: skip

    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(f"{console.url}/console/sign-in?signed_out=1")
    left = await page.context.cookies(f"{console.url}/console")
    assert [cookie["name"] for cookie in left] == ["acp_sign_in"]


async def test_a_token_that_is_wrong_expired_or_an_agents_is_refused_with_the_reason(
    http: httpx.AsyncClient, postgres_console: Console
) -> None:
    agent = await postgres_console.api.as_agent("read")
    too_long = postgres_console.token("owner", note="x" * 4000)
    reasons = {
        "nonsense": "is not a JWT",
        jwt(sub="maria", app_metadata={"operator": True}, exp=1): "has expired: sign in again",
        agent.token or "": "is the API token of an agent; people sign in with their own JWT",
        too_long: "leave out claims that are not needed",
    }
    for token, reason in reasons.items():
        answer = await post_token(http, token)
        assert (answer.status_code, reason in answer.text, token in answer.text) == (401, True, False)
        assert "acp_session" not in answer.headers.get("set-cookie", "")


async def test_over_https_the_cookie_is_secure_and_of_this_host_only(postgres_console: Console) -> None:
    transport = httpx.ASGITransport(postgres_console.api.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://console.test") as http:
        answer = await post_token(http, postgres_console.token("operator"))
        page = await http.get("/console/envelopes", headers={"accept": "text/html"})
    [cookie] = [text for text in answer.headers.get_list("set-cookie") if "acp_session" in text]
    assert cookie.startswith("__Host-acp_session=ey")
    assert cookie.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax; Secure"
    assert page.status_code == 200


async def test_an_api_token_in_the_cookie_is_no_session(http: httpx.AsyncClient, postgres_console: Console) -> None:
    agent = await postgres_console.api.as_agent("read")
    http.cookies.set("acp_session", f"{agent.token}~secret", path="/console")
    for path in ("/console/envelopes", "/console/live"):
        answer = await http.get(path)
        assert (answer.status_code, answer.headers["location"].startswith(FORM)) == (303, True)


async def test_no_token_is_written_to_the_log(
    http: httpx.AsyncClient, postgres_console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    token = postgres_console.token("operator")
    await post_token(http, token)
    await http.get("/console/envelopes")
    await post_token(http, wrong := f"{token}x")
    log = "".join(capsys.readouterr())
    assert "path=/console/sign-in" in log
    assert (token in log, wrong in log, token.rpartition(".")[2] in log) == (False, False, False)


async def test_the_bare_address_leads_to_the_console(http: httpx.AsyncClient) -> None:
    answer = await http.get("/console")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


async def test_an_address_with_too_many_wrong_tokens_is_refused(
    http: httpx.AsyncClient, postgres_console: Console
) -> None:
    api = postgres_console.api
    api.app.state.limiter = RequestLimiter(api.access.operator.request_limits, RequestLimits(), failures=3)
    statuses = [(await post_token(http, f"wrong-{number}")).status_code for number in range(8)]
    assert statuses[:3] == [401] * 3
    assert 429 in statuses[3:]  # meanwhile one of the three of a minute may have come back


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test/console/", "/console/../evil", "/console/\\evil.test", "/v1/envelopes",
     "javascript:alert(1)", "/console/\nx", "/consolex/", "/console/sign-in"],
)  # fmt: skip
async def test_a_sign_in_leads_nowhere_but_into_the_console(
    http: httpx.AsyncClient, postgres_console: Console, target: str
) -> None:
    answer = await post_token(http, postgres_console.token("operator"), next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


async def test_every_answer_forbids_framing_and_foreign_content(http: httpx.AsyncClient) -> None:
    for path in ("/console/sign-in", "/console/envelopes", "/console/nowhere", "/console/static/0/console.css"):
        answer = await http.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert ("frame-ancestors 'none'" in policy, "unsafe" in policy) == (True, False)
        assert (answer.headers["x-frame-options"], answer.headers["x-content-type-options"]) == ("DENY", "nosniff")


async def test_a_change_needs_the_csrf_token_of_its_session_and_a_page_of_this_site(
    http: httpx.AsyncClient, postgres_console: Console
) -> None:
    proposed = (await postgres_console.agent().post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    cancel = f"/console/envelopes/{proposed['tenant_id']}/{proposed['id']}/cancel"
    await post_token(http, postgres_console.token("owner"))
    token = csrf_of((await http.get("/console/envelopes")).text)
    async with httpx.AsyncClient(base_url=postgres_console.url, headers=http.headers) as other:
        await post_token(other, postgres_console.token("owner"))
        token_of_other = csrf_of((await other.get("/console/envelopes")).text)
    host = postgres_console.url.removeprefix("http://")

    async def status(csrf: str | None, **headers: str) -> int:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await http.post(cancel, data={} if csrf is None else {"csrf": csrf}, headers=names)
        return answer.status_code

    assert [
        await status(None, sec_fetch_site="same-origin"),
        await status("forged", sec_fetch_site="same-origin"),
        await status("gefälscht", sec_fetch_site="same-origin"),
        await status(token_of_other, sec_fetch_site="same-origin"),
        await status(token, sec_fetch_site="cross-site"),
        await status(token, sec_fetch_site="same-site"),
        await status(token, origin="https://evil.test"),
        await status(token, origin="null"),
        await status(token),
    ] == [403] * 9
    assert await status(token, origin=f"http://{host}") == 204


async def test_another_site_cannot_sign_a_browser_in(http: httpx.AsyncClient, postgres_console: Console) -> None:
    token = postgres_console.token("operator")
    without_nonce = await http.post(FORM, data={"token": token}, headers=SAME_SITE)
    foreign = await http.post(FORM, data={"token": token}, headers={"origin": "https://evil.test"})
    assert (without_nonce.status_code, foreign.status_code) == (403, 403)
    assert "acp_session" not in str(http.cookies)


async def test_every_sign_in_begins_a_new_session(http: httpx.AsyncClient, postgres_console: Console) -> None:
    http.cookies.set("acp_session", "planted~secret", path="/console")
    await post_token(http, token := postgres_console.token("operator"))
    session = str(
        next(
            cookie.value
            for cookie in http.cookies.jar
            if cookie.name == "acp_session" and "planted" not in (cookie.value or "")
        )
    )
    assert session.startswith(f"{token}~")
    assert not session.endswith("~secret")


async def test_a_tenant_sees_nothing_of_another(http: httpx.AsyncClient, postgres_console: Console) -> None:
    proposed = (await postgres_console.agent().post("/v1/envelopes", json=a_proposal(external_id="mine"))).json()
    own = proposed["envelope"]
    await post_token(http, postgres_console.token("owner", tenant=postgres_console.api.other_tenant))

    listed = await http.get("/console/envelopes")
    by_filter = await http.get("/console/envelopes", params={"tenant_id": own["tenant_id"]})
    by_address = await http.get(f"/console/envelopes/{own['tenant_id']}/{own['id']}")

    assert (listed.status_code, "mine" in listed.text) == (200, False)
    assert (by_filter.status_code, by_address.status_code) == (404, 404)
    assert "mine" not in by_filter.text + by_address.text


async def test_an_error_is_a_page_for_a_person_and_a_problem_for_a_script(
    http: httpx.AsyncClient, postgres_console: Console
) -> None:
    await post_token(http, postgres_console.token("operator"))
    page = await http.get("/console/envelopes?status=sideways")
    problem = await http.get("/console/envelopes?status=sideways", headers={"hx-request": "true"})
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "status: " in page.text
    assert (problem.status_code, problem.json()["title"]) == (422, "Invalid input")
