"""The console pages of drafts in a real browser: queue, reply, conversation; what reviewers do, and hostile texts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Page, Route, expect
from psycopg.types.json import Jsonb

from control_plane.apps.drafts.drafter import Abstained
from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.store.corrections import list_corrections
from control_plane.apps.drafts.values import DeliveryState, DraftDecision, DraftStatus
from tests.control_plane.apps.drafts.desk import OLGA, SEND, Desk, a_message, a_reply, open_desk
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=alert(1)>"
NOTIFY = "insert into drafts.notifications (tenant_id, type, payload) values (%s, %s, %s) returning id"


@dataclass
class Office:
    """The console and a desk of its first tenant."""

    console: Console
    desk: Desk

    def path(self, path: str) -> str:
        return f"/console{path}"


@pytest.fixture
async def office(postgres_console: Console, database_url: str) -> Office:
    """A tenant that answers mail, and its console."""
    desk = await open_desk(postgres_console.api.access, database_url, tenant=postgres_console.api.tenant)
    return Office(postgres_console, desk)


async def opened(open_page: OpenPage, office: Office, path: str, person: Any = "reviewer", **options: Any) -> Page:
    return await open_page(office.console, person, office.path(path), **options)


async def without_news(route: Route) -> None:
    """Let the page read nothing again, as if it had no time for that."""
    await (route.abort() if "x-live" in route.request.headers else route.fallback())


async def test_a_reviewer_edits_a_draft_and_sends_it(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending(a_message(subject="My parcel"))
    page = await opened(open_page, office, "/drafts")
    await page.get_by_role("link", name="My parcel").click()
    await page.locator("#reply textarea").fill("It arrives on Monday.")
    await expect(page.locator("#diff ins")).to_have_text(["It arrives on Monday."])
    await page.get_by_role("button", name="Send", exact=False).first.click()
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()

    decided = await office.desk.read(draft.id)
    assert decided.status is DraftStatus.SENT
    assert [(action.type, action.final_text) for action in decided.actions] == [("edit", "It arrives on Monday.")]
    timeline = await office.desk.timeline(draft.conversation_id)
    sent = timeline.messages[-1]
    assert (sent.body_text, sent.delivery_state) == ("It arrives on Monday.", DeliveryState.QUEUED)
    [envelope] = await office.desk.backends.outbox.list_envelopes(office.desk.tenant, status=None, limit=10)
    assert (envelope.id, envelope.tool_slug) == (sent.envelope_id, SEND)


async def test_an_unchanged_draft_is_approved_as_it_is(office: Office, open_page: OpenPage) -> None:
    office.desk.scribe.answer = a_reply(text="Hello,\n\nit is on its way.\n")
    draft = await office.desk.pending()
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.get_by_role("button", name="Send", exact=False).first.click()
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()
    assert [action.type for action in (await office.desk.read(draft.id)).actions] == ["approve"]


async def test_who_comes_second_learns_who_was_first(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending()
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.locator("#reply textarea").fill("Typed meanwhile.")
    await page.context.route("**/drafts/*", without_news)
    await office.desk.decide(draft, take_over=True)
    await page.get_by_role("button", name="Send", exact=False).first.click()
    await expect(page.locator("#reply [data-problem]")).to_contain_text("was already approved by olga")
    await expect(page.locator("#reply textarea")).to_have_value("Typed meanwhile.")


async def test_a_draft_that_a_newer_message_replaced_cannot_be_sent(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending(a_message(external_id="<first@b.example>"))
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.locator("#reply textarea").fill("Typed meanwhile.")
    await expect(page.locator("[data-stale]")).to_be_hidden()
    await office.desk.receive(a_message(conversation_keys=("<first@b.example>",), text="It came."))
    await expect(page.locator("[data-stale]")).to_be_visible()
    for name in ("Send", "Save", "Reject", "Write again", "Assign"):
        await expect(page.locator(".reply-editor").get_by_role("button", name=name).first).to_be_disabled()
    await expect(page.locator("#reply textarea")).to_have_value("Typed meanwhile.")
    await page.locator("[data-stale] a").click()
    await expect(page.locator("#reply-head")).to_contain_text("replaced by a newer message")
    await expect(page.get_by_role("button", name="Send")).to_have_count(0)


async def test_a_draft_that_a_colleague_changed_is_opened_again_before_it_is_sent(
    office: Office, open_page: OpenPage
) -> None:
    draft = await office.desk.pending()
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await edit_draft(
        office.desk.backends, office.desk.tenant, draft.id, version=draft.version, text="Better words.", actor=OLGA
    )
    await expect(page.locator("[data-stale]")).to_be_visible()
    await expect(page.locator("#reply .primary")).to_be_disabled()
    await page.locator("[data-stale] a").click()
    await expect(page.locator("#reply textarea")).to_have_value("Better words.")
    await expect(page.locator("#reply .primary")).to_be_enabled()


async def test_a_saved_edit_and_a_rejection_are_kept(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending()
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.locator("#reply textarea").fill("Half of an answer")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("edited by")).to_be_visible()
    assert (await office.desk.read(draft.id)).text == "Half of an answer"

    await page.get_by_role("button", name="Reject", exact=False).first.click()
    await page.get_by_label("Why").select_option("tone")
    await page.get_by_role("button", name="Reject the draft").click()
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()
    rejected = await office.desk.read(draft.id)
    assert (rejected.status, [action.code for action in rejected.actions]) == (DraftStatus.ARCHIVED, ["tone"])


async def test_another_address_has_to_be_confirmed(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending(a_message(reply_to="boss@other.example"))
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.get_by_role("button", name="Send", exact=False).first.click()
    await expect(page.locator("#reply [data-problem]")).to_contain_text("confirmed_recipient")
    await page.get_by_label("asks for answers at").check()
    await page.get_by_role("button", name="Send", exact=False).first.click()
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()
    assert (await office.desk.read(draft.id)).status is DraftStatus.SENT


async def test_a_draft_is_organised_and_shown_again(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending(a_message(subject="Later"))
    page = await opened(open_page, office, f"/drafts/{draft.id}")
    await page.get_by_label("Priority").select_option("urgent")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.locator("#reply-head .badge", has_text="urgent")).to_be_visible()
    await page.get_by_label("Snooze for").select_option("24")
    await page.get_by_role("button", name="Snooze", exact=True).click()
    await expect(page.get_by_role("heading", name="No replies wait")).to_be_visible()
    await page.get_by_role("link", name="With snoozed").click()
    await expect(page.get_by_role("link", name="Later")).to_be_visible()
    assert (await office.desk.read(draft.id)).priority == "urgent"


async def test_a_new_message_appears_without_a_reload(office: Office, open_page: OpenPage) -> None:
    page = await opened(open_page, office, "/drafts")
    await expect(page.locator("[data-live-state]")).to_have_attribute("data-live-state", "live")
    await office.desk.pending(a_message(subject="Just now"))
    await expect(page.get_by_role("link", name="Just now")).to_be_visible()


async def test_colleagues_see_who_works_on_a_draft(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending()
    first = await opened(open_page, office, f"/drafts/{draft.id}", token=office.console.token("reviewer", sub="rita"))
    await first.locator("#reply textarea").press_sequentially("I")

    await expect(first.locator("#diff ins")).to_have_count(1)
    second = await opened(open_page, office, f"/drafts/{draft.id}", token=office.console.token("reviewer", sub="otto"))
    await expect(second.locator("#reply-head")).to_contain_text("works on it until")


async def test_notes_and_replies_of_people_stand_in_the_conversation(office: Office, open_page: OpenPage) -> None:
    received = await office.desk.receive(a_message(subject="A riddle"))
    page = await opened(open_page, office, "/conversations")
    await page.get_by_role("link", name="A riddle").click()
    await page.get_by_role("button", name="Add a note", exact=False).first.click()
    await page.locator("#note textarea").fill("Ask Bob.")
    await page.locator("#note").get_by_role("button", name="Add the note").click()
    await expect(page.locator(".message.system")).to_contain_text("Ask Bob.")
    await page.get_by_role("button", name="Write a reply", exact=False).first.click()
    await page.locator("#write textarea").fill("Bob knows.")
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.locator("#reply textarea")).to_have_value("Bob knows.")
    timeline = await office.desk.timeline(received.conversation_id)
    assert [draft.suggested_text for draft in timeline.drafts] == ["Bob knows."]


async def test_texts_from_outside_are_inert(office: Office, open_page: OpenPage) -> None:
    office.desk.scribe.answer = a_reply(text=HOSTILE)
    draft = await office.desk.pending(
        a_message(subject=HOSTILE, text=f"{HOSTILE}\n> {HOSTILE}", customer_name=HOSTILE, html=HOSTILE)
    )
    for path in ("/drafts", f"/drafts/{draft.id}", "/conversations", f"/conversations/{draft.conversation_id}"):
        page = await opened(open_page, office, path)
        await expect(page.locator("main script, main img")).to_have_count(0)
        await expect(page.get_by_text("<script>", exact=False).first).to_be_attached()
        assert "hacked" not in await page.evaluate("document.title.split('<')[0]")


async def test_notifications_lead_to_what_they_are_about_and_are_marked_as_read(
    office: Office, open_page: OpenPage
) -> None:
    draft = await office.desk.pending(a_message(subject="My parcel"))
    office.desk.scribe.answer = Abstained(reason="no source answers it", best_score=0.1)
    await office.desk.receive(a_message(external_id="mars", text="Do you ship to Mars?"))
    await office.desk.draft()
    for type_, payload in (
        ("mail.refused", {"folder": HOSTILE, "uid": 7, "problem": HOSTILE}), ("topic.demoted", {"topic": HOSTILE}),
        ("from.another.version", {}),
    ):  # fmt: skip
        office.desk.run(NOTIFY, office.desk.tenant, type_, Jsonb(payload))
    page = await opened(open_page, office, "/notifications")
    rows = page.locator("#notifications [data-row]")
    await expect(rows).to_have_count(5)
    await expect(page.locator("main script, main img")).to_have_count(0)

    await page.get_by_role("button", name="Mark 5 notifications as read").click()
    await expect(page.get_by_text("unread", exact=True)).to_have_count(0)
    await page.get_by_role("link", name="Unread").click()
    await expect(page.get_by_role("heading", name="Nothing is unread")).to_be_visible()
    await page.get_by_role("link", name="All", exact=True).click()
    await page.get_by_role("link", name="A draft", exact=True).click()
    await expect(page).to_have_url(f"{office.console.url}/console/drafts/{draft.id}")


async def test_members_read_and_others_see_nothing(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending(a_message(subject="Private"))
    page = await opened(open_page, office, f"/drafts/{draft.id}", person="member")
    await expect(page.get_by_text("You can only read.")).to_be_visible()
    await expect(page.get_by_role("button", name="Send", exact=False)).to_have_count(0)
    stranger = office.console.token("owner", tenant=UUID(str(office.console.api.other_tenant)))
    page = await opened(open_page, office, "/conversations", person="owner", token=stranger)
    await expect(page.get_by_role("heading", name="No conversations")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=str)
async def test_pages_with_a_draft_are_accessible_and_fit_their_window(
    office: Office,
    open_page: OpenPage,
    look: dict[str, Any],
) -> None:
    """Lists without rows are in tests/control_plane/console/test_every_page.py."""
    draft = await office.desk.pending(a_message(text="When?\n\n> We ship soon.\n"))
    tenant = f"?tenant_id={office.desk.tenant}"
    found = {}
    paths = (
        "/drafts", f"/drafts/{draft.id}", "/conversations", f"/conversations/{draft.conversation_id}", "/notifications",
    )  # fmt: skip
    for path in paths:
        page = await opened(open_page, office, path + tenant, person="operator", **look)
        await expect(page.locator("h1")).to_have_count(1)
        found[path] = (
            await find_barriers(page),
            await page.evaluate("document.documentElement.scrollWidth - innerWidth"),
        )
    assert found == dict.fromkeys(found, ([], 0))


async def test_a_correction_is_used_only_after_a_person_approved_it(office: Office, open_page: OpenPage) -> None:
    await office.desk.functions.call(
        "drafts.propose_correction", tenant=office.desk.tenant, actor_id="olga",
        correction={
            "external_id": "track", "patterns": ["track"], "question": "How do I track it?", "answer": "By the link.",
        },
    )  # fmt: skip
    page = await opened(open_page, office, "/knowledge/corrections")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("heading", name="No proposed corrections")).to_be_visible()
    found = await list_corrections(office.desk.functions, office.desk.tenant, actor=OLGA)
    assert [(each.external_id, each.status) for each in found] == [("track", "approved")]


async def test_what_people_decided_and_what_had_no_answer_is_counted(office: Office, open_page: OpenPage) -> None:
    draft = await office.desk.pending()
    await office.desk.decide(draft, DraftDecision.EDIT, text="It is on its way now.", by="rita")
    office.desk.scribe.answer = Abstained(reason="no source answers it", best_score=0.1)
    await office.desk.receive(a_message(text="Do you ship to Mars?"))
    await office.desk.draft()
    page = await opened(open_page, office, "/learning")
    await expect(page.locator(".tile").first).to_contain_text("1")
    await expect(page.get_by_role("region", name="Content gaps")).to_contain_text("Mars")
    for name in ("7 days", "Topic"):
        await page.get_by_role("link", name=name).click()
        await expect(page.locator("main [aria-current]", has_text=name)).to_have_count(1)
        await expect(page.locator(".tile").first).to_contain_text("1")
