"""Convert the tools that a source lists into rows of the catalog. Pure."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from services.canonical import canonical_sha256
from services.catalog import ListedTool, Tool
from services.catalog.rules import ToolRule
from services.catalog.schema_limits import schema_problem
from services.catalog.schema_order import sort_schema_sets
from services.envelope import MAX_PAYLOAD_BYTES, Risk
from services.errors import InvalidInput, NotReady
from services.json_rules import check_json
from services.untrusted import json_body, one_line

_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}")
NO_TENANT = UUID(int=0)
"""The tenant of a row before it is synced with a tenant's catalog."""
MAX_TOOLS = 2000
"""The most tools that one source may list."""
MAX_SHOWN = 60
"""Characters of a value in a message about drift."""
MAX_DESCRIPTION = 4096
"""How many characters of a description are stored; the hash covers all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTool:
    """A listed tool that cannot go into the catalog, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The tools that a source offers now, as rows of the catalog."""

    provider: str
    source: str
    rows: tuple[Tool, ...]
    """Rows with NO_TENANT."""
    refused: tuple[RefusedTool, ...]
    former_hashes: Mapping[str, str]
    """The schema hashes by slug as earlier releases computed them, over fewer parts of the definition."""


def read_listing(listed: Sequence[ListedTool], *, provider: str, source: str, rules: Mapping[str, ToolRule]) -> Listing:
    """The rows of a listing, and the tools that cannot become rows. Tools with the same name cannot become rows.

    Raises NotReady for more than MAX_TOOLS, InvalidInput for a source without a letter or digit.
    """
    if not toolkit_of(source):
        raise InvalidInput("source", "needs a letter or a digit in its name, with which the slugs of its tools begin")
    if len(listed) > MAX_TOOLS:
        raise NotReady(
            f"source: {source} lists {len(listed):,} tools; a catalog has at most {MAX_TOOLS:,} of one source"
        )
    slugs = [slug_of(source, tool.name) for tool in listed]
    counts = Counter(slugs)
    rows, refused, former_hashes = [], [], {}
    for tool, slug in zip(listed, slugs, strict=True):
        why = "two tools have this name" if counts[slug] > 1 else _why_refused(tool)
        if why is not None:
            refused.append(RefusedTool(name=one_line(tool.name, limit=128), why=why))
        else:
            rows.append(_catalog_row(tool, provider=provider, source=source, rules=rules))
            former_hashes[slug] = _former_hash(tool, rows[-1])
    return Listing(
        provider=provider,
        source=source,
        rows=tuple(rows),
        refused=tuple(dict.fromkeys(refused)),
        former_hashes=former_hashes,
    )


def slug_of(source: str, name: str) -> str:
    """The slug of a tool: `GMAIL__drafts.create` for the source `gmail` and the name `drafts.create`. The toolkit of a
    URL is its host.

    If the name begins with the toolkit and `_`, this beginning is left out.
    """
    toolkit = toolkit_of(source)
    return f"{toolkit}__{name.removeprefix(f'{toolkit}_')}"


def toolkit_of(source: str) -> str:
    """The toolkit of a source: the beginning of its tools' slugs. Empty if the name has no letter or digit."""
    host = urlsplit(source).hostname if "://" in source else None
    return re.sub(r"[^A-Z0-9]+", "_", (host or source).upper()).strip("_")


def definition_of(tool: ListedTool) -> dict[str, Any]:
    """The parts of a listed tool that people, agents or this product rely on. `schema_hash` is the hash of these
    parts."""
    return {
        "annotations": tool.annotations,
        "description": tool.description,
        "name": tool.name,
        "output_schema": sort_schema_sets(tool.output_schema),
        "schema": sort_schema_sets(tool.schema),
        "task_support": tool.task_support,
        "title": tool.title,
    }


def risk_of(annotations: Mapping[str, Any]) -> Risk:
    """The risk by the provider's hints: low for `readOnlyHint`, high for `destructiveHint`, else medium."""
    if annotations.get("readOnlyHint") is True:
        return Risk.LOW
    return Risk.HIGH if annotations.get("destructiveHint") is True else Risk.MEDIUM


