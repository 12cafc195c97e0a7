"""Propose an envelope: read what an agent sent, refuse what is malformed, judge it early, and put it into the outbox.

The early verdicts tell the agent what to expect; the worker judges again before it executes, and that is the truth.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jsonschema import SchemaError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from referencing import Registry
from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.clock import Clock, utc_now
from services.envelope import Actor, Envelope, Risk
from services.errors import InvalidInput, NotFound
from services.guardrails import Policy, Verdict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import judge
from services.json_rules import TOO_DEEP, Problem
from services.outbox import EnqueuedEnvelope, Proposal
from services.request import Request, field_of, read_request

NOTHING_REMOTE: Registry[Any] = Registry()
"""A `$ref` in a schema from outside must not make us fetch what it names."""

TIERS = [Risk.LOW, Risk.MEDIUM, Risk.HIGH]

AT_ONCE = 20
"""Problems that one refusal names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeResult:
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
) -> ProposeResult:
    """Put one envelope into the outbox.

    Raises InvalidInput that names every field that is wrong, NotFound for an unknown tenant or tool, StateConflict when
    the key was used for another call. Then nothing was written.
    """
    asked, problems = read_request(request)
    policy, tool = await _find(backends, asked, problems)
    if tool is not None and all(what != TOO_DEEP for _, what in problems):
        problems += _argument_problems(tool, asked.arguments)
    if problems or policy is None or tool is None:
        raise InvalidInput(*problems[0], *_others(problems))

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
        must_run_before=asked.must_run_before,
    )
    [enqueued] = await backends.outbox.enqueue([proposal], actor=actor)
    named = cited_evidence(enqueued.envelope) if policy.settings.require_evidence else []
    evidence = await backends.evidence.find(named) if named else {}
    return _proposed(enqueued, judge(enqueued.envelope, tool, policy, clock(), evidence=evidence).verdicts)


def _proposed(enqueued: EnqueuedEnvelope, verdicts: tuple[Verdict, ...]) -> ProposeResult:
    return ProposeResult(envelope=enqueued.envelope, created=enqueued.created, verdicts=verdicts)


async def _find(backends: Backends, asked: Request, problems: list[Problem]) -> tuple[Policy | None, Tool | None]:
    """The tenant's policy and the tool. Raises NotFound, or adds it to what is wrong already."""
    wrong = {field_of(place) for place, _ in problems}
    if "tenant_id" in wrong:
        return None, None
    try:
        policy = await _find_policy(backends, asked)
        return policy, None if wrong & {"tool_slug", "tool_version"} else await _find_tool(backends, asked)
    except NotFound as exc:
        if not problems:
            raise
        place, _, what = str(exc).partition(": ")
        problems.append((place, what))
        return None, None


def _others(problems: Sequence[Problem]) -> list[Problem]:
    """All but the first, and how many more there are than one line should hold."""
    more = len(problems) - AT_ONCE
    return [*problems[1:AT_ONCE], *([("envelope", f"and {more} more")] if more > 0 else [])]


async def _find_policy(backends: Backends, asked: Request) -> Policy:
    policy = (await backends.guardrails.policies([asked.tenant_id])).get(asked.tenant_id)
    if policy is None:
        raise NotFound("tenant", asked.tenant_id, field="tenant_id")
    return policy


async def _find_tool(backends: Backends, asked: Request) -> Tool:
    key = ToolKey(asked.tenant_id, asked.tool_slug, asked.tool_version)
    tool = (await backends.catalog.find([key])).get(key)
    if tool is None:
        version = f" in version {asked.tool_version}" if asked.tool_version else ""
        problem = f"{asked.tool_slug!r}{version} is not in this tenant's catalog"
        raise NotFound("tool", asked.tool_slug, problem, field="tool_slug")
    return tool


def _argument_problems(tool: Tool, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        validator = validator_for(tool.schema)
        validator.check_schema(dict(tool.schema))
        errors = list(validator(dict(tool.schema), registry=NOTHING_REMOTE).iter_errors(_as_floats(arguments)))
    except SchemaError as exc:
        yield "tool_slug", f"the catalog's schema of {tool.tool_slug} is no JSON Schema: {exc.message}"
        return
    except Exception:  # an unresolvable or endless $ref raises whatever its resolver raises
        yield "tool_slug", f"the catalog's schema of {tool.tool_slug} cannot be applied"
        return
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        deepest = best_match(iter([error])) or error
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in deepest.absolute_path)
        yield f"arguments{path}", _schema_says(deepest.validator, deepest.validator_value, deepest.message)


def _as_floats(value: Any) -> Any:
    """As a schema can look at it: a Decimal, which was refused already, breaks `multipleOf`."""
    if isinstance(value, Mapping):
        return {key: _as_floats(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


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
