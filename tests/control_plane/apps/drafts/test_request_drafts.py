"""One draft for a burst of messages, discarded if the conversation has moved on, and beside what people edited."""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from control_plane.apps.drafts.drafter import Abstained, DraftedReply, DraftRequest
from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.regenerate_draft import regenerate_draft, request_draft
from control_plane.apps.drafts.request_drafts import TaskEnd, request_drafts
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages, tasks
from control_plane.apps.drafts.values import Draft, DraftDecision, DraftStatus
from services.backends.open import postgres_access, postgres_backends
from services.tenants import Tenant
from tests.builders import MINUTE, NOW
from tests.clock import FakeClock
from tests.control_plane.apps.drafts.desk import DRAFTER, INBOX, OLGA, Desk, a_message, a_reply, open_desk


async def statuses(desk: Desk, conversation: UUID) -> list[tuple[str, DraftStatus]]:
    """The drafts of a conversation, the oldest first."""
    return [(d.suggested_text, d.status) for d in (await desk.timeline(conversation)).drafts]


async def test_messages_within_the_quiet_time_make_one_draft(database_url: str) -> None:
    clock = FakeClock()
    async with postgres_backends(database_url, clock=clock) as backends:
        functions, tenant = functions_of(backends), uuid4()
        await backends.tenants.save(Tenant(id=tenant, name="Acme"), actor=OLGA)
        await channels.save_channel(functions, tenant, external_id=INBOX, name="Desk", kind="email", actor=OLGA)
        await channels.save_settings(functions, tenant, {"quiet_seconds": 120}, actor=OLGA)
        first = a_message(external_id="<1@x>")
        second = a_message(external_id="<2@x>", conversation_keys=("<1@x>",), text="It was a book.")
        for minute, message in enumerate((first, second)):
            clock.now = NOW + minute * MINUTE
            await receive_message(backends, tenant, message, actor=OLGA)
        clock.now = NOW + 3 * MINUTE - timedelta(seconds=1)
        assert await tasks.claim(functions) == []
        clock.now = NOW + 3 * MINUTE
        [task] = await tasks.claim(functions)
        assert [m.text for m in task.request.messages] == ["Where is my order?", "It was a book."]
        assert await tasks.claim(functions) == []
        clock.now += 5 * MINUTE  # nothing was saved, as if the process had been killed
        assert [each.request for each in await tasks.claim(functions)] == [task.request]


async def test_the_flood_of_one_tenant_does_not_delay_the_draft_of_another(database_url: str) -> None:
    async with postgres_access(database_url, pool_size=2) as access:
        noisy, quiet = await open_desk(access, database_url), await open_desk(access, database_url)
        for number in range(12):
            await noisy.receive(a_message(text=f"Now! {number}"))
        await quiet.receive()
        noisy.run("update drafts.conversations set draft_at = now() - interval '1 hour'")
        quiet.run("update drafts.conversations set draft_at = now() where tenant_id = %s", quiet.tenant)
        claimed = await tasks.claim(noisy.functions, limit=8)
        assert Counter(task.request.tenant_id for task in claimed) == {noisy.tenant: 7, quiet.tenant: 1}
        assert len(await tasks.claim(noisy.functions, limit=8)) == 5


async def test_a_draft_has_what_the_drafter_returned_and_is_due_by_the_settings(desk: Desk) -> None:
    draft = await desk.pending()
    assert (draft.text, draft.status, draft.version, draft.confidence) == (
        "It is on its way.", DraftStatus.PENDING, 1, 0.9,
    )  # fmt: skip
    assert draft.top_sources == ({"title": "Shipping", "url": "https://acme.example/s", "score": 0.9},)
    received = (await desk.timeline(draft.conversation_id)).messages[0].received_at
    assert received is not None
    assert draft.due_at - received == timedelta(days=1)
    [request] = desk.scribe.requests
    assert (request.channel_type, request.subject, request.customer_name) == ("email", "My order", "Kim")
    assert desk.audit() == ["message.received", "draft.created"]
    [told] = await channels.list_notifications(desk.functions, desk.tenant)
    assert (told.type, told.payload["draft_id"]) == ("draft.ready", str(draft.id))


async def test_a_result_is_discarded_if_the_customer_writes_meanwhile(desk: Desk) -> None:
    first = await desk.receive(a_message(external_id="<1@x>"))

    class Slow:
        async def draft(self, request: DraftRequest) -> DraftedReply:  # noqa: ARG002
            await desk.receive(a_message(conversation_keys=("<1@x>",), text="Never mind, it came."))
            return a_reply()

    desk.run("update drafts.conversations set draft_at = now() where draft_at is not null")
    [ended] = await request_drafts(desk.backends, Slow(), actor=DRAFTER, tenant=desk.tenant)
    assert ended.end is TaskEnd.MOVED_ON
    assert await statuses(desk, first.conversation_id) == []
    [again] = await desk.draft()
    assert again.end is TaskEnd.DRAFTED


