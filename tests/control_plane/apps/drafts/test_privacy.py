"""Texts are blanked when they are no longer needed, and a customer can be exported and erased everywhere."""

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from control_plane.apps.drafts.knowledge.conversations import ingest_conversations
from control_plane.apps.drafts.privacy import erase_customer, export_customer, export_events
from services.audit_log.verify import verify
from services.backends import Backends
from services.backends.functions import Functions
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput, NotFound, StateConflict
from tests.control_plane.apps.drafts.rows import NOW, Rows, hours, rows_of

OPERATOR = Actor(type=ActorType.OPERATOR, id="ada", door=Door.CLI)
MARIA = "maria@example.com"
SECRETS = ("maria", "Maria", "Lopez", "blue kettle", "broken lid")
"""Words of the customer, which must be nowhere after an erasure."""


def everything(rows: Rows) -> str:
    """All rows of the tenant in schema drafts and in the outbox, as text."""
    tables = [
        name for (name,) in rows.connection.execute(
            "select c.oid::regclass::text from pg_class as c where c.relkind = 'r' and (c.relnamespace ="
            " 'drafts'::regnamespace or c.oid = any ('{public.outbox,public.outbox_dlq,public.approvals}'::regclass[]))"
        )
    ]  # fmt: skip
    found = []
    for name in tables:
        statement = f"select coalesce(jsonb_agg(to_jsonb(t)), '[]') from {name} as t where tenant_id = %s"  # noqa: S608
        found.append(json.dumps(rows.connection.execute(statement.encode(), [rows.tenant]).fetchone()))
    return "\n".join(found)


def an_envelope(rows: Rows, draft: UUID, *, status: str = "success") -> UUID:
    envelope = uuid4()
    arguments = Jsonb({"to": [MARIA], "text": "about your blue kettle"})
    rows.connection.execute(
        "insert into public.outbox (tenant_id, id, tool_slug, external_id, arguments, proposed_arguments, status,"
        " result, last_error) values (%s, %s, 'EMAIL__send', %s, %s, %s, %s, %s, 'for maria')",
        [rows.tenant, envelope, str(draft), arguments, arguments, status, Jsonb({"accepted": MARIA})],
    )
    rows.connection.execute(
        "insert into public.approvals (tenant_id, envelope_id, digest, reason, decision, decided_by, decided_at,"
        " decision_reason, decided_arguments, decided_digest, expires_at) values"
        " (%s, %s, 'd', 'trust', 'approved', 'ada', now(), 'Maria waits', %s, 'e', now())",
        [rows.tenant, envelope, arguments],
    )
    return envelope


def a_customer(rows: Rows, *, status: str = "success") -> tuple[UUID, UUID]:
    """Maria with an answered question, and something in every table. Returns conversation and envelope."""
    conversation, message = rows.conversation("My blue kettle has a broken lid. Maria Lopez", at=NOW)
    draft = rows.draft(
        "Dear Maria, send it back.", conversation_id=conversation, trigger_message_id=message, edited_text="Maria",
        instruction="Maria is upset", escalated_reason="Lopez again",
    )  # fmt: skip
    rows.decide(draft, final="Dear Maria, we send a new lid for the blue kettle.")
    rows.connection.execute("update drafts.draft_actions set notes = 'Maria called'")
    envelope = an_envelope(rows, draft, status=status)
    reply = uuid4()
    rows.insert(
        "messages", id=reply, conversation_id=conversation, direction="outbound", body_text="Dear Maria",
        body_html="<p>Maria", envelope_id=envelope, delivery_state="sent", metadata=Jsonb({"to": MARIA}), sent_at=NOW,
    )  # fmt: skip
    rows.insert(
        "attachments", message_id=reply, file_name="maria.pdf", mime_type="application/pdf", size_bytes=1,
        file_url="https://files.example/maria",
    )  # fmt: skip
    rows.insert("abstentions", conversation_id=conversation, message_id=message, reason="about a blue kettle")
    rows.insert("notifications", type="draft.created", payload=Jsonb({"conversation_id": str(conversation)}))
    rows.insert("automatic_decisions", draft_id=draft, topic="returns", mode="shadow", would_approve=True, reason="r")
    rows.insert(
        "model_calls", conversation_id=conversation, model_key="m", prompt_version="v1", input_tokens=1,
        output_tokens=1, cost_usd=1,
    )  # fmt: skip
    rows.insert(
        "corrections", external_id=f"sample-{conversation}", question="blue kettle, broken lid", answer="a new lid",
        metadata=Jsonb({"conversation_id": str(conversation)}),
    )  # fmt: skip
    for url in (f"conversation:{draft}", f"correction:sample-{conversation}"):
        document = uuid4()
        rows.insert(
            "source_documents", id=document, source_url=url, kind=url.partition(":")[0], text="blue kettle",
            indexed_at=NOW, metadata=Jsonb({"conversation_id": str(conversation)}),
        )  # fmt: skip
        rows.insert(
            "chunks", document_id=document, position=0, text="blue kettle", language="en", embedding=b"\0" * 512
        )  # fmt: skip
    rows.connection.execute(
        "update drafts.conversations set last_message_at = %s where id = %s", [NOW, conversation]
    )  # fmt: skip
    return conversation, envelope


