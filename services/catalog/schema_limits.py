"""Apply JSON Schemas that come from outside, within a limit of processor time. Pure.

A `pattern` is an exception: the module re checks it, without a limit.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from referencing import Registry

MAX_SECONDS = 0.05
SECONDS_PER_BYTE = 10e-6
"""Processor time for one document: MAX_SECONDS, and so much more for each byte of it, which ordinary schemas need too.
References that fan out would otherwise take any time."""
MAX_VIOLATIONS = 1000

_LOCAL_REFERENCES: Registry[Any] = Registry()
"""Without remote schemas: a `$ref` in a tool's schema must not make us fetch a URL."""
_deadline: ContextVar[float] = ContextVar("deadline")


class CostlySchema(Exception):
    """A schema takes too long to apply."""


def find_violations(schema: Mapping[str, Any], document: Any) -> list[ValidationError]:
    """The violations of `schema` in `document`, at most MAX_VIOLATIONS, each the deepest of its group, by path.

    Raises CostlySchema after MAX_SECONDS, and any exception for a schema with an endless or unresolvable reference.
    """
    validator = _bounded(validator_for(schema))(_without_draft(schema), registry=_LOCAL_REFERENCES)
    seconds = MAX_SECONDS + SECONDS_PER_BYTE * len(json.dumps(document, default=str))
    token = _deadline.set(time.thread_time() + seconds)
    try:
        errors = list(islice(validator.iter_errors(document), MAX_VIOLATIONS))
    finally:
        _deadline.reset(token)
    errors.sort(key=lambda error: [str(part) for part in error.absolute_path])
    return [best_match(iter([error])) or error for error in errors]


@lru_cache
def _bounded(draft: type[Validator]) -> type[Validator]:
    """`draft` with keywords that check the time, and with a `uniqueItems` that takes linear time."""
    replaced = {"uniqueItems": _unique_items}
    keywords = {name: _timed(replaced.get(name, check)) for name, check in draft.VALIDATORS.items()}
    bounded: type[Validator] = extend(draft, keywords)  # type: ignore[no-untyped-call]
    return bounded


def _without_draft(value: Any) -> Any:
    """`value` without `$schema`: jsonschema would apply a part that has one by that draft, without limits."""
    if isinstance(value, Mapping):
        is_draft = isinstance(value.get("$schema"), str)
        return {key: _without_draft(part) for key, part in value.items() if not (is_draft and key == "$schema")}
    if isinstance(value, list | tuple):
        return [_without_draft(part) for part in value]
    return value


def _timed(check: Any) -> Any:
    def timed(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if time.thread_time() > _deadline.get():
            raise CostlySchema("the time limit")
        yield from check(validator, value, instance, schema) or ()

    return timed


def _unique_items(validator: Any, value: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if value and validator.is_type(instance, "array") and len({_frozen(item) for item in instance}) < len(instance):
        yield ValidationError("has non-unique elements")


def _frozen(value: Any) -> Any:
    """A hashable value, equal for values that are equal in JSON Schema: 1 and 1.0, but not 1 and true."""
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner) for inner in value)
    return ("boolean", str(value)) if isinstance(value, bool) else value
