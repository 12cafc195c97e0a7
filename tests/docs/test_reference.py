"""The reference pages list every command, setting, metric, table and error, and no others."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
import typer
from prometheus_client.core import Metric
from pydantic import BaseModel
from typer.main import get_command

from control_plane.__main__ import app as control_plane
from control_plane.jobs.metrics import REGISTRY
from control_plane.jobs.registry import JOBS
from control_plane.settings import RetryPolicy, Settings
from services import errors
from services.database.connect import connect
from services.database.sql_files import read_sql_files
from services.envelope import Risk, Status
from services.guardrails import Decision
from services.guardrails.judge import judge
from services.outbox import Disposition, Lease, Settlement
from services.outbox.queue_status import QueueStatus
from services.tools.mcp import McpServer
from tests.builders import NOW, a_policy, a_tool, an_envelope
from tests.docs.pages import DOCS, ROOT, anchors, links, name, pages, rows, section, table
from worker.outbox import app as worker
from worker.telemetry import PROCESSED_STATUS, Metrics

METRICS = DOCS / "reference" / "metrics.md"
CLI = DOCS / "reference" / "cli.md"
SCHEMA = DOCS / "reference" / "schema.md"
ERRORS = DOCS / "reference" / "errors.md"
WORKER = DOCS / "how-to" / "run-the-worker.md"
GLOSSARY = DOCS / "glossary.md"


def test_the_page_lists_the_metrics_of_the_worker() -> None:
    metrics = Metrics()
    lease = Lease(uuid4(), 0, 1)
    for to in Disposition:
        metrics.count_settled([(Settlement(lease=lease, envelope_id=uuid4(), to=to, reason="trust: low"), 0.1)])
    metrics.count_lease_conflict(lease.tenant_id)
    queue = QueueStatus(
        tenant_id=lease.tenant_id, name="Acme", paused=False, depth={"pending": 1}, in_flight=0, dlq=0,
        doubtful=0, oldest_due_at=None, retrying=0, retries=(),
    )  # fmt: skip
    metrics.set_queue_gauges([queue], {})

    exported = {
        (m.name + ("_total" if m.type == "counter" else ""), m.type, _labels(m)) for m in metrics.registry.collect()
    }
    assert {
        (metric, kind, frozenset(labels.split(", ")) - {"–"}) for metric, kind, labels, _ in rows(METRICS)
    } == exported


def test_the_page_lists_the_metrics_of_the_jobs() -> None:
    exported = {(m.name + ("_total" if m.type == "counter" else ""), m.type) for m in REGISTRY.collect()}
    assert {(metric, kind) for metric, kind, *_ in table(METRICS, "Metrics of the jobs")} == exported
    assert [row[0] for row in table(DOCS / "how-to" / "run-jobs.md", "Run jobs")] == list(JOBS)


def test_the_page_lists_the_outcomes_of_each_status_label() -> None:
    documented = {label: set(endings.split(", ")) for label, endings in table(METRICS, "What `status` means")}
    assert documented == {
        label: {d.value for d in PROCESSED_STATUS if PROCESSED_STATUS[d] == label}
        for label in PROCESSED_STATUS.values()
    }


def test_every_log_event_of_the_worker_is_documented() -> None:
    logged = {
        event
        for path in [*(ROOT / "worker").glob("*.py"), *(ROOT / "services").rglob("listener.py")]
        for event in re.findall(r'\blog(?:\.(?:info|warning|error)\(|,)\s*"([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert {event for row in table(METRICS, "Log lines") for event in row[0].split(", ")} == logged


def commands() -> Iterator[tuple[str, Any]]:
    """Every command, by the words that call it."""
    for words, app in (("python -m worker.outbox", worker), ("python -m control_plane", control_plane)):
        yield from _leaves(words, app)


def _leaves(words: str, app: typer.Typer) -> Iterator[tuple[str, Any]]:
    waiting: list[tuple[str, Any]] = [(words, get_command(app))]
    while waiting:
        path, command = waiting.pop()
        if hasattr(command, "commands"):
            waiting += [(f"{path} {word}", inner) for word, inner in command.commands.items()]
        else:
            yield path, command


def test_the_page_has_a_heading_for_each_command_and_no_other() -> None:
    headings = re.findall(r"^### (.+)$", CLI.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(words for words, _ in commands())


@pytest.mark.parametrize(("words", "command"), [pytest.param(*found, id=found[0]) for found in commands()])
def test_a_command_is_documented_with_its_summary_example_and_options(words: str, command: Any) -> None:
    documented = section(CLI, words)
    assert " ".join(command.help.split()) in " ".join(documented.split())
    example = " ".join(command.epilog.removeprefix("Example: ").split())
    assert f"Example: `{example}`" in documented
    if not command.params:
        assert "| option |" not in documented
        return
    options = {tuple(row[0].split(", ")): row[1] for row in _options(documented)}
    assert set(options) == {_called(p) for p in command.params}
    for param in command.params:
        assert options[_called(param)] == _default(param)


def _options(documented: str) -> list[tuple[str, ...]]:
    lines = [line for line in documented.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")) for line in lines]


def _called(param: Any) -> tuple[str, ...]:
    return tuple(param.opts) if param.opts[0].startswith("-") else (param.name.upper(),)


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if param.envvar:
        return f"${param.envvar}, else {param.default}"
    return "–" if param.default in {None, False} else str(param.default)


def test_every_error_class_is_documented() -> None:
    classes = {found.__name__ for found in vars(errors).values() if isinstance(found, type)}
    assert {row[0] for row in table(ERRORS, "Errors")} == classes


def test_every_setting_is_in_the_table_with_its_default() -> None:
    documented = {row[0]: row[1] for row in table(WORKER, "Settings")}
    assert documented == dict(_settings())


def test_the_retry_table_has_the_default_settings() -> None:
    tiers = Settings.model_fields["retry"].get_default()
    assert [row[:4] for row in table(WORKER, "Retries")] == [
        (risk.value, str(rule.max_attempts), _shown(rule.base), _shown(rule.cap))
        for risk in Risk
        if isinstance(rule := getattr(tiers, risk), RetryPolicy)
    ]


def _settings() -> Iterator[tuple[str, str]]:
    for field, info in Settings.model_fields.items():
        variable = str(info.validation_alias) if info.validation_alias else f"ACP_{field.upper()}"
        default = info.get_default(call_default_factory=True)
        yield variable, "see [Retries](#retries)" if isinstance(default, BaseModel) else _shown(default)


def _shown(default: object) -> str:
    match default:
        case None | () | {}:
            return "–"
        case timedelta():
            spans = (("day", 86_400), ("min", 60), ("s", 1))
            unit, length = next(span for span in spans if default.total_seconds() % span[1] == 0)
            count = int(default.total_seconds() // length)
            return f"{count} {unit}{'s' if unit == 'day' and count != 1 else ''}"
        case _:
            return str(default)


def test_the_fields_of_an_mcp_server_are_documented() -> None:
    documented = (DOCS / "how-to" / "add-a-tool.md").read_text(encoding="utf-8")
    assert all(f"`{field}`" in documented for field in McpServer.model_fields)


def test_the_page_lists_the_functions_and_their_callers() -> None:
    granted = {}
    for file in read_sql_files().functions:
        if file.name.startswith("functions/worker_api/"):
            [(function, roles)] = re.findall(r"grant execute on function worker_api\.(\w+) to ([\w, ]+);", file.sql)
            granted[function] = roles
    assert {row[0]: row[1] for row in table(SCHEMA, "Functions of `worker_api`")} == granted


def test_the_page_lists_the_tables_of_a_migrated_database(module_database_url: str) -> None:
    with connect(module_database_url) as connection:
        found = connection.execute(RIGHTS).fetchall()
    assert sorted((row[0], row[2], row[3]) for row in table(SCHEMA, "Tables")) == [tuple(row) for row in found]


RIGHTS = """
with word (at, right_to) as (values (1, 'select'), (2, 'insert'), (3, 'update'), (4, 'delete'))
select
  t.relnamespace::regnamespace || '.' || t.relname,
  coalesce((
    select string_agg(
      case when has_table_privilege('authenticated', t.oid, w.right_to) or w.right_to = 'select' and not exists (
        select from pg_attribute as a   -- each column by its name, so that no system column is among them
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
          and not has_column_privilege('authenticated', t.oid, a.attnum, 'select')
      ) then w.right_to else w.right_to || ' of some columns' end, ', ' order by w.at
    )
    from word as w
    where has_table_privilege('authenticated', t.oid, w.right_to)
      or (w.right_to <> 'delete' and has_any_column_privilege('authenticated', t.oid, w.right_to))
  ), '–'),
  coalesce((
    select string_agg(w.right_to, ', ' order by w.at)
    from word as w where has_table_privilege('service_role', t.oid, w.right_to)
  ), '–')
