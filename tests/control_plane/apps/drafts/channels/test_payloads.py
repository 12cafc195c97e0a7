"""What other systems send becomes a message in its conversation; what they did not sign is refused."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from control_plane.apps.drafts.channels import chatwoot, shopify, slack, standard, zendesk
from control_plane.apps.drafts.channels.payloads import MAX_BODY_BYTES, Delivered, read_json
from control_plane.apps.drafts.channels.senders import Sender, SenderKind, check_signature, read_payload
from control_plane.apps.drafts.inbound import Attachment, InboundMessage
from services.errors import InvalidInput, NotAuthenticated
from tests.control_plane.apps.drafts.mail_samples import TENANT

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SENT = datetime(2026, 3, 5, 11, 59, tzinfo=UTC)
SECRET = b"hush-hush"


def message(**fields: Any) -> InboundMessage:
    base: dict[str, Any] = {
        "channel_external_id": "shop", "conversation_keys": ("7",), "conversation_external_id": "7",
        "external_id": "42", "subject": None, "text": "Where is it?", "sent_at": SENT,
        "customer_email": "kim@c.example", "customer_name": "Kim",
    }  # fmt: skip
    return InboundMessage(**base | fields)


def delivered(reader: Callable[..., Delivered | None], payload: dict[str, Any]) -> Delivered | None:
    return reader(payload, channel="shop", now=NOW)


def test_our_own_form_has_every_field() -> None:
    payload = {
        "type": "message.created", "timestamp": "2026-03-05T11:59:00Z",
        "data": {
            "conversation_id": 7, "message_id": "42", "subject": "Order",
            "html": "<p>Where is it?<script>x</script></p>",
            "sent_at": "2026-03-05T11:59:00Z", "customer": {"email": "Kim@C.example", "name": "Kim\x00"},
            "reply_to": "kim@home.example", "closes": True, "status": "solved", "extra": 1,
            "attachments": [{"name": "a.png", "content_type": "image/png", "size_bytes": 3, "url": "https://f.example/a"}],
        },
    }  # fmt: skip
    file = Attachment(name="a.png", content_type="image/png", size_bytes=3, reference="https://f.example/a")
    assert delivered(standard.read, payload) == Delivered(
        message=message(
            subject="Order", html="<p>Where is it?</p>", customer_name="Kim\ufffd", reply_to="kim@home.example",
            attachments=(file,), closes=True, status="solved",
        )
    )  # fmt: skip
    assert delivered(standard.read, {"type": "message.read", "data": {}}) is None


def test_a_message_in_slack_belongs_to_its_thread() -> None:
    event = {
        "type": "message", "channel": "C1", "user": "U1", "ts": "1772711940.000200", "thread_ts": "1772711000.000100",
        "text": "See <https://a.example|the page> &amp; <@U2>",
    }  # fmt: skip
    assert delivered(slack.read, {"type": "event_callback", "event": event}) == Delivered(
        message=message(
            conversation_keys=("C1:1772711000.000100",), conversation_external_id="C1:1772711000.000100",
            external_id="C1:1772711940.000200", text="See the page (https://a.example) & @U2", customer_email=None,
            customer_name="U1", metadata={"slack_user": "U1"},
            sent_at=datetime(2026, 3, 5, 11, 59, 0, 200, tzinfo=UTC),
        )
    )  # fmt: skip
    for other in (
        {"bot_id": "B1"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"type": "reaction_added"},
    ):
        assert delivered(slack.read, {"type": "event_callback", "event": event | other}) is None
    assert slack.challenge({"type": "url_verification", "challenge": "c"}) == "c"
    assert slack.challenge({"type": "event_callback", "challenge": "c"}) is None


WRITTEN = {"type": "message", "user": "U1", "ts": "1772711940.000200", "text": "Two, please"}


def slack_event(**event: Any) -> dict[str, Any]:
    return {"type": "event_callback", "event": {"type": "message", "channel": "C1", "ts": "1772711999.000000", **event}}


def test_a_message_that_is_changed_in_slack_comes_again_with_its_id_and_the_new_text() -> None:
    changed = WRITTEN | {"text": "Three, please", "edited": {"user": "U1", "ts": "1772711970.000000"}}
    found = delivered(slack.read, slack_event(subtype="message_changed", message=changed, previous_message=WRITTEN))
    assert found is not None
    assert (found.message.external_id, found.message.conversation_external_id, found.message.text) == (
        "C1:1772711940.000200", "C1:1772711940.000200", "Three, please",
    )  # fmt: skip
    assert (found.message.sent_at, found.message.automatic) == (SENT + timedelta(seconds=30), None)


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_deleted", "previous_message": WRITTEN, "deleted_ts": WRITTEN["ts"]},
        {
            "subtype": "message_changed", "previous_message": WRITTEN,
            "message": {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": WRITTEN["ts"]},
        },
    ],
    ids=["deleted", "deleted where a thread goes on"],
)  # fmt: skip
def test_a_message_that_is_deleted_in_slack_is_told_and_asks_for_no_draft(event: dict[str, Any]) -> None:
    found = delivered(slack.read, slack_event(**event))
    assert found is not None
    assert (found.message.external_id, found.message.text, found.message.automatic, found.message.customer_name) == (
        "C1:1772711940.000200", "(This message was deleted in Slack.)", "auto_reply", "U1",
    )  # fmt: skip


@pytest.mark.parametrize("subtype", ["message_changed", "message_deleted"])
@pytest.mark.parametrize("inner", [WRITTEN | {"bot_id": "B1"}, WRITTEN | {"subtype": "channel_join"}, None, "x"])
def test_a_change_of_what_no_person_wrote_is_no_message(subtype: str, inner: object) -> None:
    assert delivered(slack.read, slack_event(subtype=subtype, message=inner, previous_message=inner)) is None


def test_the_note_of_an_order_is_a_message_and_a_cancelled_order_closes() -> None:
    order: dict[str, Any] = {
        "id": 7, "name": "#1007", "email": "kim@c.example", "note": "Where is it?", "updated_at": SENT.isoformat(),
        "customer": {"first_name": "Kim", "last_name": None},
    }  # fmt: skip
    expected = message(
        conversation_keys=("order:7",), conversation_external_id="order:7", subject="Order #1007",
        external_id="order:7:2026-03-05T11:59:00+00:00",
    )  # fmt: skip
    assert delivered(shopify.read, order) == Delivered(message=expected)
    assert delivered(shopify.read, order | {"note": " "}) is None
    cancelled = delivered(shopify.read, order | {"note": None, "cancelled_at": SENT.isoformat()})
    assert cancelled is not None
    assert (cancelled.message.closes, cancelled.message.status, cancelled.message.text) == (True, "cancelled", "")


@pytest.mark.parametrize(
    ("reader", "payload"),
    [
        (shopify.read, {"id": 7, "note": "Where is it?"}),
        (chatwoot.read, {"event": "conversation_resolved", "id": 7, "status": "resolved", "updated_at": 1772711940.5}),
    ],
)
def test_what_is_delivered_again_later_is_the_same_message(
    reader: Callable[..., Delivered | None], payload: dict[str, Any]
) -> None:
    once, again = (reader(payload, channel="shop", now=now) for now in (NOW, NOW + timedelta(minutes=4)))
    assert once is not None
    assert again is not None
    assert once.message.external_id == again.message.external_id is not None


@pytest.mark.parametrize(("kind", "is_ours"), [("incoming", False), (0, False), ("outgoing", True), (1, True)])
def test_a_message_of_chatwoot_tells_who_wrote_it(kind: object, is_ours: bool) -> None:
    payload = {
        "event": "message_created", "id": 42, "content": "Where is it?", "message_type": kind,
        "created_at": SENT.isoformat(), "sender": {"name": "Sam" if is_ours else "Kim", "email": "kim@c.example"},
        "conversation": {"id": 7, "status": "open", "meta": {"sender": {"name": "Kim", "email": "kim@c.example"}}},
    }  # fmt: skip
    assert delivered(chatwoot.read, payload) == Delivered(message=message(), is_ours=is_ours)
    assert delivered(chatwoot.read, payload | {"private": True}) is None
    assert delivered(chatwoot.read, {"event": "conversation_status_changed", "id": 7, "status": "open"}) is None
    end = delivered(chatwoot.read, {"event": "conversation_status_changed", "id": 7, "status": "resolved"})
    assert end is not None
    assert (end.message.conversation_keys, end.message.closes, end.message.status) == (("7",), True, "resolved")


@pytest.mark.parametrize("is_staff", [False, True])
def test_a_comment_of_zendesk_tells_who_wrote_it(is_staff: bool) -> None:
    author = {"id": 1, "name": "Kim", "email": "kim@c.example", "is_staff": is_staff}
    comment = {"id": 42, "body": "Where is it?", "is_public": True, "author": author}
    payload: dict[str, Any] = {
        "type": "zen:event-type:ticket.comment_added", "id": "e1", "time": SENT.isoformat(),
        "detail": {"id": "7", "subject": "Order", "status": "OPEN"}, "event": {"comment": comment},
    }  # fmt: skip
    who = {"customer_email": None, "customer_name": None} if is_staff else {}
    assert delivered(zendesk.read, payload) == Delivered(message=message(subject="Order", **who), is_ours=is_staff)
    assert delivered(zendesk.read, payload | {"event": {"comment": comment | {"is_public": False}}}) is None
    changed = payload | {"type": "zen:event-type:ticket.status_changed", "event": {"current": "SOLVED"}}
    end = delivered(zendesk.read, changed)
    assert end is not None
    assert (end.message.external_id, end.message.closes, end.message.status) == ("e1", True, "solved")
    assert delivered(zendesk.read, changed | {"event": {"current": "OPEN"}}) is None


TIMES = {
    "year 1": "0001-01-01T00:00:00+14:00", "year 9999": "9999-12-31T23:59:59-14:00", "before computers": "1970-01-01",
    "tomorrow": "2026-03-06T12:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize("time", [pytest.param(time, id=name) for name, time in TIMES.items()])
@pytest.mark.parametrize(
    ("reader", "payload"),
    [
        (standard.read, {"type": "message.created", "data": {"conversation_id": "7", "text": "x", "sent_at": "TIME"}}),
        (shopify.read, {"id": 7, "note": "x", "updated_at": "TIME"}),
        (
            chatwoot.read,
            {"event": "message_created", "id": 1, "message_type": 0, "created_at": "TIME", "conversation": {"id": 7}},
        ),
        (
            zendesk.read,
            {
                "type": "zen:event-type:ticket.comment_added", "time": "TIME", "detail": {"id": 7},
                "event": {"comment": {"id": 1, "body": "x"}},
            },
        ),
        (
            slack.read,
            {"type": "event_callback", "event": {"type": "message", "channel": "C", "ts": "9999999999.000000001"}},
        ),
    ],
    ids=["standard", "shopify", "chatwoot", "zendesk", "slack"],
)  # fmt: skip
def test_a_time_that_nobody_can_believe_is_when_the_message_came(
    reader: Callable[..., Delivered | None], payload: dict[str, Any], time: str
) -> None:
    found = delivered(reader, json.loads(json.dumps(payload).replace("TIME", time)))
    assert found is not None
    assert found.message.sent_at == NOW


def test_a_time_of_slack_beyond_the_calendar_is_refused() -> None:
    event = {"type": "message", "channel": "C", "ts": "999999999999.1"}
    with pytest.raises(InvalidInput, match=r"^ts: "):
        delivered(slack.read, {"type": "event_callback", "event": event})


def test_a_file_larger_than_the_database_counts_is_kept_without_its_size() -> None:
    event = {"type": "message", "channel": "C", "ts": "1.1", "files": [{"name": "a.iso", "size": 2**31}]}
    found = delivered(slack.read, {"type": "event_callback", "event": event})
    assert found is not None
    assert [(file.name, file.size_bytes) for file in found.message.attachments] == [("a.iso", None)]


SIGNED: dict[SenderKind, Callable[[bytes, datetime], dict[str, str]]] = {
    SenderKind.SLACK: lambda body, now: {
        "x-slack-request-timestamp": f"{now.timestamp():.0f}",
        "x-slack-signature": "v0=" + hmac.digest(SECRET, b"v0:%.0f:" % now.timestamp() + body, hashlib.sha256).hex(),
    },
    SenderKind.SHOPIFY: lambda body, _: {
        "x-shopify-hmac-sha256": b64encode(hmac.digest(SECRET, body, hashlib.sha256)).decode()
    },
    SenderKind.CHATWOOT: lambda body, now: {
        "x-chatwoot-timestamp": f"{now.timestamp():.0f}",
        "x-chatwoot-signature": "sha256="
        + hmac.digest(SECRET, b"%.0f." % now.timestamp() + body, hashlib.sha256).hex(),
    },
    SenderKind.ZENDESK: lambda body, now: {
        "x-zendesk-webhook-signature-timestamp": now.isoformat(),
        "x-zendesk-webhook-signature": b64encode(
            hmac.digest(SECRET, now.isoformat().encode() + body, hashlib.sha256)
        ).decode(),
    },
}


def a_sender(kind: SenderKind) -> Sender:
    return Sender(tenant_id=TENANT, channel="shop", kind=kind, secret=SecretStr(SECRET.decode()))


@pytest.mark.parametrize("kind", SenderKind)
def test_only_what_a_system_signed_lately_is_accepted(kind: SenderKind) -> None:
    sender, body = a_sender(kind), b'{"a": 1}'
    headers = SIGNED[kind](body, NOW)
    check_signature(sender, body, headers, now=NOW)
    old = SIGNED[kind](body, NOW - timedelta(minutes=6))
    wrong: list[tuple[bytes, dict[str, str]]] = [
        (body + b" ", headers), (body, {}), (body, dict.fromkeys(headers, "")),
        (body, dict.fromkeys(headers, "é\ud800")),
    ]  # fmt: skip
    for other_body, other_headers in [*wrong, *([(body, old)] if kind is not SenderKind.SHOPIFY else [])]:
        with pytest.raises(NotAuthenticated, match=r"^signature: "):
            check_signature(sender, other_body, other_headers, now=NOW)


@pytest.mark.parametrize(
    ("reader", "payload", "problem"),
    [
        (standard.read, {"type": "message.created"}, "data: is required"),
        (standard.read, {"type": "message.created", "data": {}}, "data.conversation_id: is required"),
        (slack.read, {"type": "event_callback", "event": {"type": "message", "ts": "x"}}, "channel: is required; ts: "),
        (shopify.read, {"id": None}, "id: "),
        (chatwoot.read, {"event": "message_created", "id": 1}, "message_type: is required; conversation: is required"),
        (zendesk.read, {"type": "zen:event-type:ticket.comment_added", "event": {}}, "detail: is required"),
    ],
)
def test_a_payload_of_another_form_is_refused_with_its_field(
    reader: Callable[..., Delivered | None], payload: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidInput) as found:
        delivered(reader, payload)
    assert str(found.value).startswith(problem), str(found.value)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"x", "body: is not JSON"),
        (b"[]", "body: must be a JSON object"),
        (b"[" * 100_000, "body: is not JSON"),
        (b'"' + b"x" * MAX_BODY_BYTES + b'"', "body: is longer than 1,048,576 bytes"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput) as found:
        read_json(body)
    assert str(found.value) == problem


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["id", "type", "event", "data", "conversation", "comment", "text", "ts", "channel", "detail"]),
        inner, max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip


@given(st.sampled_from(SenderKind), st.dictionaries(st.sampled_from(["type", "event", "id", "detail"]), ANYTHING))
def test_no_payload_breaks_a_reader(kind: SenderKind, payload: dict[str, Any]) -> None:
    try:
        read_payload(a_sender(kind), payload, now=NOW)
    except InvalidInput as problem:
        assert "\n" not in str(problem)  # noqa: PT017
