"""The console pages of drafts: the queue, one reply, conversations, the knowledge of the drafter, and reports about its
drafts."""

from control_plane.apps.drafts.pages import conversations, knowledge, learning, queue, reply
from control_plane.console.navigation import Entry

PAGES = (queue, reply, conversations, knowledge, learning)
GROUPS = (
    (
        Entry("Replies", "/drafts", "drafts"),
        Entry("Conversations", "/conversations", "conversations"),
        Entry("Knowledge", "/knowledge", "knowledge"),
        Entry("Learning", "/learning", "learning"),
    ),
)
