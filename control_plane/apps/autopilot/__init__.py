"""Autopilot: support tickets come in, are grouped into clusters, and are matched with knowledge."""
