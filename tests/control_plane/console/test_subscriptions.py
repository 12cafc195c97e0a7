"""The pages of subscriptions, inbound webhooks and Slack users."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from pydantic import SecretStr

from services.subscriptions import NewSubscription, Subscription, SubscriptionKind
from services.subscriptions.secrets import INBOUND, signing_secret
from services.tools.email import SmtpServer
from services.tools.http.slack import SlackApp
from tests.builders import operator
from tests.control_plane.api.conftest import WEBHOOK_KEY
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.test_pages import HOSTILE

ConsolePage = Callable[..., Awaitable[Page]]
LIST = "/console/subscriptions"
URL = "https://hooks.acme.example/events"


async def a_subscription(console: Console, **fields: Any) -> Subscription:
    """A webhook of the first tenant."""
    new = NewSubscription(
        **{"id": uuid4(), "kind": SubscriptionKind.WEBHOOK, "target": URL, "event_types": ("approval.*",), **fields}
    )
    return await console.api.access.operator.subscriptions.create(console.api.tenant, new, actor=operator("olga"))


async def only_subscription(console: Console) -> Subscription:
    [found] = await console.api.access.operator.subscriptions.list_subscriptions(console.api.tenant)
    return found


async def test_an_owner_subscribes_a_url_and_sees_its_secret_once(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", LIST)
    await page.keyboard.press("n")
    await page.get_by_label("URL").fill("hooks.acme.example")
    await page.get_by_label("approval.requested").check()
    await page.get_by_label("draft.created").check()
    await page.get_by_label("URL").fill("https://ann:pw@acme.example")
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator("[data-problem]")).to_have_text(
        "url: must not contain a login: members of the tenant can read it"
    )
    await expect(page.get_by_label("approval.requested")).to_be_checked()
    await page.get_by_label("URL").fill(URL)
    await page.get_by_label("Description").fill("pager")
    await page.get_by_role("button", name="Subscribe").click()

    secret = await page.locator(".secret code").inner_text()
    made = await only_subscription(console)
    assert (made.target, made.event_types, made.description) == (
        URL, ("approval.requested", "draft.created"), "pager",
    )  # fmt: skip
    assert secret == signing_secret(WEBHOOK_KEY, console.api.tenant, made.id, 1)
    await page.get_by_role("link", name="See the subscription").click()
    await expect(page.locator("h1")).to_have_text("pager")
    await expect(page.locator("main")).not_to_contain_text(secret)


async def test_a_webhook_is_tested_gets_a_new_secret_and_is_deleted(
    console: Console, console_page: ConsolePage
) -> None:
    made = await a_subscription(console)
    page = await console_page("owner", LIST)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(URL)
    await page.keyboard.press("t")
    await expect(page.locator("#subscription [data-row]")).to_have_count(1)

    await page.get_by_role("button", name="New secret").click()
    await page.locator("#rotate .primary").click()
    await expect(page.locator(".secret code")).to_have_text(signing_secret(WEBHOOK_KEY, made.tenant_id, made.id, 2))
    await expect(page.locator("#subscription")).to_contain_text("version 2")

    await page.keyboard.press("u")
    await page.get_by_role("button", name="Delete the subscription").click()
    await expect(page.locator(".empty h2")).to_have_text("No subscriptions yet")


async def test_a_disabled_subscription_says_why_and_is_enabled_again(
    postgres_console: Console, open_page: OpenPage, database_url: str
) -> None:
    from services.database.connect import connect  # noqa: PLC0415  # only this test needs it

    made = await a_subscription(postgres_console)
    with connect(database_url) as connection:
        connection.execute(
            "update public.event_subscriptions set failures = 10, disabled_at = now(), disabled_reason = 'gone: 410'"
        )
    page = await open_page(postgres_console, "owner", LIST)
    await expect(page.locator("[data-row] .badge")).to_have_text("disabled")
    await expect(page.locator(".problem-text")).to_have_text("gone: 410")
    await page.goto(f"{postgres_console.url}{LIST}/{made.id}")
    await expect(page.locator("#subscription .problem")).to_contain_text("gone: 410")
    await page.keyboard.press("e")
    await expect(page.locator("#subscription .badge").first).to_have_text("enabled")
    assert (await only_subscription(postgres_console)).disabled_at is None


async def test_slack_and_email_are_offered_where_the_installation_has_them(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", f"{LIST}/new?kind=slack")
    await expect(page.locator(".empty h2")).to_have_text("No Slack app")
    await page.goto(f"{console.url}{LIST}/new?kind=email")
    await expect(page.locator(".empty h2")).to_have_text("No e-mail here")

    app = SlackApp(tenant_id=console.api.tenant, bot_token=SecretStr("xoxb-1"), signing_secret=SecretStr("s"))
    console.api.app.state.slack_apps = {"ops": app}
    console.api.app.state.notice_server = SmtpServer.model_validate(
        {"host": "smtp.acme.example", "from": "acp@acme.example"}
    )
    await page.reload()
    await page.get_by_label("Addresses").fill("ann@acme.example, ben@acme.example")
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator("h1")).to_have_text("ann@acme.example, ben@acme.example")
    await page.goto(f"{console.url}{LIST}/new?kind=slack")
    await page.get_by_label("Channel").fill("C012AB3CD")
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.locator("#subscription")).to_contain_text("C012AB3CD by app ops")

    await page.goto(f"{console.url}{LIST}/slack-users")
    await page.keyboard.press("n")
    await page.get_by_role("textbox", name="Slack user").fill("U012AB3CD")
    await page.get_by_role("textbox", name="Person").fill("7e4a0000-0000-4000-8000-000000000001")
    await page.locator("#save .primary").click()
    await expect(page.locator("[data-row]")).to_contain_text("7e4a0000-0000-4000-8000-000000000001")
    await page.get_by_role("button", name="Remove").click()
    await expect(page.locator(".empty h2")).to_have_text("No Slack users yet")


async def test_an_inbound_webhook_has_an_address_and_a_secret_that_is_shown_once(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", f"{LIST}/inbound")
    await page.keyboard.press("n")
    await page.get_by_label("Sender").fill("tickets")
    await page.locator("#add .primary").click()

    await expect(page.locator("[data-row]")).to_have_count(1)
    [made] = await console.api.access.operator.inbound_webhooks.list_inbound(console.api.tenant)
    assert await page.locator(".secret code").inner_text() == signing_secret(
        WEBHOOK_KEY, console.api.tenant, made.id, 1, purpose=INBOUND
    )
    await expect(page.locator("[data-row]")).to_contain_text(f"{console.url}{made.path}")
    await page.get_by_role("button", name="New secret").click()
    await page.locator("dialog[open] .primary").click()
    await expect(page.locator("[data-row]")).to_contain_text("version 2")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete the inbound webhook").click()
    await expect(page.locator(".empty h2")).to_have_text("No inbound webhooks yet")


async def test_text_that_is_typed_stays_while_subscriptions_change(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", f"{LIST}/inbound")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await page.keyboard.press("n")
    await page.get_by_label("Sender").fill("tick")
    await console.agent().post("/v1/inbound-webhooks", json={"name": "orders"})
    await expect(page.locator("[data-row]")).to_have_count(1)
    await expect(page.get_by_label("Sender")).to_have_value("tick")
    await expect(page.locator("#add")).to_be_visible()


async def test_a_member_reads_and_changes_nothing(postgres_console: Console, open_page: OpenPage) -> None:
    made = await a_subscription(postgres_console)
    page = await open_page(postgres_console, "member", LIST)
    await expect(page.locator("main button:not(.copy)")).to_have_count(0)
    for path in (f"{LIST}/{made.id}", f"{LIST}/inbound", f"{LIST}/slack-users", f"{LIST}/new"):
        await page.goto(f"{postgres_console.url}{path}")
        await expect(page.locator("main button:not(.copy)")).to_have_count(0)
    token = await page.locator('meta[name="csrf-token"]').get_attribute("content")
    headers = {"x-csrf-token": token or "", "Origin": postgres_console.url}
    for path in (f"{LIST}/{made.id}/delete", f"{LIST}/{made.id}/rotate", f"{LIST}/{made.id}/test"):
        assert (await page.request.post(f"{postgres_console.url}{path}", headers=headers)).status == 403


async def test_another_tenants_subscription_is_not_there(postgres_console: Console, open_page: OpenPage) -> None:
    made = await a_subscription(postgres_console)
    stranger = postgres_console.token("owner", tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "owner", LIST, token=stranger)
    await expect(page.locator(".empty h2")).to_have_text("No subscriptions yet")
    answer = await page.goto(f"{postgres_console.url}{LIST}/{made.id}")
    assert answer is not None
    assert answer.status == 404


async def test_hostile_descriptions_and_targets_stay_text(console: Console, console_page: ConsolePage) -> None:
    made = [
        await a_subscription(console, description=text, target=f"https://x.test/?{number}={text}"[:200])
        for number, text in enumerate(HOSTILE)
    ]
    page = await console_page("operator", f"{LIST}?tenant_id={console.api.tenant}")
    await expect(page.locator("[data-row]")).to_have_count(len(HOSTILE))
    for path in (LIST, *(f"{LIST}/{each.id}" for each in made)):
        await page.goto(f"{console.url}{path}?tenant_id={console.api.tenant}")
        assert await page.evaluate("window.hit") is None
        assert await page.locator("main img, main script, main [hx-trigger], main [onload]").count() == 0
        assert not {"\u202e", "\u200b"} & set(await page.locator("main").inner_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_pages_have_no_barriers(
    postgres_console: Console, open_page: OpenPage, options: dict[str, object]
) -> None:
    made = await a_subscription(postgres_console, target=f"https://acme.example/{'x' * 200}", description="pager")
    await postgres_console.agent().post("/v1/inbound-webhooks", json={"name": "orders"})
    page = await open_page(postgres_console, "operator", LIST, **options)
    for path in (LIST, f"{LIST}/new", f"{LIST}/inbound", f"{LIST}/slack-users", f"{LIST}/{made.id}"):
        await page.goto(f"{postgres_console.url}{path}?tenant_id={postgres_console.api.tenant}")
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
        opener = page.locator("main [data-open]").first
        if await opener.count():
            await opener.click()
            assert (path, await find_barriers(page)) == (path, [])
