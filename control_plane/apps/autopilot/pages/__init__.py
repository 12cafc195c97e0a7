"""The console pages of autopilot: where tickets come from, and where trouble shows early."""

from control_plane.apps.autopilot.pages import insight, syncs
from control_plane.console.navigation import Entry

PAGES = (syncs, insight)
GROUPS = (
    (
        Entry("Ticket syncs", "/syncs", "syncs"),
        Entry("Insight", "/insight", "insight"),
    ),
)