async def audited(backends: Backends, rows: Rows) -> list[Any]:
    """The payloads of the audit rows `customer.erased`, after a check of the whole chain."""
    findings = [each async for each in verify(backends.audit_log, rows.tenant, {}, say=lambda _: None)]
    assert [each.problems for each in findings] == [()]
    return [
        payload for (payload,) in rows.connection.execute(
            "select payload from public.audit_log where tenant_id = %s and category = 'customer.erased'", [rows.tenant]
        )
    ]  # fmt: skip


async def test_a_customer_is_erased_everywhere_and_the_audit_log_still_verifies(
    backends: Backends, functions: Functions, rows: Rows
) -> None:
    a_customer(rows)
    other, _ = rows.conversation("Where is my green pot?", email="bo@example.com", name="Bo")
    rows.insert(
        "messages", conversation_id=other, direction="inbound", body_text="I am Maria Lopez, his friend",
        from_address="Maria@Example.com", sent_at=NOW,
    )  # fmt: skip
    erasure = await erase_customer(functions, rows.tenant, " Maria@example.com ", actor=OPERATOR)
    assert erasure.counts == {
        "conversations": 1, "messages": 3, "drafts": 1, "envelopes": 1, "corrections": 1, "documents": 2,
        "notifications": 1, "samples": 1, "events": 0,
    }  # fmt: skip
    stored = everything(rows)
    assert [word for word in SECRETS if word in stored] == []
    assert "green pot" in stored
    assert rows.connection.execute("select count(*), sum(cost_usd) from drafts.model_calls").fetchone() == (1, 1)
    assert rows.connection.execute("select count(*) from drafts.chunks").fetchone() == (0,)
    digest = hashlib.sha256(f"{rows.tenant}:{MARIA}".encode()).hexdigest()
    assert (erasure.customer_sha256, erasure.erased_by) == (digest, "ada")
    assert await audited(backends, rows) == [
        {"erasure_id": str(erasure.id), "customer_sha256": digest, "door": "cli", **erasure.counts}
    ]


async def test_what_people_answered_is_erased_from_the_knowledge_that_it_was_imported_into(
    backends: Backends, functions: Functions, rows: Rows
) -> None:
    for email, subject in ((MARIA, "blue kettle"), ("bo@example.com", "green pot")):
        conversation, message = rows.conversation(f"What fits my {subject}, please?", email=email, name=None)
        draft = rows.draft("x", conversation_id=conversation, trigger_message_id=message)
        rows.decide(draft, final=f"Any lid of our shop fits your {subject}.")
    imported = await ingest_conversations(backends, rows.tenant, actor=OPERATOR)
    assert imported.saved == 2
    [exported] = await export_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert [document["text"] for document in exported["documents"]] == ["Any lid of our shop fits your blue kettle."]
    erasure = await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert erasure.counts["documents"] == 1
    stored = everything(rows)
    assert ("blue kettle" in stored, "green pot" in stored) == (False, True)


