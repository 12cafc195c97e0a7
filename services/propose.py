"""Propose an envelope: read what an agent sent, refuse what is malformed, judge it early, and put it into the outbox.

The early verdicts tell the agent what to expect; the worker judges again before it executes, and that is the truth.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from jsonschema import SchemaError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from referencing import Registry
from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.clock import Clock, utc_now
from services.envelope import MAX_PAYLOAD_BYTES, Actor, Envelope, Risk
from services.errors import InvalidInput, NotFound
from services.guardrails import Verdict
from services.guardrails.evidence import named_evidence
from services.guardrails.judge import judge
from services.json_rules import check_json
from services.outbox import Enqueued, Proposal

NOTHING_REMOTE: Registry[Any] = Registry()
"""A `$ref` in a schema from outside must not make us fetch what it names."""

TIERS = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]

Text = Annotated[str, Field(min_length=1, max_length=255)]


def _random(id_: UUID) -> UUID:
    if id_.version not in {4, 7}:
        raise ValueError("must be a random UUID, of version 4 or 7; a name of your own goes into external_id")
    return id_


class Request(BaseModel):
    """What an agent sends, with the keys that envelopes carry everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    envelope_id: Annotated[UUID, AfterValidator(_random)] | None = None
    """Tools get it as idempotency key, so it must be nobody else's: a random one, of version 4 or 7."""
    tenant_id: UUID
    tool_slug: Text
    tool_version: Text | None = None
    """None pins the newest version of the catalog."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    connected_account_id: Text | None = None
    risk: Risk | None = None
    """Never below the catalog's risk for the tool, which is also the default."""
    external_id: Text
    """The proposer's own key for this effect: the same key twice is the same envelope."""
    trust_context: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)
    not_before: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The envelope that now stands for the proposal, and what the guardrails would say at this moment."""

    envelope: Envelope
    created: bool
    verdicts: tuple[Verdict, ...]


async def propose(
    backends: Backends,
    request: Mapping[str, Any],
    *,
    actor: Actor,
    clock: Clock = utc_now,
    traceparent: str | None = None,
) -> Proposed:
    """Put one envelope into the outbox.

    Raises InvalidInput that names the field, NotFound for an unknown tenant or tool, StateConflict when the key was
    used for another call. Then nothing was written.
    """
    asked = _read(request)
    policy = (await backends.guardrails.policies([asked.tenant_id])).get(asked.tenant_id)
    if policy is None:
        raise NotFound(f"tenant_id: no tenant {asked.tenant_id}; see: python -m control_plane tenants list")
    tool = await _find_tool(backends, asked)
    _check_arguments(tool, asked.arguments)

    proposal = Proposal(
        id=asked.envelope_id or uuid7(),
        tenant_id=asked.tenant_id,
        tool_slug=asked.tool_slug,
        tool_version=tool.version,
        arguments=asked.arguments,
        connected_account_id=asked.connected_account_id,
        risk=max(tool.risk, asked.risk or tool.risk, key=TIERS.index),
        external_id=asked.external_id,
        trust_context=asked.trust_context,
        metadata=asked.metadata if traceparent is None else {**asked.metadata, "traceparent": traceparent},
        next_run_at=asked.not_before,
    )
    [enqueued] = await backends.outbox.enqueue([proposal], actor=actor)
    named = named_evidence(enqueued.envelope) if policy.settings.require_evidence else []
    evidence = await backends.evidence.find(named) if named else {}
    return _proposed(enqueued, judge(enqueued.envelope, tool, policy, clock(), evidence=evidence))


def _proposed(enqueued: Enqueued, verdicts: tuple[Verdict, ...]) -> Proposed:
    return Proposed(envelope=enqueued.envelope, created=enqueued.created, verdicts=verdicts)


def _read(request: Mapping[str, Any]) -> Request:
    try:
        asked = Request.model_validate(request)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "envelope"
        raise InvalidInput(field, _remedy(first["type"], first["msg"])) from exc
    for field in ("tool_slug", "external_id", "connected_account_id", "tool_version"):
        check_json(field, getattr(asked, field))
    for field in ("arguments", "trust_context", "metadata"):
        value = getattr(asked, field)
        check_json(field, value)
        size = len(json.dumps(value, ensure_ascii=False).encode())
        if size > MAX_PAYLOAD_BYTES:
            raise InvalidInput(
                field, f"is {size:,} bytes; at most {MAX_PAYLOAD_BYTES:,} fit, so send a reference instead"
            )
    if asked.not_before is not None and not datetime(1970, 1, 1, tzinfo=UTC) < asked.not_before < datetime(
        9999, 1, 1, tzinfo=UTC
    ):
        raise InvalidInput("not_before", "is out of range; write a moment such as 2026-12-24T18:00:00+01:00")
    ordering_key = asked.metadata.get("ordering_key")
    if ordering_key is not None and not (isinstance(ordering_key, str) and 0 < len(ordering_key) <= 255):
        raise InvalidInput("metadata.ordering_key", "must be a text of 1 to 255 characters")
    return asked


def _remedy(kind: str, said: str) -> str:
    if kind == "timezone_aware":
        return "has no time zone; write an offset, such as 2026-12-24T18:00:00+01:00"
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return "is not a field of an envelope"
    return said[:1].lower() + said[1:]


async def _find_tool(backends: Backends, asked: Request) -> Tool:
    key = ToolKey(asked.tenant_id, asked.tool_slug, asked.tool_version)
    tool = (await backends.catalog.find([key])).get(key)
    if tool is None:
        version = f" in version {asked.tool_version}" if asked.tool_version else ""
        raise NotFound(
            f"tool_slug: {asked.tool_slug!r}{version} is not in this tenant's catalog; "
            f"see: python -m control_plane catalog list --tenant {asked.tenant_id}"
        )
    return tool


def _check_arguments(tool: Tool, arguments: Mapping[str, Any]) -> None:
    try:
        validator = validator_for(tool.schema)
        validator.check_schema(dict(tool.schema))
        error = best_match(validator(dict(tool.schema), registry=NOTHING_REMOTE).iter_errors(arguments))
    except SchemaError as exc:
        raise InvalidInput(
            "tool_slug", f"the catalog's schema of {tool.tool_slug} is no JSON Schema: {exc.message}"
        ) from exc
    except Exception as exc:  # an unresolvable or endless $ref raises whatever its resolver raises
        raise InvalidInput("tool_slug", f"the catalog's schema of {tool.tool_slug} cannot be applied") from exc
    if error is not None:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
        raise InvalidInput(f"arguments{path}", _schema_says(error.validator, error.validator_value, error.message))


def _schema_says(rule: object, wanted: object, message: str) -> str:
    """The schema's complaint without the value it complains of, which may be a secret."""
    match rule:
        case "type":
            return f"must be of type {wanted}"
        case "required" | "additionalProperties" | "dependentRequired":
            return message if len(message) <= 200 else f"breaks {rule}"
        case "enum" | "const" | "pattern" | "format" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems":
            return f"breaks {rule} {json.dumps(wanted, default=str)[:120]}"
        case _:
            return f"breaks {rule} of the tool's schema"
