"""Prepare the messages of a conversation for a page: new text and quotes are separated."""

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.apps.drafts.mail.reply_view import ReplyView, view_reply
from control_plane.apps.drafts.values import Message


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message, and the view that separates its new text from quotes."""

    message: Message
    view: ReplyView


def show_messages(messages: Sequence[Message]) -> list[ShownMessage]:
    """The messages, the oldest first."""
    return [
        ShownMessage(message, view_reply(message.body_text, [each.body_text for each in messages[:number]]))
        for number, message in enumerate(messages)
    ]
