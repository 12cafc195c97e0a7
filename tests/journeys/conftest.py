"""Journeys through the API."""

from tests.control_plane.api.conftest import api

__all__ = ["api"]
