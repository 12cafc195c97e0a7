"""Journeys through the API and the agents' door."""

from tests.control_plane.api.conftest import api
from tests.control_plane.mcp.conftest import door

__all__ = ["api", "door"]
