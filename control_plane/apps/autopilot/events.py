"""The events of autopilot, for webhooks and notices: categories of its audit rows. These rows hold ids, counts and
codes, never the texts of tickets."""

EVENT_TYPES = (
    ("ticket_connection.added", "A connection to a ticket system was added."),
    ("ticket_connection.changed", "The settings of a connection were changed."),
    ("ticket_connection.deleted", "A connection was deleted. Its tickets stay."),
    ("ingestion_run.started", "A sync of a connection, or the rebuild of the model, was started."),
    ("ingestion_run.completed", "An ingestion run has completed."),
    ("ingestion_run.failed", "An ingestion run has failed; `error` is the code."),
    ("ingestion_run.cancelled", "A person cancelled an ingestion run."),
    ("tickets.stored", "A batch of tickets was stored."),
    ("model.stored", "A training has stored a model."),
    ("model.activated", "A model became the active one."),
    ("model.rolled_back", "The model before became the active one again."),
    ("cluster_proposals.stored", "A training proposed changes of clusters."),
    ("cluster_proposals.accepted", "A person accepted changes of clusters; the next model is active."),
    ("cluster_proposals.rejected", "A person rejected changes of clusters."),
    ("cluster.labelled", "A person named a cluster, or took the name away."),
    ("cluster.matched", "Knowledge was searched for a cluster; `kb_status` says whether there is any."),
    ("cluster.auto_respond_set", "The automatic response of a cluster was switched on or off."),
    ("article.saved", "A knowledge article was added or changed."),
    ("article.status_set", "A knowledge article was archived, broke, or became active again."),
    ("burst_alert.opened", "Many more tickets of a cluster arrive than usual, as when a system is down."),
    ("burst_alert.acknowledged", "A person takes care of a burst."),
    ("burst_alert.ended", "A burst is over."),
    ("autopilot.settings_saved", "The settings of autopilot were changed."),
)
"""For each event the category of its audit row, and a description."""
