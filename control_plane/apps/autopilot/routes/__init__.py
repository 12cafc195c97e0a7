"""The API of autopilot: one file per noun."""

from types import ModuleType

from control_plane.apps.autopilot.routes import (
    articles,
    clusters,
    connections,
    dry_runs,
    failures,
    gaps,
    insight,
    models,
    notifications,
    proposals,
    readiness,
    responses,
    runs,
    settings,
    tickets,
)

NOUNS: tuple[ModuleType, ...] = (
    connections, runs, failures, settings, insight, notifications, readiness, dry_runs, responses,
    clusters, models, proposals, tickets,
    articles, gaps,
)  # fmt: skip
