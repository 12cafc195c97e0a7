"""Apply JSON Schemas that come from outside, within a limit of processor time. Pure."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from math import prod
from typing import Any

import orjson
import regex
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import specification_with

MAX_SECONDS = 0.05
SECONDS_PER_BYTE = 10e-6
"""Processor seconds per byte of a document, in addition to MAX_SECONDS; ordinary schemas need this much. Without a
limit, branching references and backtracking patterns could take any time."""
MAX_SECONDS_TO_CHECK = 0.5
SECONDS_TO_CHECK_PER_BYTE = 200e-6
"""Processor seconds per byte for checking a schema itself, once, when it is added to the catalog. Ordinary schemas need
a sixth of it."""
MAX_VIOLATIONS = 1000
MAX_PATTERN = 4_000
"""The longest `pattern`, in characters."""
MAX_REPEATS = 100_000
"""The largest product of all counts, such as `{3}`, in a `pattern`. Compiling a pattern copies a repeated part as many
times as its count says."""

_COUNT_PATTERN = re.compile(r"\{(\d+)")
_DATA = {"const", "default", "enum", "examples"}
"""Keywords whose values are no schemas."""
additional_properties = Draft202012Validator.VALIDATORS["additionalProperties"]
_deadline: ContextVar[float] = ContextVar("deadline")


class CostlySchema(Exception):
    """A schema takes too long to apply."""


def find_violations(
    schema: Mapping[str, Any], document: Any, *, cpu_seconds: float | None = None
) -> list[ValidationError]:
    """The violations of `schema` in `document`, sorted by path, at most MAX_VIOLATIONS. A violation with several
    causes, such as one of `anyOf`, is replaced by the cause that jsonschema finds most relevant.

    Raises CostlySchema after `cpu_seconds`, by default MAX_SECONDS and more for a long document. May raise any
    exception for an invalid schema, or for a schema with an endless or unresolvable reference.
    """
    if not schema:
        return []
    validator = _validator_of_text(orjson.dumps(schema, default=str))
    return _violations(validator, document, cpu_seconds=cpu_seconds or MAX_SECONDS + SECONDS_PER_BYTE * _size(document))


@lru_cache(maxsize=256)
def _validator_of_text(text: bytes) -> Validator:
    """The validator for a schema (as JSON). Cached, because preparing a validator takes longer than applying it."""
    schema = orjson.loads(text)
    if {"patternProperties", "unevaluatedProperties"} <= set(_keywords(schema)):
        # we can limit the time of either keyword, but not of both together
        raise CostlySchema("it uses patternProperties and unevaluatedProperties, which cannot be limited together")
    return _validator(validator_for(schema), schema)


def _validator(draft: type[Validator], schema: Any) -> Validator:
    return _with_limited_keywords(draft)(_without_draft(schema), registry=_specifications())


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Why the document cannot be used as a JSON Schema; None if it can."""
    draft = validator_for(schema)
    cpu_seconds = MAX_SECONDS_TO_CHECK + SECONDS_TO_CHECK_PER_BYTE * _size(schema)
    try:
        for problem in _violations(_validator(draft, draft.META_SCHEMA), schema, cpu_seconds=cpu_seconds):
            return f"is not a JSON Schema: {problem.message}"
        for pattern in _patterns(schema):
            _check_pattern(pattern)
    except CostlySchema as exc:
        return f"takes too long to check: {exc}"
    except regex.error as exc:
        return f"is not a JSON Schema: a pattern is no regular expression: {exc}"
    return None


def _violations(validator: Validator, document: Any, *, cpu_seconds: float) -> list[ValidationError]:
    token = _deadline.set(time.thread_time() + cpu_seconds)
    try:
        errors = list(islice(validator.iter_errors(document), MAX_VIOLATIONS))
    finally:
        _deadline.reset(token)
    errors.sort(key=lambda error: [str(part) for part in error.absolute_path])
    return [best_match(iter([error])) or error for error in errors]


def _size(value: Any) -> int:
    return len(json.dumps(value, default=str))


