"""The steps that all adapters share: propose a tool call, wait for its outcome, and describe the outcome to the
model."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from control_plane.client import AsyncClient, Client, Envelope, InvalidProposal, NotFound, StillOpen

MAX_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """The text that the model gets as the result of its tool call."""

    text: str
    succeeded: bool
    """Whether the tool call succeeded. Otherwise the text says why not, or that nobody has decided yet."""


def external_id(thread: str, call_id: str | None) -> str:
    """The `external_id` of one tool call. A restarted agent computes the same one, so it finds the same envelope.

    Raises ValueError if the id of the thread or of the call is missing.
    """
    if not thread or not call_id:
        raise ValueError("a governed tool call needs the id of its thread and the id of the call")
    key = json.dumps([thread, call_id])
    return key if len(key) <= MAX_KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()


def slug_of(tools: Mapping[str, str], name: str) -> str:
    """The catalog's slug of a tool.

    Raises LookupError for a tool that is not listed, because it must not run without the control plane.
    """
    if name not in tools:
        raise LookupError(f"the tool {name!r} is not governed: name its tool_slug")
    return tools[name]


def call(client: Client, slug: str, arguments: Mapping[str, Any], key: str, wait_for: float | None) -> Answer:
    """Propose the call and wait for its outcome, at most `wait_for` seconds; None: without a limit."""
    try:
        proposed = client.propose(slug, arguments, external_id=key)
        return answer_of(client.wait(proposed.envelope.id, timeout=wait_for))
    except StillOpen as exc:
        return answer_of(exc.envelope)
    except (InvalidProposal, NotFound) as exc:
        return Answer(f"The call was refused: {exc}", succeeded=False)


async def call_async(
    client: AsyncClient, slug: str, arguments: Mapping[str, Any], key: str, wait_for: float | None
) -> Answer:
    """Same as `call`, for an AsyncClient."""
    try:
        proposed = await client.propose(slug, arguments, external_id=key)
        return answer_of(await client.wait(proposed.envelope.id, timeout=wait_for))
    except StillOpen as exc:
        return answer_of(exc.envelope)
    except (InvalidProposal, NotFound) as exc:
        return Answer(f"The call was refused: {exc}", succeeded=False)


def answer_of(envelope: Envelope) -> Answer:
    """The outcome as text for the model. For a call that a reviewer edited, the text has the edited arguments."""
    result = json.dumps(envelope.result, ensure_ascii=False)
    if envelope.proposed_arguments is not None:
        edited = json.dumps(dict(envelope.arguments), ensure_ascii=False)
        if envelope.status == "success":
            return Answer(
                f"Superseded by reviewer: it ran with the arguments {edited}. Result: {result}", succeeded=True
            )
        outcome = _not_executed(envelope)
        return replace(outcome, text=f"Superseded by reviewer: the arguments are now {edited}. {outcome.text}")
    return Answer(result, succeeded=True) if envelope.status == "success" else _not_executed(envelope)


def _not_executed(envelope: Envelope) -> Answer:
    why = f": {envelope.last_error}" if envelope.last_error else ""
    if envelope.is_open:
        return Answer(f"Not executed yet ({envelope.status}{why}). Envelope {envelope.id}.", succeeded=False)
    doubt = " It may have had its effect all the same." if envelope.doubtful else ""
    return Answer(f"Not executed ({envelope.status}{why}).{doubt} Envelope {envelope.id}.", succeeded=False)