async def test_what_was_learned_from_a_message_in_anothers_conversation_is_erased_and_nothing_waits_for_it(
    functions: Functions, rows: Rows
) -> None:
    conversation, _ = rows.conversation("Where is my green pot?", email="bo@example.com", name="Bo")
    message = uuid4()
    rows.insert(
        "messages", id=message, conversation_id=conversation, direction="inbound", body_text="And my blue kettle?",
        from_address=MARIA, sent_at=NOW,
    )  # fmt: skip
    draft = rows.draft("x", conversation_id=conversation, trigger_message_id=message)
    rows.insert(
        "corrections", external_id="c", question="blue kettle", answer="a lid",
        metadata=Jsonb({"conversation_id": str(conversation), "draft_id": str(draft)}),
    )  # fmt: skip
    rows.insert(
        "source_documents", source_url=f"conversation:{draft}", kind="conversation", text="blue kettle", indexed_at=NOW
    )  # fmt: skip
    rows.connection.execute("update drafts.conversations set unanswered_id = %s, draft_at = now()", [message])
    [exported] = await export_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert [each["question"] for each in exported["corrections"]] == ["blue kettle"]
    assert [each["text"] for each in exported["documents"]] == ["blue kettle"]
    assert "green pot" not in json.dumps(exported["messages"])
    erasure = await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert (erasure.counts["documents"], erasure.counts["corrections"], erasure.counts["conversations"]) == (1, 1, 0)
    assert "blue kettle" not in everything(rows)
    waiting = rows.connection.execute("select unanswered_id, draft_at from drafts.conversations").fetchall()
    assert waiting == [(None, None)]


