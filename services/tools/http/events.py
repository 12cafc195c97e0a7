"""The request that delivers an event: to a webhook, signed with its own secret, or to Slack."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.subscriptions import SubscriptionKind
from services.subscriptions.notices import approval_link
from services.subscriptions.secrets import KEY_SETTING, signing_key, valid_versions
from services.tools import Failed, Outcome, ToolCall
from services.tools.http.slack import SlackApp, slack_outcome, slack_request
from services.untrusted import json_body

NOT_SET_RETRY_AFTER = timedelta(minutes=1)
"""The wait if a setting is missing: another worker may have it."""
SLACK_REPLY_KIND = "slack_reply"
"""The kind of an answer to a click, which the API sends itself."""


@dataclass(frozen=True, slots=True)
class EventSender:
    """Makes the requests for the subscriptions of this installation."""

    webhook_key: str | None = field(default=None, repr=False)
    slack_apps: Mapping[str, SlackApp] = field(default_factory=dict, repr=False)
    approval_url: str | None = None
    """The address of the page of an approval, as `approval_link` takes it."""

    def url(self, call: ToolCall) -> str | Failed:
        """The URL of the request."""
        if call.tool.config.get("kind") != SubscriptionKind.SLACK:
            return str(call.tool.config.get("target"))
        app = self._slack_app(call)
        return app if isinstance(app, Failed) else f"{app.api_url}/chat.postMessage"

    def request(self, call: ToolCall, subscription: UUID, now: datetime) -> tuple[Mapping[str, str], bytes] | Failed:
        """The headers and the body of the request. The arguments of the envelope are the event."""
        kind = call.tool.config.get("kind")
        if kind == SLACK_REPLY_KIND:
            return {"content-type": "application/json"}, json.dumps(dict(call.arguments)).encode()
        if not _is_event(call.arguments):
            return Failed(error="arguments: must be an event", retryable=False)
        if kind != SubscriptionKind.SLACK:
            return self._signed_request(call, subscription, now)
        app = self._slack_app(call)
        if isinstance(app, Failed):
            return app
        link = approval_link(self.approval_url, call.tenant_id, call.arguments["data"].get("envelope_id"))
        return slack_request(app, str(call.tool.config.get("target")), call.arguments, link)

    def outcome(self, call: ToolCall, outcome: Outcome) -> Outcome:
        """The outcome of a delivery. Slack may refuse a message in an answer 200."""
        return slack_outcome(outcome) if call.tool.config.get("kind") == SubscriptionKind.SLACK else outcome

    def _signed_request(
        self, call: ToolCall, subscription: UUID, now: datetime
    ) -> tuple[Mapping[str, str], bytes] | Failed:
        body, event_id, key = json_body(call.arguments), call.arguments["id"], self.webhook_key
        if body is None:
            return Failed(error="arguments: cannot be written as JSON", retryable=False)
        if key is None:
            return _not_set(KEY_SETTING)
        timestamp = str(int(now.timestamp()))
        signed = f"{event_id}.{timestamp}.".encode() + body
        keys = [
            signing_key(key, call.tenant_id, subscription, version)
            for version in _secret_versions(call.tool.config, now)
        ]
        signatures = [f"v1,{b64encode(hmac.digest(signing, signed, 'sha256')).decode()}" for signing in keys]
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": " ".join(signatures),
        }
        return headers, body

    def _slack_app(self, call: ToolCall) -> SlackApp | Failed:
        """The Slack app that the call names, if it belongs to the call's tenant; otherwise a failure."""
        app = self.slack_apps.get(str(call.tool.config.get("via")))
        return (
            app if app is not None and app.tenant_id == call.tenant_id else _not_set("the Slack app in ACP_SLACK_APPS")
        )


def _is_event(arguments: Mapping[str, Any]) -> bool:
    event_id = arguments.get("id")
    has_id = isinstance(event_id, str) and event_id.isascii() and "." not in event_id
    return has_id and isinstance(arguments.get("data"), Mapping)


def _not_set(setting: str) -> Failed:
    return Failed(error=f"{setting} is not set", retryable=True, held=True, retry_after=NOT_SET_RETRY_AFTER)


def _secret_versions(config: Mapping[str, Any], now: datetime) -> list[int]:
    rotated_at = config.get("secret_rotated_at")
    moment = datetime.fromisoformat(rotated_at) if isinstance(rotated_at, str) else None
    return valid_versions(int(config.get("secret_version", 1)), moment, now)