async def test_a_new_message_supersedes_a_draft_unless_somebody_edited_it(desk: Desk) -> None:
    draft = await desk.pending(a_message(external_id="<1@x>"))
    follow_up = a_message(external_id="<2@x>", conversation_keys=("<1@x>",), text="Hello?")
    await desk.receive(follow_up)
    assert await statuses(desk, draft.conversation_id) == [("It is on its way.", DraftStatus.SUPERSEDED)]
    desk.scribe.answer = a_reply(text="Sorry for the wait.")
    [second] = await desk.draft()
    assert second.draft_id is not None
    await edit_draft(desk.backends, desk.tenant, second.draft_id, version=1, text="Sorry!", actor=OLGA)
    await desk.receive(a_message(conversation_keys=("<2@x>",), text="Anybody there?"))
    desk.scribe.answer = a_reply(text="Yes.")
    await desk.draft()
    assert await statuses(desk, draft.conversation_id) == [
        ("It is on its way.", DraftStatus.SUPERSEDED),
        ("Sorry for the wait.", DraftStatus.PENDING),
        ("Yes.", DraftStatus.PENDING),
    ]


async def test_an_abstention_is_kept_until_somebody_answers(desk: Desk) -> None:
    desk.scribe.answer = Abstained(reason="nothing in the sources", best_score=0.2)
    received = await desk.receive()
    [ended] = await desk.draft()
    assert (ended.end, await desk.draft()) == (TaskEnd.ABSTAINED, [])
    [waiting] = await messages.list_abstained(desk.functions, desk.tenant)
    assert (waiting.id, waiting.abstained_reason) == (received.conversation_id, "nothing in the sources")
    written = await drafts.write(desk.functions, desk.tenant, received.conversation_id, text="I will ask.", actor=OLGA)
    assert await messages.list_abstained(desk.functions, desk.tenant) == []
    answered = (await desk.timeline(received.conversation_id)).conversation
    assert (answered.abstained_at, answered.abstained_reason) == (None, None)
    own = await desk.read(written.draft_id)
    await desk.decide(own)
    assert [m.body_text for m in (await desk.timeline(received.conversation_id)).messages][-1] == "I will ask."


async def test_a_new_message_ends_an_abstention(desk: Desk) -> None:
    desk.scribe.answer = Abstained(reason="nothing in the sources", best_score=0.2)
    received = await desk.receive()
    await desk.draft()
    await desk.receive(a_message(text="Hello?"), conversation=received.conversation_id)
    waiting = (await desk.timeline(received.conversation_id)).conversation
    assert (waiting.abstained_at, waiting.abstained_reason) == (None, None)


async def test_a_drafter_that_fails_is_asked_again_later(desk: Desk) -> None:
    desk.scribe.answer = RuntimeError("the text of a customer")
    await desk.receive()
    [ended] = await desk.draft()
    assert ended.end is TaskEnd.FAILED
    assert ended.problem is not None
    assert "the text of a customer" not in ended.problem
    desk.scribe.answer = a_reply()
    assert [each.end for each in await desk.draft()] == [TaskEnd.DRAFTED]


async def test_regenerating_releases_the_trigger_and_tells_the_drafter_what_was_asked(desk: Desk) -> None:
    draft = await desk.pending()
    await regenerate_draft(
        desk.backends, desk.tenant, draft.id, version=1, instruction="shorter", actor=OLGA
    )  # fmt: skip
    desk.scribe.answer = a_reply(text="Soon.")
    [ended] = await desk.draft()
    assert ended.draft_id is not None
    again: Draft = await desk.read(ended.draft_id)
    assert (desk.scribe.requests[-1].instruction, again.instruction) == ("shorter", "shorter")
    assert await statuses(desk, draft.conversation_id) == [
        ("It is on its way.", DraftStatus.SUPERSEDED), ("Soon.", DraftStatus.PENDING),
    ]  # fmt: skip
    assert again.trigger_message_id == draft.trigger_message_id


async def test_after_a_rejection_a_new_draft_may_be_requested(desk: Desk) -> None:
    draft = await desk.pending()
    await desk.decide(draft, DraftDecision.REJECT)
    assert await desk.draft() == []
    await request_draft(desk.backends, desk.tenant, draft.conversation_id, actor=OLGA, instruction="be polite")
    assert [each.end for each in await desk.draft()] == [TaskEnd.DRAFTED]


async def test_the_next_draft_keeps_assignee_priority_and_escalation(desk: Desk) -> None:
    draft = await desk.pending(a_message(external_id="<1@x>"))
    await drafts.lock(functions_of(desk.as_user()), desk.tenant, draft.id, seconds=0, take_over=False, actor=OLGA)
    [rita] = [u for u in await channels.list_users(desk.functions, desk.tenant) if u.auth_subject == "rita"]
    await drafts.assign(desk.functions, desk.tenant, draft.id, rita.id, actor=OLGA)
    await desk.receive(a_message(conversation_keys=("<1@x>",), text="Hello?"))
    [ended] = await desk.draft()
    assert ended.draft_id is not None
    assert (await desk.read(ended.draft_id)).assignee_user_id == rita.id
