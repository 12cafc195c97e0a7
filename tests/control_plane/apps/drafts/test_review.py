"""Reviewers share the queue: locks, assignment, snooze, priority, escalation, notes and notifications."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages
from control_plane.apps.drafts.tenant_values import DraftsSettings
from control_plane.apps.drafts.values import DraftDecision, DraftStatus, Priority
from services.envelope import Door
from services.errors import DecisionConflict, InvalidInput, NotAllowed, NotFound, StateConflict
from tests.control_plane.apps.drafts.desk import OLGA, Desk, a_message

HOUR = timedelta(hours=1)


async def test_the_queue_has_what_is_due_first_at_the_top_and_comes_in_pages(desk: Desk) -> None:
    made = [await desk.pending() for _ in range(3)]
    await drafts.set_priority(desk.functions, desk.tenant, made[2].id, Priority.URGENT, actor=OLGA)
    first = await drafts.list_queue(desk.functions, desk.tenant, limit=2)
    rest = await drafts.list_queue(desk.functions, desk.tenant, after=(first[-1].due_at, first[-1].id))
    assert [d.id for d in (*first, *rest)] == [made[2].id, made[0].id, made[1].id]
    assert (first[0].priority, first[0].text_start, first[0].subject) == (
        Priority.URGENT, "It is on its way.", "My order",
    )  # fmt: skip
    assert first[0].last_message is not None
    assert first[0].last_message.text_start == "Where is my order?"
    assert made[2].due_at - first[0].due_at == timedelta(minutes=1440 - 60)


async def test_a_user_whose_address_changes_gets_the_new_one_if_nobody_else_has_it(desk: Desk) -> None:
    draft = await desk.pending()

    async def seen_as(address: str | None, name: str = "rita") -> str:
        claims = {"tenant_id": str(desk.tenant), "sub": name, "role": "authenticated", "tenant_role": "reviewer"}
        claims |= {} if address is None else {"email": address}
        rita = desk.access.as_tenant(desk.tenant, claims, Door.API, None)
        await drafts.lock(functions_of(rita), desk.tenant, draft.id, seconds=60, take_over=True, actor=OLGA)
        [[email]] = desk.run(
            "select email from drafts.users where tenant_id = %s and auth_subject = %s", desk.tenant, name
        )
        return str(email)

    assert await seen_as("sam@acme.example", "sam") == "sam@acme.example"
    addresses = [None, "rita@acme.example", "Rita@New.example", None, "sam@acme.example"]
    assert [await seen_as(address) for address in addresses] == [
        "rita", "rita@acme.example", "rita@new.example", "rita@new.example", "rita@new.example",
    ]  # fmt: skip


async def test_the_lock_of_a_reviewer_keeps_others_from_deciding_until_they_take_over(desk: Desk) -> None:
    draft = await desk.pending()
    rita = functions_of(desk.as_user("rita"))
    until = await drafts.lock(rita, desk.tenant, draft.id, seconds=120, take_over=False, actor=OLGA)
    assert until is not None
    for attempt in (
        desk.decide(draft, DraftDecision.REJECT, by="sam"),
        edit_draft(desk.as_user("sam"), desk.tenant, draft.id, version=1, text="x", actor=OLGA),
    ):
        with pytest.raises(DecisionConflict, match=r"rita@acme\.example works on it until"):
            await attempt
    shown = await desk.read(draft.id)
    assert (shown.locked_by_name, shown.locked_until) == ("rita@acme.example", until)
    await desk.decide(draft, DraftDecision.REJECT, by="sam", take_over=True)


async def test_a_lock_ends_by_itself_or_when_its_owner_ends_it(desk: Desk) -> None:
    draft = await desk.pending()
    rita = functions_of(desk.as_user("rita"))
    await drafts.lock(rita, desk.tenant, draft.id, seconds=120, take_over=False, actor=OLGA)
    assert await drafts.lock(rita, desk.tenant, draft.id, seconds=0, take_over=False, actor=OLGA) is None
    await drafts.lock(rita, desk.tenant, draft.id, seconds=120, take_over=False, actor=OLGA)
    desk.run("update drafts.drafts set locked_until = now() - interval '1 second' where id = %s", draft.id)
    await desk.decide(draft, by="sam")


async def test_an_assigned_draft_is_in_the_queue_of_its_user_who_is_told(desk: Desk) -> None:
    draft = await desk.pending()
    await desk.pending()
    await drafts.lock(functions_of(desk.as_user("rita")), desk.tenant, draft.id, seconds=0, take_over=False, actor=OLGA)
    [rita] = await channels.list_users(desk.functions, desk.tenant)
    await drafts.assign(functions_of(desk.as_user("sam")), desk.tenant, draft.id, rita.id, actor=OLGA)
    mine = await drafts.list_queue(desk.functions, desk.tenant, assignee=rita.id)
    assert [(d.id, d.assignee_name) for d in mine] == [(draft.id, "rita@acme.example")]
    for subject, told in (("rita", ["draft.assigned"]), ("sam", [])):
        found = await channels.list_notifications(desk.functions, desk.tenant, subject=subject, unread_only=True)
        assert [n.type for n in found if n.user_id is not None] == told
    with pytest.raises(NotFound, match="assignee: no user"):
        await drafts.assign(desk.functions, desk.tenant, draft.id, uuid4(), actor=OLGA)


async def test_a_snoozed_draft_is_hidden_until_its_time(desk: Desk) -> None:
    draft = await desk.pending()
    await drafts.snooze(desk.functions, desk.tenant, draft.id, datetime.now(UTC) + HOUR, actor=OLGA)
    assert await drafts.list_queue(desk.functions, desk.tenant) == []
    assert len(await drafts.list_queue(desk.functions, desk.tenant, with_snoozed=True)) == 1
    desk.run("update drafts.drafts set snoozed_until = now() - interval '1 second' where id = %s", draft.id)
    assert len(await drafts.list_queue(desk.functions, desk.tenant)) == 1
    with pytest.raises(InvalidInput, match="until: must be later than now"):
        await drafts.snooze(desk.functions, desk.tenant, draft.id, datetime.now(UTC) - HOUR, actor=OLGA)


async def test_an_escalated_draft_is_for_admins(desk: Desk) -> None:
    draft = await desk.pending()
    owner = functions_of(desk.as_user("ada", "owner"))
    await drafts.lock(owner, desk.tenant, draft.id, seconds=0, take_over=False, actor=OLGA)  # makes her known
    with pytest.raises(InvalidInput, match="reason: is required"):
        await drafts.escalate(owner, desk.tenant, draft.id, "", actor=OLGA)
    await drafts.escalate(functions_of(desk.as_user("rita")), desk.tenant, draft.id, "a lawyer", actor=OLGA)
    with pytest.raises(NotAllowed, match="was escalated, so an admin has to decide"):
        await desk.decide(draft, by="rita")
    with pytest.raises(StateConflict, match="was escalated before"):
        await drafts.escalate(owner, desk.tenant, draft.id, "again", actor=OLGA)
    told = await channels.list_notifications(desk.functions, desk.tenant, subject="ada")
    assert "draft.escalated" in [n.type for n in told]
    await drafts.decide(
        owner, desk.tenant, draft.id, decision=DraftDecision.REJECT, version=1, digest=draft.digest, actor=OLGA,
        code="other",  # type: ignore[arg-type]
    )  # fmt: skip
    assert (await desk.read(draft.id)).status is DraftStatus.ARCHIVED


async def test_a_note_is_in_the_timeline_and_never_in_what_a_drafter_reads(desk: Desk) -> None:
    received = await desk.receive()
    rita = functions_of(desk.as_user("rita"))
    await messages.add_note(rita, desk.tenant, received.conversation_id, "She called.", actor=OLGA)
    await desk.draft()
    assert [m.text for m in desk.scribe.requests[0].messages] == ["Where is my order?"]
    note = (await desk.timeline(received.conversation_id)).messages[-1]
    assert (note.direction, note.body_text, note.author_name) == ("system", "She called.", "rita@acme.example")


async def test_notifications_are_read_once(desk: Desk) -> None:
    await desk.pending()
    [told] = await channels.list_notifications(desk.functions, desk.tenant)
    assert await channels.mark_read(desk.functions, desk.tenant, [told.id], actor=OLGA) == 1
    assert await channels.mark_read(desk.functions, desk.tenant, [told.id], actor=OLGA) == 0
    assert await channels.list_notifications(desk.functions, desk.tenant, unread_only=True) == []


async def test_conversations_are_found_by_the_address_in_any_case(desk: Desk) -> None:
    received = await desk.receive(a_message(customer_email="kim@Customer.example"))
    await desk.receive(a_message(customer_email="other@customer.example"))
    found = await messages.list_conversations(desk.functions, desk.tenant, customer="KIM@customer.EXAMPLE")
    assert [c.id for c in found] == [received.conversation_id]
    assert len(await messages.list_conversations(desk.functions, desk.tenant, limit=50)) == 2
    page = await messages.list_messages(desk.functions, desk.tenant, received.conversation_id)
    assert [m.body_text for m in page] == ["Where is my order?"]


async def test_settings_have_defaults_and_refuse_other_names_and_values(desk: Desk) -> None:
    assert await channels.read_settings(desk.functions, desk.tenant) == DraftsSettings()
    saved = await channels.save_settings(desk.functions, desk.tenant, {"quiet_seconds": 5}, actor=OLGA)
    assert saved == await channels.read_settings(desk.functions, desk.tenant) == DraftsSettings(quiet_seconds=5)
    with pytest.raises(InvalidInput, match="loudness: is not a setting of drafts"):
        await channels.save_settings(desk.functions, desk.tenant, {"loudness": 5}, actor=OLGA)
    with pytest.raises(InvalidInput, match="quiet_seconds"):
        await channels.save_settings(desk.functions, desk.tenant, {"quiet_seconds": -1}, actor=OLGA)
    with pytest.raises(NotAllowed):
        await channels.save_settings(functions_of(desk.as_user()), desk.tenant, {"quiet_seconds": 5}, actor=OLGA)


async def test_every_change_has_an_audit_row_without_texts(desk: Desk) -> None:
    draft = await desk.pending()
    await edit_draft(desk.backends, desk.tenant, draft.id, version=1, text="Tomorrow.", actor=OLGA)
    await drafts.set_priority(desk.functions, desk.tenant, draft.id, Priority.HIGH, actor=OLGA)
    await drafts.snooze(desk.functions, desk.tenant, draft.id, None, actor=OLGA)
    await messages.add_note(desk.functions, desk.tenant, draft.conversation_id, "She called.", actor=OLGA)
    await drafts.escalate(desk.functions, desk.tenant, draft.id, "a lawyer", actor=OLGA)
    await desk.decide(await desk.read(draft.id))
    assert desk.audit() == [
        "message.received", "draft.created", "draft.edited", "draft.prioritized", "draft.snoozed", "conversation.noted",
        "draft.escalated", "draft.decided",
    ]  # fmt: skip
    [[texts]] = desk.run("select string_agg(payload::text, ' ') from audit_log where tenant_id = %s", desk.tenant)
    for text in ("order", "Tomorrow", "called", "lawyer", "kim@"):
        assert text not in texts
