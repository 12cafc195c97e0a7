"""The console pages of autopilot: clusters, tickets, articles, ticket syncs, and where trouble shows early."""

from control_plane.apps.autopilot.pages import articles, clusters, insight, settings, syncs, tickets
from control_plane.console.navigation import Entry

PAGES = (clusters, tickets, articles, settings, syncs, insight)
GROUPS = (
    (
        Entry("Clusters", "/clusters", "clusters"),
        Entry("Tickets", "/tickets", "envelopes"),
        Entry("Articles", "/articles", "articles"),
        Entry("Ticket syncs", "/syncs", "syncs"),
        Entry("Insight", "/insight", "insight"),
    ),
)
