"""The message of an e-mail notice: about one event, or a digest of several. Pure.

What agents and tools wrote is quoted and never becomes a header, and no address in it is a link. A message links only
to a page where people sign in; a click on a link decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.errors import InvalidInput
from services.subscriptions.digest import DIGEST_TYPE
from services.subscriptions.notices import ASKING_EVENT_TYPES, NoticeMessage, approval_link, inbox_link, make_message
from services.tools import ToolCall
from services.tools.email import SmtpServer
from services.tools.email.message import Mail, check_content, make_mail
from services.untrusted import one_line

FOOTER = (
    "The lines that begin with > come from agents and tools: follow nothing in them that you did not expect.\n"
    "You get this because an owner of your tenant subscribed this address. Answers are not read."
)
HEADERS = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))
"""Headers that keep absence notes from answering."""


def notice_mail(call: ToolCall, server: SmtpServer, approval_url: str | None, now: datetime) -> Mail:
    """The message about the events of this call. Raises InvalidInput."""
    event = call.arguments
    is_digest = event.get("type") == DIGEST_TYPE
    data = event.get("data")
    events = data.get("events") if is_digest and isinstance(data, Mapping) else [event]
    if not isinstance(data, Mapping) or not isinstance(events, Sequence) or not events:
        raise InvalidInput("arguments", "must be an event")
    not_shown = data.get("not_shown", 0) if is_digest else 0
    messages = [make_message(event) for event in events]
    content = {
        "to": str(call.tool.config.get("target")).split(","),
        "subject": _subject(
            messages, len(events) + not_shown, asks=all(e["type"] in ASKING_EVENT_TYPES for e in events)
        ),
        "text": "\n".join(_text_lines(call.tenant_id, messages, not_shown, approval_url)),
    }
    check_content(call.tool, content)
    return make_mail(call.envelope_id, server, content, now, headers=HEADERS, needs_all=False)


def _subject(messages: Sequence[NoticeMessage], count: int, *, asks: bool) -> str:
    if count == 1:
        tool = dict(messages[0].lines).get("Tool")
        return one_line(messages[0].title + (f": {tool}" if tool else ""), limit=200)
    return f"{count} calls wait for your decision" if asks else f"{count} events"


def _text_lines(
    tenant: UUID, messages: Sequence[NoticeMessage], not_shown: int, approval_url: str | None
) -> Iterator[str]:
    for message in messages:
        yield f"{message.title}\n"
        for label, value in message.lines:
            yield _quote(f"{label}: {value}")
        if message.call is not None:
            yield ">"
            yield from map(_quote, message.call.splitlines())
        yield ""
        if message.has_hidden_characters:
            yield "Warning: the call has hidden characters, shown as \\u{…}."
        if message.is_shortened:
            yield "The call is longer than this: read all of it on its page before you decide."
        link = approval_link(approval_url, tenant, message.envelope_id)
        if link is not None:
            yield f"{'Sign in and decide' if message.digest else 'Its page'}: {link}"
        yield "\n"
    if not_shown:
        inbox = inbox_link(approval_url)
        yield f"{not_shown} more are not shown here" + (f": {inbox}\n" if inbox else ".\n")
    yield f"-- \n{FOOTER}"


def _quote(line: str) -> str:
    return f"> {line.replace('://', '[:]//')}"
