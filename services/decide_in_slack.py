"""Decide about a call by a click in Slack: check that Slack sent the click, and find out who clicked."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from services.approvals import ApprovalDecision, RejectionCode
from services.backends import Backends
from services.decide_approval import decide_approval
from services.envelope import Actor
from services.errors import ControlPlaneError, DecisionConflict, InvalidInput, NotAuthenticated
from services.subscriptions.slack_users import SlackUser
from services.tools.http.slack import APPROVE, CODES, REJECT

WINDOW = timedelta(minutes=5)
"""How far the time of a click may differ from our clock: it may be that old, or that far in the future."""
_BLOCK_ID_PATTERN = re.compile(r"([0-9a-f-]{36}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A click on a button in Slack: the call that it is about, and the decision."""

    slack_user_id: str
    response_url: str | None
    """The URL for the answer to the person who clicked."""
    envelope_id: UUID
    digest: str
    """The digest of the call that the message showed."""
    decision: ApprovalDecision
    code: RejectionCode | None


@dataclass(frozen=True, slots=True)
class ClickAnswer:
    """The answer to the person who clicked."""

    text: str
    is_decided: bool
    """Whether the call is decided, so that the buttons of the message are removed."""


def check_slack_signature(
    secret: str, body: bytes, *, timestamp: str | None, signature: str | None, now: datetime
) -> None:
    """Raise NotAuthenticated unless Slack signed this body with our secret in the last five minutes."""
    if timestamp is None or not re.fullmatch("[0-9]{1,12}", timestamp):
        raise NotAuthenticated("signature: the request has no timestamp of Slack")
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise NotAuthenticated("signature: the request is older than five minutes, or the clocks differ")
    expected = "v0=" + hmac.digest(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hex()
    if not hmac.compare_digest(expected.encode(), (signature or "").encode(errors="replace")):
        raise NotAuthenticated("signature: it is not Slack's")


def read_click(body: bytes) -> Click | None:
    """The decision in a request of Slack; None for other requests, such as a click on a link. Raises InvalidInput."""
    try:
        document = json.loads(parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)["payload"][0])
        kind, actions, user = document["type"], document.get("actions") or [{}], document["user"]["id"]
        action = actions[0]
        found = _BLOCK_ID_PATTERN.fullmatch(str(action.get("block_id")))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as exc:
        raise InvalidInput("payload", "is not an interaction of Slack") from exc
    name = action.get("action_id")
    if kind != "block_actions" or name not in {APPROVE, REJECT} or found is None:
        return None
    code = _rejection_code(action) if name == REJECT else None
    url = document.get("response_url")
    return Click(
        slack_user_id=str(user), response_url=url if isinstance(url, str) else None, envelope_id=UUID(found[1]),
        digest=found[2], code=code, decision=ApprovalDecision.APPROVED if code is None else ApprovalDecision.REJECTED,
    )  # fmt: skip


async def find_slack_user(backends: Backends, tenant: UUID, app: str, click: Click) -> SlackUser | None:
    """The person who clicked; None if no owner of the tenant has assigned this Slack user to a person."""
    users = await backends.slack_users.list_users(tenant)
    return next((user for user in users if (user.app, user.slack_user_id) == (app, click.slack_user_id)), None)


async def decide_in_slack(backends: Backends, tenant: UUID, click: Click, *, actor: Actor) -> ClickAnswer:
    """Decide as this actor about the call that the message showed. A refusal is returned as an answer too,
    because Slack does not show errors."""
    try:
        envelope = await decide_approval(
            backends, click.envelope_id, tenant=tenant, decision=click.decision, digest=click.digest, actor=actor,
            reason=None if click.code is None else "rejected in Slack", code=click.code,
        )  # fmt: skip
    except DecisionConflict as exc:
        return ClickAnswer(f"Not decided: {exc}", is_decided=exc.decided_by is not None)
    except ControlPlaneError as exc:
        return ClickAnswer(f"Not decided: {exc}", is_decided=False)
    if envelope.status == "awaiting_approval":
        return ClickAnswer(f"Approved by {actor.id}; a second person has to approve it too.", is_decided=False)
    verb = "Approved" if click.decision is ApprovalDecision.APPROVED else f"Rejected ({click.code})"
    return ClickAnswer(f"{verb} by {actor.id}: {envelope.tool_slug}", is_decided=True)


def _rejection_code(action: Mapping[str, Any]) -> RejectionCode:
    option = action.get("selected_option")
    value = option.get("value") if isinstance(option, Mapping) else None
    if value not in CODES:
        raise InvalidInput("payload", "names no code for the rejection")
    return RejectionCode(value)
