"""Messages to Slack in its wire format: `chat.postMessage` with blocks, and answers to a click at its response URL."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.subscriptions.notices import NoticeMessage, make_message
from services.tools import Failed, Outcome, Success

REFUSED_FOR_NOW = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Errors of Slack after which the same message may be accepted later."""
CODES = ("wrong_target", "wrong_content", "wrong_time", "not_needed", "too_risky", "not_permitted", "other")
"""The rejection codes that the message offers: values of `services.approvals.RejectionCode`."""
APPROVE, REJECT, OPEN = "approve", "reject", "open"
"""The action ids of the buttons and of the list of codes."""


class SlackApp(BaseModel):
    """A Slack app of one tenant: it posts the tenant's notices, and clicks on its buttons are accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: UUID
    bot_token: SecretStr
    """The bot token of the app, such as `xoxb-…`. It must have the scope `chat:write`."""
    signing_secret: SecretStr
    """The signing secret on the app's page in Slack. It proves that a click comes from Slack."""
    api_url: str = Field(default="https://slack.com/api", pattern=r"^https?://\S+[^/]$")


def slack_request(
    app: SlackApp, channel: str, event: Mapping[str, Any], link: str | None
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of `chat.postMessage`."""
    message = {"channel": channel, **slack_message(make_message(event), link)}
    headers = {
        "content-type": "application/json; charset=utf-8",
        "authorization": f"Bearer {app.bot_token.get_secret_value()}",
    }
    return headers, json.dumps(message).encode()


def slack_message(message: NoticeMessage, link: str | None) -> dict[str, Any]:
    """The message in Slack's format. Texts of agents are `plain_text`: Slack makes no links or mentions in it."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain_text(message.title, 150)}]
    facts = "\n".join(f"{label}: {value}" for label, value in message.lines)
    if facts:
        blocks.append({"type": "section", "text": _plain_text(facts, 2900)})
    if message.call is not None:
        blocks.append({"type": "section", "text": _plain_text(message.call, 2900)})
    if message.has_hidden_characters:
        blocks.append(_context_block("Warning: the call has hidden characters, shown as \\u{…}."))
    if message.is_shortened:
        blocks.append(_context_block("The call is longer than this: read all of it on its page before you decide."))
    if elements := _button_elements(message, link):
        actions: dict[str, Any] = {"type": "actions", "elements": elements}
        if message.digest is not None:
            actions["block_id"] = f"{message.envelope_id}:{message.digest}"
        blocks.append(actions)
    return {
        "text": escape_mrkdwn(message.title), "blocks": blocks, "mrkdwn": False, "parse": "none", "link_names": False,
        "unfurl_links": False, "unfurl_media": False,
    }  # fmt: skip


def reply_message(text: str, *, replaces: bool) -> dict[str, Any]:
    """The message for the person who clicked; `replaces` removes the buttons of the message for everybody."""
    blocks = [{"type": "section", "text": _plain_text(text, 2900)}]
    return {
        "response_type": "in_channel" if replaces else "ephemeral", "replace_original": replaces, "blocks": blocks,
        "text": escape_mrkdwn(text[:2900]),
    }  # fmt: skip


def escape_mrkdwn(text: str) -> str:
    """The text with Slack's special characters escaped, so that it contains no links, mentions and channels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_outcome(outcome: Outcome) -> Outcome:
    """The outcome of `chat.postMessage`: Slack answers 200 also if it refuses a message. Pure."""
    if not isinstance(outcome, Success):
        return outcome
    answer = outcome.result if isinstance(outcome.result, Mapping) else {}
    if answer.get("ok") is True:
        return Success(result={"ok": True, "ts": answer.get("ts"), "channel": answer.get("channel")})
    error = str(answer.get("error", "no reason"))[:100]
    return Failed(error=f"Slack refused the message: {error}", retryable=error in REFUSED_FOR_NOW)


def _button_elements(message: NoticeMessage, link: str | None) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = []
    if message.digest is not None and not message.is_shortened:
        options = [{"text": _plain_text(code.replace("_", " "), 75), "value": code} for code in CODES]
        elements += [
            {
                "type": "button", "action_id": APPROVE, "style": "primary", "text": _plain_text("Approve", 75),
                "value": APPROVE,
            },
            {
                "type": "static_select", "action_id": REJECT, "placeholder": _plain_text("Reject because …", 150),
                "options": options,
            },
        ]  # fmt: skip
    if link is not None:
        elements.append({"type": "button", "action_id": OPEN, "text": _plain_text("Open", 75), "url": link})
    return elements


def _plain_text(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest], "emoji": False}


def _context_block(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_plain_text(text, 300)]}
