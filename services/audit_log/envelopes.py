"""Which envelopes an audit row is about."""

from collections.abc import Mapping
from typing import Any


def envelopes_of(payload: object) -> list[Mapping[str, Any]]:
    """What the payload of an audit row says of each envelope; empty for a row about none.

    Usually the payload itself is about one. A proposal of several has a list: `app_private.proposed_rows`.
    """
    if not isinstance(payload, Mapping):
        return []
    if "envelope_id" in payload:
        return [payload]
    listed = payload.get("envelopes")
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