def _catalog_row(tool: ListedTool, *, provider: str, source: str, rules: Mapping[str, ToolRule]) -> Tool:
    slug = slug_of(source, tool.name)
    rule = next((rule for pattern, rule in rules.items() if fnmatchcase(slug, pattern)), ToolRule())
    is_idempotent = tool.annotations.get("readOnlyHint") is True or tool.annotations.get("idempotentHint") is True
    definition = {"output_schema": tool.output_schema, "task_support": tool.task_support}
    config = {**tool.config, **{name: value for name, value in definition.items() if value}, **rule.config}
    return Tool(
        tenant_id=NO_TENANT,
        tool_slug=slug,
        version=tool.version,
        display_name=one_line(str(tool.title or tool.annotations.get("title") or tool.name), limit=128),
        description=tool.description[:MAX_DESCRIPTION],
        risk=rule.risk or risk_of(tool.annotations),
        schema=tool.schema,
        required_scopes=rule.required_scopes or (),
        provider=provider,
        config=config,
        idempotent=is_idempotent if rule.idempotent is None else rule.idempotent,
        rate_bucket=rule.rate_bucket,
        scan=rule.scan,
        source=source,
        annotations=tool.annotations,
        schema_hash=canonical_sha256({**definition_of(tool), **_provider_version(config)}),
    )


def _former_hash(tool: ListedTool, row: Tool) -> str:
    """The hash as earlier releases computed it: without title, output schema, task support and sorted lists."""
    covered = {name: getattr(tool, name) for name in ("annotations", "description", "name", "schema")}
    return canonical_sha256({**covered, **_provider_version(row.config)})


def _why_refused(tool: ListedTool) -> str | None:
    if _NAME_PATTERN.fullmatch(tool.name) is None:
        return "its name is not 1 to 128 letters, digits and _.:/-"
    try:
        for field, value in [*definition_of(tool).items(), ("config", tool.config)]:
            check_json(field, value)
        if not 0 < len(json_body({**definition_of(tool), "config": tool.config}) or b"") <= MAX_PAYLOAD_BYTES:
            return f"its definition is larger than {MAX_PAYLOAD_BYTES:,} bytes"
        problem = schema_problem(tool.schema)
    except Exception as exc:  # a schema with an endless or unresolvable reference may raise any error
        return f"its definition cannot be stored: {one_line(str(exc), limit=200)}"
    return f"its schema {one_line(problem, limit=200)}" if problem else None


def stored_definition(tool: Tool) -> dict[str, Any]:
    """The part of the definition that the catalog stores, for comparison with a new one."""
    return {
        "annotations": tool.annotations,
        "description": tool.description,
        "output_schema": sort_schema_sets(tool.config.get("output_schema", {})),
        "schema": sort_schema_sets(tool.schema),
        "task_support": tool.config.get("task_support", ""),
        "title": tool.display_name,
        **_provider_version(tool.config),
    }


def _provider_version(config: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's version of the tool, if any: two versions with equal definitions may behave differently."""
    return {"version": config["version"]} if "version" in config else {}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any], *, max_lines: int = 50) -> tuple[str, ...]:
    """One line for each difference, with its path, shortened. Contains untrusted text."""
    lines = list(_differences("", before, after))
    return tuple(lines[:max_lines]) + ((f"… and {len(lines) - max_lines} more",) if len(lines) > max_lines else ())


def _differences(path: str, before: Any, after: Any) -> Iterable[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            inner_path = f"{path}.{key}" if path else str(key)
            if key not in before:
                yield one_line(f"{inner_path}: new, {_show(after[key])}", limit=200)
            elif key not in after:
                yield one_line(f"{inner_path}: gone, was {_show(before[key])}", limit=200)
            else:
                yield from _differences(inner_path, before[key], after[key])
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield one_line(f"{path}: {_show(before)} → {_show(after)}", limit=200)


def _show(value: Any) -> str:
    """`value` as short JSON, with invisible characters escaped, since they could hide an instruction."""
    text = (json_body(value) or b"?").decode(errors="replace")[: 2 * MAX_SHOWN]
    printable = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return one_line(printable, limit=MAX_SHOWN)
