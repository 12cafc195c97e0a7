"""Journeys through the API and the agents' door."""

from tests.control_plane.api.conftest import api
from tests.control_plane.conftest import database_url
from tests.control_plane.mcp.conftest import door

__all__ = ["api", "database_url", "door"]