async def test_events_that_name_the_customer_are_erased_and_those_of_others_stay(
    functions: Functions, rows: Rows
) -> None:
    texts = [
        "From Maria@example.com", "x\nmaria@example.com.", "anna.maria@example.com", "maria@example.community",
        "mariaXexample.com", "maria@exampleXcom", "maria@example.com.br",
    ]  # fmt: skip
    for slug in ("inbound.shop", "SHOP__scan"):
        for text in texts:
            rows.connection.execute(
                "insert into public.evidence (tenant_id, tool_slug, content, observed_at, seen_at, sha256) values"
                " (%s, %s, %s, now(), now(), encode(sha256(convert_to(%s, 'UTF8')), 'hex'))",
                [rows.tenant, slug, Jsonb({"event": {"data": {"texts": [text]}}}), text],
            )
    exported = await export_events(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert [event["content"]["event"]["data"]["texts"][0] for event in exported] in (texts[:2], texts[1::-1])
    erasure = await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert (erasure.counts["events"], erasure.counts["conversations"]) == (2, 0)
    assert await export_events(functions, rows.tenant, MARIA, actor=OPERATOR) == []
    kept = rows.connection.execute(
        "select content #>> '{event,data,texts,0}' from public.evidence where tool_slug = 'inbound.shop'"
    ).fetchall()
    assert sorted((text for (text,) in kept), key=str) == sorted([None, None, *texts[2:]], key=str)


async def test_a_waiting_reply_is_cancelled_and_then_erased(
    backends: Backends, functions: Functions, rows: Rows
) -> None:
    _, envelope = a_customer(rows, status="awaiting_approval")
    await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    stored = rows.connection.execute("select status, arguments from public.outbox where id = %s", [envelope]).fetchone()
    assert stored == ("cancelled", {})
    assert len(await audited(backends, rows)) == 1


async def test_a_dead_letter_is_discarded_and_then_erased(functions: Functions, rows: Rows) -> None:
    _, envelope = a_customer(rows)
    rows.connection.execute(
        "with gone as (delete from public.outbox where id = %s returning *)"
        " insert into public.outbox_dlq (id, tenant_id, tool_slug, arguments, risk, external_id, trust_context,"
        " metadata, status, attempts, last_error, created_at)"
        " select id, tenant_id, tool_slug, arguments, risk, external_id, trust_context, metadata, 'failed', 3,"
        " 'for maria', created_at from gone",
        [envelope],
    )
    await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    stored = everything(rows)
    assert [word for word in SECRETS if word in stored] == []
    assert rows.connection.execute("select id, status from public.outbox").fetchall() == [(envelope, "cancelled")]


async def test_nothing_is_erased_while_it_is_unknown_whether_a_reply_was_sent(functions: Functions, rows: Rows) -> None:
    _, envelope = a_customer(rows, status="unknown")
    before = everything(rows)
    with pytest.raises(StateConflict) as caught:
        await erase_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    assert str(caught.value) == f"customer: envelope {envelope} is unknown; decide first whether its reply was sent"
    assert everything(rows) == before


async def test_an_unknown_customer_and_one_of_another_tenant_are_not_found(
    functions: Functions, rows: Rows, database_url: str
) -> None:
    a_customer(rows)
    with pytest.raises(NotFound, match=r"^customer: nothing is stored about this address$"):
        await erase_customer(functions, rows.tenant, "bo@example.com", actor=OPERATOR)
    with pytest.raises(InvalidInput, match=r"^customer: the e-mail address is required$"):
        await erase_customer(functions, rows.tenant, " ", actor=OPERATOR)
    with rows_of(database_url, "other") as other:
        with pytest.raises(NotFound):
            await erase_customer(functions, other.tenant, MARIA, actor=OPERATOR)
        assert await export_customer(functions, other.tenant, MARIA, actor=OPERATOR) == []


async def test_an_export_has_everything_about_one_customer_and_nothing_about_others(
    functions: Functions, rows: Rows
) -> None:
    conversation, envelope = a_customer(rows)
    rows.conversation("Where is my green pot?", email="bo@example.com", name="Bo")
    shared, _ = rows.conversation("A secret of Bo", email="bo@example.com", name="Bo")
    rows.insert(
        "messages", conversation_id=shared, direction="inbound", body_text="his friend", from_address=MARIA, sent_at=NOW
    )  # fmt: skip
    exported = await export_customer(functions, rows.tenant, MARIA, actor=OPERATOR)
    own = next(each for each in exported if each["id"] == str(conversation))
    parts = ("messages", "drafts", "samples", "abstentions", "notifications", "documents", "corrections", "envelopes")
    assert {part: len(own[part]) for part in parts} == {
        "messages": 2, "drafts": 1, "samples": 1, "abstentions": 1, "notifications": 1, "documents": 2,
        "corrections": 1, "envelopes": 1,
    }  # fmt: skip
    assert [approval["decision_reason"] for approval in own["envelopes"][0]["approvals"]] == ["Maria waits"]
    assert own["envelopes"][0]["id"] == str(envelope)
    assert own["drafts"][0]["actions"][0]["notes"] == "Maria called"
    files = [file["file_name"] for message in own["messages"] for file in message["attachments"]]
    assert files == ["maria.pdf"]
    (other,) = (each for each in exported if each["id"] != str(conversation))
    assert [message["body_text"] for message in other["messages"]] == ["his friend"]
    assert "A secret of Bo" not in json.dumps(exported)
    assert "green pot" not in json.dumps(exported)


async def archive(functions: Functions, rows: Rows, **arguments: Any) -> Any:
    return await functions.call("drafts.archive_conversations", tenant=rows.tenant, **arguments)


async def test_old_texts_are_blanked_and_what_was_learned_stays(
    backends: Backends, functions: Functions, rows: Rows
) -> None:
    conversation, _ = a_customer(rows)
    later = NOW + hours(24 * 30 + 1)
    assert await archive(functions, rows, as_of=later) == {"conversations": 0, "messages": 0}  # nobody asked for it
    await functions.call("drafts.save_settings", tenant=rows.tenant, settings={"archive_after_days": 30})
    assert await archive(functions, rows, as_of=NOW + hours(24 * 30)) == {"conversations": 0, "messages": 0}
    assert await archive(functions, rows, as_of=later) == {"conversations": 1, "messages": 2}
    assert await archive(functions, rows, as_of=later) == {"conversations": 0, "messages": 0}
    texts = rows.connection.execute(
        "select string_agg(concat(m.body_text, m.body_html, m.subject, m.metadata), '') from drafts.messages as m"
    ).fetchone()
    assert texts == ("{}{}",)
    kept = rows.connection.execute(
        "select d.suggested_text, a.final_text, a.diff_json -> 'operations', a.diff_json ? 'distance', a.type"
        " from drafts.drafts as d join drafts.draft_actions as a on a.draft_id = d.id"
    ).fetchone()
    assert kept == ("", "", [], True, "edit")
    assert (await export_customer(functions, rows.tenant, MARIA, actor=OPERATOR))[0]["id"] == str(conversation)
    assert await audited(backends, rows) == []


@pytest.mark.parametrize("obstacle", ["a pending draft", "an unsent reply", "a new message"])
async def test_a_conversation_that_still_needs_its_texts_is_left(
    functions: Functions, rows: Rows, obstacle: str
) -> None:
    conversation, _ = a_customer(rows)
    await functions.call("drafts.save_settings", tenant=rows.tenant, settings={"archive_after_days": 1})
    if obstacle == "a pending draft":
        rows.draft(conversation_id=conversation)
    elif obstacle == "an unsent reply":
        rows.connection.execute("update drafts.messages set delivery_state = 'unknown' where direction = 'outbound'")
    else:
        rows.connection.execute("update drafts.conversations set last_message_at = %s", [NOW + hours(30)])
    assert await archive(functions, rows, as_of=NOW + hours(48)) == {"conversations": 0, "messages": 0}
