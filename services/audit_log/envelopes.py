"""Find the envelopes that an audit row is about."""

from collections.abc import Mapping
from typing import Any


def envelopes_of(payload: object) -> list[Mapping[str, Any]]:
    """The part of an audit row's payload about each envelope; empty if the row is about no envelope.

    Usually the whole payload is about one envelope. The row of a batch has a list: see `app_private.proposed_rows`.
    """
    if not isinstance(payload, Mapping):
        return []
    if "envelope_id" in payload:
        return [payload]
    listed = payload.get("envelopes")
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