@lru_cache
def _specifications() -> Registry[Any]:
    """The schemas of JSON Schema itself and no others: a `$ref` in a tool's schema must not make us fetch a URL."""
    return Registry().with_resources(
        (uri, specification_with(resource.contents["$schema"]).create_resource(_without_draft(resource.contents)))
        for uri, resource in REGISTRY.items()
    )


@lru_cache
def _with_limited_keywords(draft: type[Validator]) -> type[Validator]:
    """A copy of `draft` in which every keyword first checks the time limit. A keyword that could take long by itself is
    replaced by one of ours, which checks the limit as it runs."""
    replaced = {
        "additionalProperties": _additional_properties,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
    }
    keywords = {name: _with_time_limit(replaced.get(name, check)) for name, check in draft.VALIDATORS.items()}
    bounded: type[Validator] = extend(draft, keywords)  # type: ignore[no-untyped-call]
    return bounded


def _without_draft(value: Any) -> Any:
    """`value` without `$schema`: jsonschema would apply a part with `$schema` by that draft, without our limits."""
    if isinstance(value, Mapping):
        is_draft = isinstance(value.get("$schema"), str)
        return {key: _without_draft(part) for key, part in value.items() if not (is_draft and key == "$schema")}
    if isinstance(value, list | tuple):
        return [_without_draft(part) for part in value]
    return value


def _with_time_limit(check: Any) -> Any:
    """The check of this keyword; it raises CostlySchema when the time limit has passed."""

    def check_within_limit(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        _seconds_left()
        yield from check(validator, value, instance, schema) or ()

    return check_within_limit


def _seconds_left() -> float:
    """The processor time that is left. Raises CostlySchema if there is none."""
    seconds = _deadline.get() - time.thread_time()
    if seconds <= 0:
        raise CostlySchema("the time limit has passed")
    return seconds


def _has_match(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text."""
    _check_pattern(pattern)
    try:
        return regex.search(pattern, text, timeout=_seconds_left()) is not None
    except TimeoutError:
        raise CostlySchema("the time limit has passed") from None


@lru_cache(maxsize=1000)
def _check_pattern(pattern: str) -> None:
    """Raise CostlySchema for a pattern that takes long to compile, and an error of module regex for an invalid one."""
    if len(pattern) > MAX_PATTERN:
        raise CostlySchema(f"a pattern of more than {MAX_PATTERN:,} characters")
    if prod(int(count) or 1 for count in _COUNT_PATTERN.findall(pattern)) > MAX_REPEATS:
        raise CostlySchema("a pattern that repeats a part too many times")
    regex.compile(pattern)


def _pattern(validator: Any, value: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _has_match(value, instance):
        yield ValidationError("does not match the pattern")


def _pattern_properties(validator: Any, value: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        for pattern, schema in value.items():
            for name in instance:
                if _has_match(pattern, name):
                    yield from validator.descend(instance[name], schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        patterns = schema.get("patternProperties", {})
        matched = {name: True for name in instance if any(_has_match(pattern, name) for pattern in patterns)}
        known = {"properties": {**schema.get("properties", {}), **matched}}
        yield from additional_properties(validator, value, instance, known) or ()


def _unique_items(validator: Any, value: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if value and validator.is_type(instance, "array") and len({_hashable(item) for item in instance}) < len(instance):
        yield ValidationError("has non-unique elements")


def _hashable(value: Any) -> Any:
    """A hashable value, equal for values that are equal in JSON Schema: 1 and 1.0, but not 1 and true."""
    if isinstance(value, Mapping):
        return frozenset((key, _hashable(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(_hashable(inner) for inner in value)
    return ("boolean", str(value)) if isinstance(value, bool) else value


def _keywords(value: Any) -> Iterator[str]:
    """All names in the value, at any depth."""
    if isinstance(value, Mapping):
        yield from value
    if isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _keywords(part)


def _patterns(value: Any) -> Iterator[str]:
    """All regular expressions in the schema's keywords."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from _patterns(part)
    if isinstance(value, Mapping):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        if isinstance(value.get("patternProperties"), Mapping):
            yield from value["patternProperties"]
        for name, part in value.items():
            if name not in _DATA:
                yield from _patterns(part)
