"""A client of the HTTP API for agents, sync and async. Needs httpx and nothing else of this product.

with Client("http://127.0.0.1:8080", token) as client:
    proposed = client.propose("ORDERS__create", {"sku": "bolt-m8"}, external_id="order-17")
    envelope = client.wait(proposed.envelope.id, timeout=60)
"""

from control_plane.client.clients import AsyncClient, Client
from control_plane.client.errors import (
    ApiError,
    ClientError,
    Conflict,
    InvalidProposal,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ServerFailed,
    StillOpen,
    TooManyRequests,
    Unreachable,
)
from control_plane.client.values import Envelope, Event, Explanation, Page, Proposed, Verdict

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "ClientError",
    "Conflict",
    "Envelope",
    "Event",
    "Explanation",
    "InvalidProposal",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "Page",
    "Proposed",
    "ServerFailed",
    "StillOpen",
    "TooManyRequests",
    "Unreachable",
    "Verdict",
]
