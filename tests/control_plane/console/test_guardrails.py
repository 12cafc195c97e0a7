"""The pages of guardrails: settings, editor, versions, dry run, replay, and shadow runs."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Page, expect

from services.shadow_runs import ShadowVerdict
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

ConsolePage = Callable[..., Awaitable[Page]]
EDIT = "/console/guardrails/edit"
EVIL = "<img src=x onerror=alert(1)>\u202e"


async def patch(console: Console, changes: dict[str, Any], *, sub: str = "olga") -> None:
    owner = console.api.as_user("owner", sub=sub)
    tag = (await owner.get("/v1/guardrails")).headers["etag"]
    answer = await owner.patch("/v1/guardrails", json=changes, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text


async def settings(console: Console) -> dict[str, Any]:
    found: dict[str, Any] = (await console.agent().get("/v1/guardrails")).json()
    return found


async def start_shadow(console: Console) -> str:
    body = {"candidate": {"trust_threshold": 0.9}, "expires_in": 3600}
    started: str = (await console.agent().post("/v1/shadow-runs", json=body)).json()["id"]
    return started


async def judge_in_shadow(console: Console, run: str, *pairs: tuple[str, str], reason: str = "too low") -> None:
    await console.api.access.operator.shadow_runs.record([
        ShadowVerdict(
            tenant_id=console.api.tenant, run_id=UUID(run), envelope_id=uuid4(), decision=decision,
            candidate_decision=candidate, candidate_reason=reason,
        )
        for decision, candidate in pairs
    ])  # fmt: skip


async def test_an_owner_changes_settings_in_a_form_made_from_their_schema(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", "/console/guardrails")
    await expect(page.locator("#settings .why")).to_contain_text("nobody has changed them yet")
    await page.keyboard.press("e")

    await page.get_by_label("Trust threshold").fill("0.7")
    await page.get_by_label("Require evidence").check()
    await page.get_by_label("Which").select_option(label="The same quiet hours on every day.")
    await page.get_by_label("Start *").fill("22")
    await page.get_by_label("End *").fill("06:30")
    await page.get_by_role("button", name="Add to require").click()
    await page.get_by_label("Tools").fill("STRIPE__*")
    await page.get_by_role("button", name="Add to arguments").click()
    await page.get_by_label("Argument *").fill("amount")
    await page.get_by_label("Above").fill("100")
    await page.get_by_role("button", name="Add to rate limits").click()
    await page.get_by_label("Name", exact=True).fill("slack.minute")
    await page.get_by_label("Limit *").fill("20")
    await page.get_by_label("Per seconds *").fill("60")
    await page.get_by_role("button", name="Save").click()

    await expect(page.locator(".toast")).to_contain_text("Guardrails saved.")
    await expect(page.locator("main")).to_contain_text("Every day from 22 to 06:30, UTC")
    found = await settings(console)
    assert {name: found[name] for name in ("trust_threshold", "require_evidence", "quiet_hours")} == {
        "trust_threshold": 0.7, "require_evidence": True, "quiet_hours": {"start": 22, "end": "06:30"},
    }  # fmt: skip
    assert found["rate_limits"] == {"slack.minute": {"limit": 20, "per_seconds": 60}}
    assert found["approval_rules"] == {
        "require": [{"tools": "STRIPE__*", "arguments": [{"argument": "amount", "above": 100}]}]
    }


async def test_what_is_wrong_is_shown_at_its_field_and_nothing_is_saved(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", EDIT)
    await page.get_by_label("Trust threshold").fill("1.5")
    await page.get_by_role("button", name="Add to require").click()
    await page.get_by_label("Tools").fill("two words")
    await page.get_by_role("button", name="Save").click()

    wrong = page.get_by_label("Trust threshold")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#f-settings-trust_threshold-problem")).to_contain_text("must be a number from 0")
    await expect(page.locator("#f-settings-approval_rules-require-0-tools-problem")).to_be_visible()
    await expect(wrong).to_have_value("1.5")
    assert (await settings(console))["trust_threshold"] == 0


async def test_json_and_form_are_two_views_of_one_document(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", EDIT)
    await page.get_by_label("Trust threshold").fill("0.4")
    await page.get_by_role("button", name="JSON", exact=True).click()
    text = page.get_by_label("All settings")
    document = json.loads(await text.input_value())
    assert document["trust_threshold"] == 0.4

    await text.fill('{"trust_threshold": 0.5, "trust_threshold": 0.6}')
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#problems")).to_contain_text("trust_threshold: occurs twice in the same object")
    await text.fill(json.dumps({**document, "scopes": {"allow": []}}))
    await page.get_by_role("button", name="Form", exact=True).click()
    await expect(page.locator("#problems")).to_contain_text("scopes.allow")

    await text.fill(json.dumps({**document, "scopes": {"allowed": ["GMAIL"]}}))
    await page.get_by_role("button", name="Form", exact=True).click()
    await expect(page.get_by_label("Allowed")).to_have_value("GMAIL")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".toast")).to_contain_text("Guardrails saved.")
    assert ((await settings(console))["scopes"], (await settings(console))["trust_threshold"]) == (
        {"allowed": ["GMAIL"]}, 0.4,
    )  # fmt: skip


async def test_a_stale_edit_shows_who_changed_what_and_keeps_what_was_typed(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("owner", EDIT)
    await page.get_by_label("Trust threshold").fill("0.4")
    await patch(console, {"trust_threshold": 0.9, "require_evidence": True}, sub="omar")
    await page.get_by_role("button", name="Save").click()

    stale = page.locator("#stale")
    await expect(stale).to_contain_text("user omar saved version 1")
    await expect(stale.locator("ins")).to_contain_text(['"require_evidence": true', '"trust_threshold": 0.9'])
    assert (await settings(console))["trust_threshold"] == 0.9
    await expect(page.get_by_label("Trust threshold")).to_have_value("0.4")

    await page.get_by_role("button", name="Save mine instead").click()
    await expect(page.locator(".toast")).to_contain_text("Guardrails saved.")
    found = await settings(console)
    assert (found["trust_threshold"], found["require_evidence"]) == (0.4, False)


async def test_versions_are_compared_and_rolled_back(console: Console, console_page: ConsolePage) -> None:
    for threshold in (0.3, 0.6):
        await patch(console, {"trust_threshold": threshold})
    page = await console_page("owner", "/console/guardrails/versions")
    await expect(page.locator("[data-row]")).to_have_count(2)
    await expect(page.locator(".diff del")).to_have_text('  "trust_threshold": 0.3')
    await page.locator("#version-1").get_by_role("link", name="what it changed").click()
    await expect(page.locator(".diff th").first).to_have_text("Defaults")
    await expect(page.locator(".diff ins")).to_have_text('  "trust_threshold": 0.3')

    await page.get_by_role("button", name="Roll back", exact=True).click()
    await page.get_by_role("button", name="Roll back to version 1").click()
    await expect(page.locator(".toast")).to_contain_text("Back to version 1.")
    await expect(page.locator("[data-row]")).to_have_count(3)
    assert (await settings(console))["trust_threshold"] == 0.3


async def test_a_dry_run_shows_every_verdict_and_names_what_is_wrong(
    console: Console, console_page: ConsolePage
) -> None:
    await patch(console, {"trust_threshold": 0.5})
    page = await console_page("member", "/console/guardrails/dry-run")
    await page.get_by_label("Tool", exact=False).first.fill("SLACK__chat.pots")
    await page.get_by_label("Arguments").fill('{"text": 1')
    await page.get_by_role("button", name="Judge the call").click()
    await expect(page.locator("#arguments-problem")).to_contain_text("is not JSON")

    await page.get_by_label("Arguments").fill('{"text": "hello"}')
    await page.get_by_role("button", name="Judge the call").click()
    await expect(page.locator("#tool_slug-problem")).to_contain_text("SLACK__chat.pots")
    await page.get_by_label("Tool", exact=False).first.fill("SLACK__chat.post")
    await page.get_by_label("Trust score").fill("0.2")
    await page.get_by_role("button", name="Judge the call").click()
    await expect(page.locator("#verdicts h2")).to_contain_text("needs approval")
    await expect(page.locator("#verdicts tbody tr")).to_have_count(9)
    await expect(page.locator("#verdicts")).to_contain_text("The trust score 0.2 is below the threshold 0.5")
    assert (await console.agent().get("/v1/envelopes")).json()["items"] == []


async def test_a_replay_shows_its_progress_and_what_would_change(console: Console, console_page: ConsolePage) -> None:
    for score in (0.1, 0.6, 0.8, 0.9):
        await console.agent().post("/v1/envelopes", json=a_proposal(trust_context={"score": score}))
    page = await console_page("reviewer", EDIT)
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
    await page.get_by_label("Trust threshold").fill("0.7")
    await page.get_by_role("button", name="Replay").click()

    report = page.get_by_role("region", name="Replay")
    await expect(report.locator("[data-summary]")).to_contain_text("4 envelopes: would have asked 2 times instead of 0")
    rows = report.locator("tbody").first.locator("tr")
    cells = [await rows.nth(number).locator("td").all_inner_texts() for number in range(4)]
    assert cells == [
        ["Allowed", "4", "2", "-2"], ["Held", "0", "0", "–"], ["Asked a person", "0", "2", "+2"],
        ["Denied", "0", "0", "–"],
    ]  # fmt: skip
    assert await report.locator("svg rect").count() == 8
    assert (await settings(console))["trust_threshold"] == 0

    await page.get_by_label("Trust threshold").fill("7")
    await page.get_by_role("button", name="Replay").click()
    await expect(report.locator(".problem")).to_contain_text("trust_threshold: must be a number from 0")
    await page.get_by_label("Trust threshold").fill("0.7")
    await page.get_by_label("Days to replay").fill("91")
    await page.get_by_role("button", name="Replay").click()
    await expect(report.locator(".problem")).to_contain_text("days: must be a whole number from 1 to 90")


async def test_a_shadow_run_is_started_compared_and_stopped(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", EDIT)
    await page.get_by_label("Trust threshold").fill("0.9")
    await page.get_by_text("Start a shadow run").click()
    await page.get_by_label("Hours, at most").fill("721")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.locator("#problems")).to_contain_text("expires_in: must be more than 0 and at most 30 days")
    await page.get_by_label("Hours, at most").fill("24")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.locator(".toast")).to_contain_text("Shadow run started.")

    [run] = await console.api.access.operator.shadow_runs.list_runs(console.api.tenant)
    assert run.candidate["trust_threshold"] == 0.9
    await judge_in_shadow(console, str(run.id), ("allow", "needs_approval"), ("allow", "allow"), ("hold", "deny"))
    await page.locator("[data-row] a").click()
    await expect(page.locator("#decision-allow")).to_contain_text("1")
    await expect(page.locator("[data-row]")).to_have_count(2)
    await expect(page.locator(".diff ins")).to_have_text('  "trust_threshold": 0.9')
    await page.keyboard.press("u")
    await page.get_by_role("button", name="Stop the run").click()
    await expect(page.locator("#run .page-head .badge")).to_have_text("ended")


async def test_members_read_and_an_operator_chooses_a_tenant(console: Console, console_page: ConsolePage) -> None:
    await patch(console, {"trust_threshold": 0.3})
    await patch(console, {"trust_threshold": 0.6})
    run = await start_shadow(console)
    page = await console_page("member", "/console/guardrails")
    await expect(page.get_by_role("link", name="Try changes")).to_be_visible()
    for path in ("versions", f"shadow/{run}"):
        await page.goto(f"{console.url}/console/guardrails/{path}")
        await expect(page.locator("h1")).to_be_visible()
        assert await page.get_by_role("button", name="Roll back").count() == 0
        assert await page.get_by_role("button", name="Stop").count() == 0

    page = await console_page("operator", "/console/guardrails")
    await page.get_by_role("link", name=str(console.api.tenant)).click()
    await expect(page.locator("#settings .why")).to_contain_text("Version 2")
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_label("Trust threshold").fill("0.8")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#settings .why")).to_contain_text("Version 3")
    assert (await settings(console))["trust_threshold"] == 0.8


async def test_another_owners_change_appears_without_a_reload(console: Console, console_page: ConsolePage) -> None:
    page = await console_page("owner", "/console/guardrails")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await patch(console, {"trust_threshold": 0.9}, sub="omar")
    await expect(page.locator("#settings .why")).to_contain_text("by user omar")


async def test_text_of_others_is_shown_inert(console: Console, console_page: ConsolePage) -> None:
    rule = {"tools": "<b>x</b>", "account": EVIL, "arguments": [{"argument": "<i>a</i>", "equals": EVIL}]}
    await patch(console, {"approval_rules": {"require": [rule]}, "rate_limits": {"<u>x</u>.minute": 1}}, sub=EVIL)
    run = await start_shadow(console)
    await judge_in_shadow(console, run, ("allow", "deny"), reason=EVIL)
    for path in ("", "/edit", "/versions", f"/shadow/{run}"):
        page = await console_page("owner", f"/console/guardrails{path}")
        await expect(page.locator("h1")).to_be_visible()
        assert await page.locator("main img, main b, main i, main u").count() == 0
        if path != "/edit":
            await expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
            assert "\u202e" not in await page.locator("main").inner_text()


async def test_a_stranger_finds_nothing_and_a_reviewer_saves_nothing(
    postgres_console: Console, open_page: OpenPage
) -> None:
    run = await start_shadow(postgres_console)
    stranger = postgres_console.token("owner", tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "owner", f"/console/guardrails/shadow/{run}", token=stranger)
    await expect(page.locator(".error-page")).to_contain_text("404")
    for path in ("", "/edit", "/versions", "/dry-run", "/shadow"):
        await page.goto(f"{postgres_console.url}/console/guardrails{path}?tenant_id={postgres_console.api.tenant}")
        await expect(page.locator(".error-page")).to_contain_text("404")

    page = await open_page(postgres_console, "reviewer", EDIT)
    await page.get_by_label("Trust threshold").fill("0.1")
    await page.evaluate(
        "document.querySelector('.default-button').value = 'save'; document.querySelector('.default-button').click()"
    )
    await expect(page.locator("[data-problem]")).to_contain_text("reviewer may not do this")
    assert (await settings(postgres_console))["trust_threshold"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_pages_have_no_barriers(console: Console, console_page: ConsolePage, options: dict[str, object]) -> None:
    rules = {"require": [{"tools": "S*", "arguments": [{"argument": "a", "one_of": [1]}]}], "two_people": ["high"]}
    await patch(
        console, {"approval_rules": rules, "rate_limits": {"slack.minute": 5}, "quiet_hours": {"start": 1, "end": 2}}
    )
    await patch(console, {"trust_threshold": 0.5})
    await console.agent().post("/v1/envelopes", json=a_proposal())
    run = await start_shadow(console)
    await judge_in_shadow(console, run, ("allow", "deny"))
    for path in ("", "/edit", "/versions", "/dry-run", "/shadow", f"/shadow/{run}"):
        page = await console_page("owner", f"/console/guardrails{path}", **options)
        if path == "/edit":
            await page.get_by_role("button", name="Replay").click()
            await expect(page.locator("[data-summary]")).to_be_visible()
        if path == "/dry-run":
            await page.get_by_label("Tool", exact=False).first.fill("SLACK__chat.post")
            await page.get_by_role("button", name="Judge the call").click()
            await expect(page.locator("#verdicts")).to_be_visible()
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
