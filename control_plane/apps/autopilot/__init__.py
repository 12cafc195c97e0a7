"""Autopilot: ingests support tickets, groups them into clusters, and matches clusters with knowledge articles."""
