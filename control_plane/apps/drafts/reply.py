"""Compose the reply of an approved draft: the arguments of the channel's tool, and the ids that the channel will use.

The recipient always comes from the conversation, never from the text of a message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.mail.compose import FileLink, compose_reply, message_id_of, reply_subject
from control_plane.apps.drafts.mail.threads import ReplyAddresses
from control_plane.apps.drafts.values import Draft
from services.errors import StateConflict
from services.tools.http.slack import escape_mrkdwn


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A draft as it is to be sent."""

    draft: Draft
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    envelope_id: UUID
    webhook_key: str | None = field(default=None, repr=False)
    """ACP_WEBHOOK_KEY, with which our own addresses for replies are signed; None leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedReply:
    """The arguments of the call, and the id, subject and sender of the message, if they are known before it is sent."""

    arguments: Mapping[str, Any] = field(repr=False)
    external_id: str | None = None
    subject: str | None = None
    from_address: str | None = None


Composer = Callable[[Reply], ComposedReply]


def compose(reply: Reply) -> ComposedReply:
    """The call that sends this reply. Raises InvalidInput for a text that cannot be sent, StateConflict without an
    address."""
    return COMPOSERS.get(reply.draft.channel.type, compose_message)(reply)


def compose_mail(reply: Reply) -> ComposedReply:
    """A mail in the thread of the conversation. Its Message-ID is made from the envelope's id."""
    draft = reply.draft
    if draft.recipient is None:
        raise StateConflict("conversation", f"{draft.conversation_id} has no address to answer to")
    sender = draft.channel.external_id
    own = None
    if reply.webhook_key is not None and "@" in sender:
        own = ReplyAddresses(sender, draft.tenant_id, reply.webhook_key).address_of(draft.conversation_id)
    arguments = compose_reply(
        to=draft.recipient,
        subject=draft.conversation.subject,
        text=reply.text,
        html=reply.html,
        answers=None if draft.last_message is None else draft.last_message.external_id,
        references=draft.references,
        reply_to=own,
        files=[FileLink(name=str(each["file_name"]), url=str(each["file_url"])) for each in draft.attachments],
    )
    return ComposedReply(
        arguments=arguments,
        external_id=message_id_of(reply.envelope_id, sender) if "@" in sender else None,
        subject=reply_subject(draft.conversation.subject),
        from_address=sender,
    )


def compose_message(reply: Reply) -> ComposedReply:
    """A message to a thread of another system. The thread is identified by its id in that system."""
    arguments: dict[str, Any] = {"conversation_id": reply.draft.conversation.external_id, "text": reply.text}
    if reply.html is not None:
        arguments["html"] = reply.html
    if reply.draft.attachments:
        arguments["files"] = [{"name": each["file_name"], "url": each["file_url"]} for each in reply.draft.attachments]
    return ComposedReply(arguments=arguments)


def compose_slack(reply: Reply) -> ComposedReply:
    """The arguments of Slack's `chat.postMessage`, in the thread of the conversation."""
    channel, _, thread = reply.draft.conversation.external_id.partition(":")
    text = escape_mrkdwn(reply.text + _links(reply))
    return ComposedReply(arguments={"channel": channel, "thread_ts": thread, "text": text})


def compose_chat(reply: Reply) -> ComposedReply:
    """The arguments of the API that `reply_form` in the metadata of the channel names; else our own form."""
    thread, text = reply.draft.conversation.external_id, reply.text + _links(reply)
    arguments: dict[str, Any]
    match reply.draft.channel.metadata.get("reply_form"):
        case "chatwoot":
            arguments = {"conversation_id": thread, "content": text, "message_type": "outgoing"}
        case "zendesk":
            arguments = {"ticket_id": thread, "ticket": {"comment": {"body": text, "public": True}}}
        case _:
            return compose_message(reply)
    return ComposedReply(arguments=arguments)


def _links(reply: Reply) -> str:
    return "".join(f"\n{each['file_name']}: {each['file_url']}" for each in reply.draft.attachments)


COMPOSERS: dict[str, Composer] = {"email": compose_mail, "slack": compose_slack, "chat": compose_chat}
"""The function that composes a reply, by the type of the channel."""
