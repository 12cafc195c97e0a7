"""Envelopes as people and agents may see them: without the arguments that the tool's schema marks as secret.

Every interface shows envelopes only in this form. Workers and digests use the envelope with its secrets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.envelope import Envelope
from services.tools.redact import REDACTED, redact_document


async def show_envelopes(
    backends: Backends, envelopes: Sequence[Envelope], *, known: Iterable[Tool] = ()
) -> list[Envelope]:
    """These envelopes, in this order, with secret arguments redacted. Tools in `known` are not read from the
    catalog."""
    tools = {ToolKey(tool.tenant_id, tool.tool_slug, tool.version): tool for tool in known}
    if others := [envelope for envelope in envelopes if tool_key(envelope) not in tools]:
        tools |= await find_tools_of(backends, others)
    return [
        replace(
            envelope,
            arguments=show_arguments(envelope.arguments, tools.get(tool_key(envelope))),
            proposed_arguments=show_arguments(envelope.proposed_arguments, tools.get(tool_key(envelope))),
        )
        for envelope in envelopes
    ]


async def show_envelope(backends: Backends, envelope: Envelope) -> Envelope:
    """Same as `show_envelopes`, for one envelope."""
    [shown] = await show_envelopes(backends, [envelope])
    return shown


def show_arguments(arguments: Mapping[str, Any] | None, tool: Tool | None) -> Any:
    """These arguments of a call of this tool. All of them are redacted if its schema cannot be read.

    Without a tool there is no schema, so no argument is redacted.
    """
    if arguments is None or tool is None:
        return arguments
    shown = REDACTED if tool.unreadable is not None else redact_document(arguments, tool.schema)
    return shown if isinstance(shown, Mapping) else dict.fromkeys(arguments, REDACTED)


def restore_shown(edited: Any, shown: Any, original: Any) -> Any:
    """`edited` with the original content of every value that a person left as it was shown."""
    if type(edited) is type(shown) and edited == shown and not isinstance(shown, Mapping | list):
        return original
    if isinstance(edited, Mapping) and isinstance(shown, Mapping) and len(shown) == len(original):
        keys = dict(zip(shown, original, strict=True))  # a key with hidden characters is shown escaped
        return {
            keys.get(key, key): restore_shown(value, shown[key], original[keys[key]]) if key in keys else value
            for key, value in edited.items()
        }
    if isinstance(edited, list) and isinstance(shown, list) and len(edited) == len(shown):
        return [restore_shown(*values) for values in zip(edited, shown, original, strict=True)]
    return edited


async def find_tools_of(backends: Backends, envelopes: Iterable[Envelope]) -> dict[ToolKey, Tool]:
    """The tools that these envelopes call, as far as they are in the catalog."""
    keys = list(dict.fromkeys(map(tool_key, envelopes)))
    return dict(await backends.catalog.find(keys)) if keys else {}


def tool_key(envelope: Envelope) -> ToolKey:
    """The version of the tool that an envelope calls."""
    return ToolKey(envelope.tenant_id, envelope.tool_slug, envelope.tool_version)
