"""The console pages of drafts: the queue, one reply, and conversations."""

from control_plane.apps.drafts.pages import conversations, queue, reply
from control_plane.console.navigation import Entry

PAGES = (queue, reply, conversations)
GROUPS = ((Entry("Replies", "/drafts", "drafts"), Entry("Conversations", "/conversations", "conversations")),)
