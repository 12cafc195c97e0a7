"""The exceptions of the client. `ClientError` is the base class; an `ApiError` is an answer of the API (RFC 9457)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from control_plane.client.values import Envelope


class ClientError(Exception):
    """The base class of all exceptions of the client."""


class Unreachable(ClientError):
    """The API did not answer. A proposal may have arrived; propose it again with the same external_id."""


class StillOpen(ClientError):
    """The time of `wait` is over, and the envelope is still open."""

    def __init__(self, envelope: "Envelope") -> None:
        super().__init__(f"envelope {envelope.id} is still {envelope.status}")
        self.envelope = envelope


class ApiError(ClientError):
    """The API refused the request."""

    def __init__(self, status: int, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        """One line: the field, what is wrong with it, what to do."""
        self.request_id = str(members.get("request_id", ""))
        """Names this request in the server's log."""
        self.members = members
        """All fields of the problem."""


class NotAuthenticated(ApiError):
    """The token is unknown, revoked or expired (401)."""


class NotAllowed(ApiError):
    """The token does not allow this (403)."""


class NotFound(ApiError):
    """There is no such envelope or tool (404)."""


class Conflict(ApiError):
    """The state of the envelope forbids the change, or the external_id belongs to another call (409)."""


class InvalidProposal(ApiError):
    """A field is wrong (422)."""

    @property
    def errors(self) -> list[dict[str, str]]:
        """Each wrong field: `field` and `problem`."""
        return list(self.members.get("errors", []))


class TooManyRequests(ApiError):
    """Too many requests, also after the retries (429)."""


class ServerFailed(ApiError):
    """The server or its database failed, also after the retries (5xx)."""


KINDS: dict[int, type[ApiError]] = {
    401: NotAuthenticated, 403: NotAllowed, 404: NotFound, 409: Conflict, 422: InvalidProposal, 429: TooManyRequests,
}  # fmt: skip


def error_of(response: httpx.Response) -> ApiError:
    """The error for an answer that is not a success. Only the text of a problem document is shown."""
    try:
        members = response.json()
    except ValueError:
        members = None
    if not isinstance(members, dict):
        members = {}
    detail = str(members.get("detail") or f"HTTP {response.status_code} {response.reason_phrase}")
    kind = KINDS.get(response.status_code, ServerFailed if response.status_code >= 500 else ApiError)
    return kind(response.status_code, detail, members)
