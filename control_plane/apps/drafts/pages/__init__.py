"""The console pages of drafts: the queue, one reply, conversations, the knowledge of the drafter, reports about its
drafts, and notifications."""

from control_plane.apps.drafts.pages import conversations, knowledge, learning, notifications, queue, reply
from control_plane.console.navigation import Entry

PAGES = (queue, reply, conversations, knowledge, learning, notifications)
GROUPS = (
    (
        Entry("Replies", "/drafts", "drafts"),
        Entry("Conversations", "/conversations", "conversations"),
        Entry("Knowledge", "/knowledge", "knowledge"),
        Entry("Learning", "/learning", "learning"),
        Entry("Notifications", "/notifications", "notifications"),
    ),
)
