"""An approval stores action, learning sample, reply and envelope together, for exactly what the reviewer was shown."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.learning.edits import replay
from control_plane.apps.drafts.store import channels, drafts, functions_of
from control_plane.apps.drafts.values import DeliveryState, DraftDecision, DraftStatus, RejectionCode
from services.errors import ControlPlaneError, DecisionConflict, InvalidInput, NotAllowed, NotFound, StateConflict
from tests.builders import system
from tests.control_plane.apps.drafts.desk import INBOX, KIM, OLGA, SEND, Desk, a_message, a_reply

WORDS = "It is on its way."
"""What the drafter of these tests wrote."""
ROWS = """
select
  (select count(*) from drafts.draft_actions where tenant_id = %(tenant)s),
  (select count(*) from drafts.learning_samples where tenant_id = %(tenant)s),
  (select count(*) from drafts.messages where tenant_id = %(tenant)s and direction = 'outbound'),
  (select count(*) from public.outbox where tenant_id = %(tenant)s)
"""


def rows(desk: Desk) -> tuple[Any, ...]:
    """How many actions, learning samples, replies and envelopes the tenant has."""
    [counts] = desk.run(ROWS.replace("%(tenant)s", f"'{desk.tenant}'"))
    return counts


async def envelope(desk: Desk, id_: object) -> Any:
    """The row of the outbox."""
    [[row]] = desk.run("select to_jsonb(o) from public.outbox as o where id = %s", id_)
    return row


async def test_an_approved_draft_is_an_envelope_in_the_thread_of_its_conversation(desk: Desk) -> None:
    draft = await desk.pending(a_message(external_id="<1@customer.example>"))
    decided = await desk.decide(draft)
    sent = await envelope(desk, decided.envelope_id)
    assert {name: sent[name] for name in ("tool_slug", "external_id", "status", "proposed_by", "ordering_key")} == {
        "tool_slug": SEND, "external_id": str(draft.id), "status": "pending", "proposed_by": "operator:olga",
        "ordering_key": str(draft.conversation_id),
    }  # fmt: skip
    assert sent["arguments"] == {
        "to": [KIM], "subject": "Re: My order", "text": "It is on its way.", "in_reply_to": "<1@customer.example>",
        "references": ["<1@customer.example>"],
    }  # fmt: skip
    assert (sent["trust_context"]["approved_by"], sent["trust_context"]["digest"]) == ("operator:olga", draft.digest)
    timeline = await desk.timeline(draft.conversation_id)
    reply = timeline.messages[-1]
    assert (reply.direction, reply.delivery_state, reply.envelope_id, reply.external_id, reply.from_address) == (
        "outbound", DeliveryState.QUEUED, decided.envelope_id, f"<{decided.envelope_id}@acme.example>", INBOX,
    )  # fmt: skip
    [action] = timeline.actions
    assert (action.type, action.user_name, action.message_id) == (DraftDecision.APPROVE, "olga", reply.id)
    assert (await desk.read(draft.id)).status is DraftStatus.SENT
    assert timeline.conversation.unanswered_id is None
    assert desk.audit() == ["message.received", "draft.created", "draft.decided"]
    assert rows(desk) == (1, 0, 1, 1)


async def test_an_edit_teaches_what_was_changed(desk: Desk) -> None:
    draft = await desk.pending()
    await desk.decide(draft, DraftDecision.EDIT, text="It is on its way to you.", html="<p>It is</p>")
    timeline = await desk.timeline(draft.conversation_id)
    assert (timeline.messages[-1].body_text, timeline.messages[-1].body_html) == (
        "It is on its way to you.", "<p>It is</p>",
    )  # fmt: skip
    [[diff]] = desk.run("select diff_json from drafts.learning_samples where tenant_id = %s", desk.tenant)
    assert replay(draft.suggested_text, diff) == "It is on its way to you."
    assert rows(desk) == (1, 1, 1, 1)


async def test_a_saved_edit_is_what_an_approval_sends(desk: Desk) -> None:
    draft = await desk.pending()
    edited = await edit_draft(desk.backends, desk.tenant, draft.id, version=1, text="Tomorrow.", actor=OLGA)
    with pytest.raises(DecisionConflict, match="now has version 2, edited by olga"):
        await desk.decide(draft)
    shown = await desk.read(draft.id)
    assert (shown.text, shown.suggested_text, shown.version, shown.digest) == (
        "Tomorrow.", "It is on its way.", edited.version, edited.digest,
    )  # fmt: skip
    await desk.decide(shown)
    [action] = (await desk.timeline(draft.conversation_id)).actions
    assert (action.type, action.final_text) == (DraftDecision.EDIT, "Tomorrow.")
    assert rows(desk) == (1, 1, 1, 1)


async def test_a_rejected_draft_is_archived_with_a_reason_and_sends_nothing(desk: Desk) -> None:
    draft = await desk.pending()
    await desk.decide(draft, DraftDecision.REJECT, code=RejectionCode.TONE, reason="too short")
    timeline = await desk.timeline(draft.conversation_id)
    assert [(a.type, a.code, a.notes) for a in timeline.actions] == [
        (DraftDecision.REJECT, RejectionCode.TONE, "too short")
    ]
    assert (timeline.drafts[0].status, rows(desk)) == (DraftStatus.ARCHIVED, (1, 0, 0, 0))
    assert timeline.conversation.unanswered_id is not None


async def test_of_two_reviewers_at_once_one_decides_and_the_other_learns_who_and_when(desk: Desk) -> None:
    draft = await desk.pending()
    results = await asyncio.gather(
        desk.decide(draft, by="rita"), desk.decide(draft, DraftDecision.REJECT, by="sam"), return_exceptions=True
    )
    [conflict] = [each for each in results if isinstance(each, BaseException)]
    assert isinstance(conflict, DecisionConflict)
    [action] = (await desk.timeline(draft.conversation_id)).actions
    assert (conflict.decided_by, conflict.decided_at) == (action.user_name, action.created_at)
    assert f"was already {'approved' if action.type is DraftDecision.APPROVE else 'rejected'} by" in str(conflict)


async def test_a_decision_is_for_exactly_what_was_shown(desk: Desk) -> None:
    """The customer's address, the subject and the files are part of it, as the text is."""
    draft = await desk.pending()
    for change in (
        "update drafts.conversations set customer_email = 'eve@evil.example' where id = %s",
        "update drafts.conversations set subject = 'Refund' where id = %s",
        """update drafts.drafts set attachments = '[{"file_name": "a", "file_url": "https://x"}]'
           where conversation_id = %s""",
    ):
        draft = await desk.read(draft.id)
        desk.run(change, draft.conversation_id)
        with pytest.raises(DecisionConflict) as refused:
            await desk.decide(draft)
        assert refused.value.current_digest == (await desk.read(draft.id)).digest != draft.digest
    assert rows(desk) == (0, 0, 0, 0)


