"""The API of autopilot: one file per noun."""

from types import ModuleType

from control_plane.apps.autopilot.routes import (
    connections,
    failures,
    insight,
    notifications,
    runs,
    settings,
)

NOUNS: tuple[ModuleType, ...] = (connections, runs, failures, settings, insight, notifications)