from pg_class as t
where t.relnamespace in ('public'::regnamespace, 'app_private'::regnamespace) and t.relkind in ('r', 'p')
order by 1
"""
"""The name of a table, and the rights of `authenticated` and `service_role` on it."""


def test_the_glossary_has_every_state_disposition_decision_and_guardrail() -> None:
    verdicts = judge(an_envelope(), a_tool(), a_policy(), NOW).verdicts
    words = {*Status, *Disposition, *Decision, *Risk, *(verdict.guardrail for verdict in verdicts)}
    documented = set(re.findall(r"`(\w+)`", GLOSSARY.read_text(encoding="utf-8")))
    assert {str(word) for word in words} <= documented


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_has_a_target(page: Any) -> None:
    for link in links(page):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)}: {link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{name(page)}: {link} names no heading"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_path_on_a_page_exists(page: Any) -> None:
    named = re.findall(
        r"`((?:worker|services|control_plane|db|tests|docs)/[\w./-]+)`", page.read_text(encoding="utf-8")
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_is_linked_from_the_readme_directly_or_indirectly() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            paths = (link.partition("#")[0] for link in links(page) if not re.match(r"https?://", link))
            waiting += [(page.parent / unquote(path)).resolve() for path in paths if path]
    assert set(pages()) - reached == set()


def _labels(metric: Metric) -> frozenset[str]:
    return frozenset(label for sample in metric.samples for label in sample.labels) - {"le"}