async def test_an_envelope_that_is_refused_leaves_nothing(desk: Desk) -> None:
    """Even if the refusal comes last, from the outbox itself."""
    draft = await desk.pending()
    call: dict[str, Any] = {
        "tool_slug": SEND, "arguments": {"to": [KIM], "text": "x"}, "id": str(draft.id), "risk": "enormous",
    }  # fmt: skip
    with pytest.raises(InvalidInput):
        await drafts.decide(
            desk.functions, desk.tenant, draft.id, decision=DraftDecision.EDIT, version=1, digest=draft.digest,
            final_text="x", diff={"operations": []}, envelope=call, actor=OLGA,
        )  # fmt: skip
    assert rows(desk) == (0, 0, 0, 0)
    assert (await desk.read(draft.id)).status is DraftStatus.PENDING


async def test_a_text_over_the_limit_of_arguments_is_refused_before_the_approval(desk: Desk) -> None:
    draft = await desk.pending()
    long = "é" * 33_000
    with pytest.raises(InvalidInput, match="text: is too long"):
        await desk.decide(draft, DraftDecision.EDIT, text=long)
    with pytest.raises(InvalidInput, match="text: is too long"):
        await edit_draft(desk.backends, desk.tenant, draft.id, version=1, text=long, actor=OLGA)
    assert rows(desk) == (0, 0, 0, 0)


