"""The options of one worker, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.envelope import Risk
from worker.backoff import RetryRule


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The options of one worker. An option with the name of a setting is described in `control_plane.settings`."""

    concurrency: int
    poll_every: timedelta
    lease_for: timedelta
    heartbeat_every: timedelta
    """A third of `lease_for`, so that a lease outlives two missed heartbeats."""
    tool_timeout: timedelta
    drain_for: timedelta
    policy_max_age: timedelta
    approval_ttl: timedelta
    retry: Mapping[Risk, RetryRule]
