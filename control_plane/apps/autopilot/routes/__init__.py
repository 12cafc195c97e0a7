"""The API of autopilot: one file per noun."""

from types import ModuleType

from control_plane.apps.autopilot.routes import (
    connections,
    dry_runs,
    failures,
    insight,
    notifications,
    readiness,
    responses,
    runs,
    settings,
)

NOUNS: tuple[ModuleType, ...] = (
    connections, runs, failures, settings, insight, notifications, readiness, dry_runs, responses,
)  # fmt: skip
