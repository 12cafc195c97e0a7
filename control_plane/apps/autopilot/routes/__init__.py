"""The API of autopilot: one file per noun."""

from types import ModuleType

from control_plane.apps.autopilot.routes import (
    clusters,
    connections,
    dry_runs,
    failures,
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
)  # fmt: skip