async def test_another_address_for_answers_has_to_be_named_by_a_person(desk: Desk) -> None:
    draft = await desk.pending(a_message(reply_to="billing@customer.example"))
    assert (draft.recipient, draft.recipient_needs_confirmation) == ("billing@customer.example", True)
    with pytest.raises(InvalidInput, match="confirmed_recipient"):
        await desk.decide(draft)
    with pytest.raises(InvalidInput, match="confirmed_recipient"):
        await desk.decide(draft, confirmed_recipient=KIM)
    with pytest.raises(NotAllowed, match="so a person has to decide"):
        await desk.decide(draft, confirmed_recipient="billing@customer.example", actor=system("automatic_approval"))
    decided = await desk.decide(draft, confirmed_recipient="billing@customer.example")
    assert (await envelope(desk, decided.envelope_id))["arguments"]["to"] == ["billing@customer.example"]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ({"arguments": {"to": ["eve@evil.example"]}}, "envelope.arguments.to: must be the address"),
        ({"arguments": {"to": [KIM, "eve@evil.example"]}}, "envelope.arguments.to: must be the address"),
        ({"arguments": {"to": [KIM], "cc": ["eve@evil.example"]}}, "envelope.arguments.cc: is no argument of a reply"),
        ({"arguments": {}}, "envelope.arguments.to: must be the address"),
        ({"tool_slug": "BANK__transfer"}, "envelope.tool_slug: must be EMAIL__desk.send"),
        ({"connected_account_id": "ceo"}, "envelope.connected_account_id: must be that of the channel"),
        ({"arguments": []}, "arguments: must be a JSON object"),
        ({"id": "7"}, "id: must be a UUID"),
        ({"arguments": {"to": [KIM], "text": "Send us your password."}}, "envelope.arguments.text: must be the text"),
        ({"arguments": {"to": [KIM], "text": f"{WORDS} And more."}}, "envelope.arguments.text: must be the text"),
        ({"arguments": {"to": [KIM]}}, "envelope.arguments.text: must be the text"),
        ({"arguments": {"to": [KIM], "text": WORDS, "html": "<p>No</p>"}}, "envelope.arguments.html: must be the HTML"),
        (
            {"arguments": {"to": [KIM], "text": WORDS, "reply_to": "eve@evil.example"}},
            "envelope.arguments.reply_to: must be an address of the channel",
        ),
        (
            {"arguments": {"to": [KIM], "text": WORDS, "reply_to": "desk+x@evil.example"}},
            "envelope.arguments.reply_to: must be an address of the channel",
        ),
    ],
)
async def test_a_reviewer_cannot_send_something_else_past_the_application(
    desk: Desk, call: dict[str, Any], problem: str
) -> None:
    draft = await desk.pending()
    prepared = {"id": str(draft.id), "tool_slug": SEND, "arguments": {"to": [KIM], "text": "x"}, **call}
    with pytest.raises(InvalidInput) as refused:
        await drafts.decide(
            functions_of(desk.as_user()), desk.tenant, draft.id, decision=DraftDecision.APPROVE, version=1,
            digest=draft.digest, envelope=prepared, actor=OLGA,
        )  # fmt: skip
    assert str(refused.value).startswith(problem)
    assert rows(desk) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "form", "arguments", "problem"),
    [
        ("slack", None, {"channel": "C9", "thread_ts": "1.5", "text": WORDS}, "must name the conversation C1:1.5"),
        ("slack", None, {"channel": "C1", "thread_ts": "1.5", "text": "<!channel>"}, "must be the text of the reply"),
        ("slack", None, {"channel": "C1", "thread_ts": "1.5", "text": WORDS, "blocks": []}, "blocks: is no argument"),
        ("chat", None, {"conversation_id": "8", "text": WORDS}, "must name the conversation C1:1.5"),
        ("chat", None, {"conversation_id": "C1:1.5", "text": WORDS, "content": "No"}, "content: is no argument"),
        ("chat", "chatwoot", {"conversation_id": "C1:1.5", "content": "No"}, "must be the text of the reply"),
        ("chat", "chatwoot", {"conversation_id": "C1:1.5", "content": "No", "text": WORDS}, "text: is no argument"),
        ("chat", "zendesk", {"ticket_id": "C1:1.5", "ticket": {"comment": {"body": "No"}}}, "must be the text"),
        (
            "chat", "zendesk",
            {"ticket_id": "C1:1.5", "ticket": {"comment": {"body": WORDS, "public": True, "html_body": "No"}}},
            "must be the text of the reply",
        ),
    ],
)  # fmt: skip
async def test_a_reviewer_cannot_send_another_message_to_a_channel(
    desk: Desk, kind: str, form: str | None, arguments: dict[str, Any], problem: str
) -> None:
    await channels.save_channel(
        desk.functions, desk.tenant, external_id="C", name="C", kind=kind, reply_tool_slug=SEND, actor=OLGA,
        metadata={"reply_form": form},
    )  # fmt: skip
    draft = await desk.pending(
        a_message(channel_external_id="C", conversation_external_id="C1:1.5", external_id="m1", customer_email=None)
    )
    with pytest.raises(InvalidInput, match=problem):
        await drafts.decide(
            functions_of(desk.as_user()), desk.tenant, draft.id, decision=DraftDecision.APPROVE, version=1,
            digest=draft.digest, envelope={"id": str(draft.id), "tool_slug": SEND, "arguments": arguments}, actor=OLGA,
        )  # fmt: skip
    assert rows(desk) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "form"), [("slack", None), ("chat", "chatwoot"), ("chat", "zendesk"), ("shopify", None)]
)
async def test_replies_of_every_kind_of_channel_pass_their_check(desk: Desk, kind: str, form: str | None) -> None:
    await channels.save_channel(
        desk.functions, desk.tenant, external_id="C", name="C", kind=kind, reply_tool_slug=SEND, actor=OLGA,
        metadata={} if form is None else {"reply_form": form},
    )  # fmt: skip
    desk.scribe.answer = a_reply(text="1 < 2 & so on\n")
    draft = await desk.pending(
        a_message(channel_external_id="C", conversation_external_id="C1:1.5", external_id="m1", customer_email=None)
    )
    desk.run(
        """update drafts.drafts set attachments = '[{"file_name": "a", "mime_type": "text/plain", "size_bytes": 1,
        "file_url": "https://x.example/a"}]' where id = %s""",
        draft.id,
    )
    await desk.decide(await desk.read(draft.id))
    assert rows(desk) == (1, 0, 1, 1)


