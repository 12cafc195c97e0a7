"""Agents of frameworks, over the API."""

from tests.control_plane.conftest import database_url

__all__ = ["database_url"]