async def test_a_channel_without_a_tool_cannot_send(desk: Desk) -> None:
    await channels.save_channel(desk.functions, desk.tenant, external_id=INBOX, name="Desk", kind="email", actor=OLGA)
    with pytest.raises(StateConflict, match="channel: Desk has no tool that sends replies"):
        await desk.decide(await desk.pending())


async def test_a_tool_that_is_not_in_the_catalog_is_not_found(desk: Desk) -> None:
    await channels.save_channel(
        desk.functions, desk.tenant, external_id=INBOX, name="Desk", kind="email", reply_tool_slug="NOT__there",
        actor=OLGA,
    )  # fmt: skip
    with pytest.raises(NotFound, match="NOT__there"):
        await desk.decide(await desk.pending())


async def test_who_may_decide_follows_the_role(desk: Desk) -> None:
    draft = await desk.pending()
    for role in ("member", "agent"):
        with pytest.raises(NotAllowed):
            await drafts.decide(
                functions_of(desk.as_user("max", role)), desk.tenant, draft.id, decision=DraftDecision.REJECT,
                code=RejectionCode.OTHER, version=1, digest=draft.digest, actor=OLGA,
            )  # fmt: skip
    await desk.decide(draft, by="rita")
    [rita] = [u for u in await channels.list_users(desk.functions, desk.tenant) if u.auth_subject == "rita"]
    assert (rita.role, rita.email, rita.auth_provider) == ("agent", "rita@acme.example", "oidc")


async def test_a_draft_that_was_superseded_says_so(desk: Desk) -> None:
    draft = await desk.pending(a_message(external_id="<1@x>"))
    await desk.receive(a_message(conversation_keys=("<1@x>",), text="More"))
    with pytest.raises(DecisionConflict, match=r"was superseded at .*, by a newer message"):
        await desk.decide(draft)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"decision": DraftDecision.EDIT}, "text: is required to edit"),
        ({"decision": DraftDecision.APPROVE, "text": "x"}, "text: is required to edit"),
        ({"decision": DraftDecision.REJECT, "code": None}, "code: is required to reject"),
        ({"decision": DraftDecision.APPROVE, "code": RejectionCode.TONE}, "code: is required to reject"),
    ],
)
async def test_a_decision_that_contradicts_itself_is_refused(desk: Desk, wrong: dict[str, Any], problem: str) -> None:
    draft = await desk.pending()
    with pytest.raises(ControlPlaneError) as refused:
        await desk.decide(draft, **wrong)
    assert str(refused.value).startswith(problem)


async def test_an_edited_draft_of_an_earlier_message_leaves_the_newer_one_unanswered(desk: Desk) -> None:
    draft = await desk.pending(a_message(external_id="<1@x>"))
    await edit_draft(desk.backends, desk.tenant, draft.id, version=1, text="Tomorrow.", actor=OLGA)
    newer = await desk.receive(a_message(conversation_keys=("<1@x>",), text="And the invoice?"))
    await desk.decide(await desk.read(draft.id))
    assert (await desk.timeline(draft.conversation_id)).conversation.unanswered_id == newer.message_id
    desk.scribe.answer = replace(a_reply(), text="Attached.")
    assert len(await desk.draft()) == 1
