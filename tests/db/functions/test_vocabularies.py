"""Each enum in Python has the same values as the check constraint or the function in the database."""

import re
from collections.abc import Iterable, Iterator

import psycopg
import pytest

from services.accounts import HEALTHY_STATUSES, AccountStatus
from services.approvals import ESCALATION_ROLES, ApprovalDecision, RejectionCode
from services.catalog import ACCEPTED_STATUSES, CANDIDATE_STATUSES, SyncChange, ToolDecision, ToolStatus
from services.database.connect import connect
from services.envelope import DEAD_STATUSES, OPEN_STATUSES, WAITING_STATUSES, ActorType, Risk, Status
from services.guardrails import Decision
from services.job_runs import RunStatus
from services.outbox import Resolution
from services.pauses import PauseKind
from services.subscriptions import SubscriptionKind

CHECKS: dict[str, Iterable[str]] = {
    "app_private.job_runs.status": RunStatus,
    "public.audit_log.actor_type": set(ActorType) - {ActorType.OTHER},
    "public.approvals.decision": ApprovalDecision,
    "public.approvals.escalated_to": ESCALATION_ROLES,
    "public.approvals.rejection_code": RejectionCode,
    "public.connected_accounts.status": AccountStatus,
    "public.event_subscriptions.kind": SubscriptionKind,
    "public.outbox.risk": Risk,
    "public.outbox.status": set(Status) - DEAD_STATUSES,
    "public.outbox_dlq.status": DEAD_STATUSES,
    "public.pauses.kind": PauseKind,
    "public.shadow_verdicts.candidate_decision": Decision,
    "public.shadow_verdicts.decision": Decision,
    "public.tool_catalog.risk": Risk,
    "public.tool_catalog.status": ToolStatus,
}
"""Our columns whose check constraint lists the allowed values."""
LISTS: list[tuple[str, Iterable[str]]] = [
    ("app_private.pin_to_version", WAITING_STATUSES),
    ("app_private.track_open", OPEN_STATUSES),
    ("worker_api.accounts_to_scan", HEALTHY_STATUSES),
    ("worker_api.cancel", WAITING_STATUSES),
    ("worker_api.decide_approval", set(ApprovalDecision) - {ApprovalDecision.EXPIRED}),
    ("worker_api.decide_tool", CANDIDATE_STATUSES),
    ("worker_api.decide_tool", ToolDecision),
    ("worker_api.expire_envelopes", WAITING_STATUSES),
    ("worker_api.forget_settled", OPEN_STATUSES),
    ("worker_api.resolve_unknown", Resolution),
    ("worker_api.sync_tools", ACCEPTED_STATUSES),
    ("worker_api.sync_tools", CANDIDATE_STATUSES),
]
"""Functions, and the set in Python that each repeats as a list."""
_LIST = re.compile(r"\b(?:status|decision) (?:not )?in \(('\w+'(?:, '\w+')*)\)")
_ACTORS = re.compile(r"act_as\('(\w+)'|actor_type => '(\w+)'|'(\w+)', (?:actor_id|worker_id|'clock')")


@pytest.fixture(scope="module")
def connection(module_database_url: str) -> Iterator[psycopg.Connection]:
    with connect(module_database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def sources(connection: psycopg.Connection) -> dict[str, str]:
    """The bodies of our functions."""
    rows = connection.execute(
        """
        select p.pronamespace::regnamespace || '.' || p.proname, p.prosrc
        from pg_proc as p
        where p.pronamespace in ('worker_api'::regnamespace, 'app_private'::regnamespace)
        """
    )
    return dict(rows.fetchall())


def words(text: str) -> set[str]:
    """The words in quotes."""
    return set(re.findall(r"'(\w+)'", text))


def test_check_constraints_list_the_values_of_our_enums(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        """
        select concat_ws('.', t.relnamespace::regnamespace, t.relname, a.attname), pg_get_constraintdef(c.oid)
        from pg_constraint as c
        join pg_class as t on t.oid = c.conrelid
        join pg_attribute as a on a.attrelid = t.oid and a.attnum = c.conkey[1]
        where c.contype = 'c' and cardinality(c.conkey) = 1
          and t.relnamespace in ('public'::regnamespace, 'app_private'::regnamespace)
          and pg_get_constraintdef(c.oid) like '%= ANY (ARRAY[%'
        """
    ).fetchall()
    assert {column: words(rule) for column, rule in rows} == {column: set(enum) for column, enum in CHECKS.items()}


@pytest.mark.parametrize(("function", "these"), LISTS)
def test_lists_in_functions_equal_our_sets(sources: dict[str, str], function: str, these: Iterable[str]) -> None:
    assert set(these) in [words(found) for found in _LIST.findall(sources[function])]


def test_sync_tools_reports_the_values_of_sync_change(sources: dict[str, str]) -> None:
    source = sources["worker_api.sync_tools"]
    changes = [each for found in re.findall(r"change := (.*?);", source, re.DOTALL) for each in _results(found)]
    assert {*changes, *re.findall(r"'change', '(\w+)'", source)} == set(SyncChange)


def test_functions_write_the_actor_types_that_we_know(sources: dict[str, str]) -> None:
    named = {word for source in sources.values() for found in _ACTORS.findall(source) for word in found if word}
    by_trigger = re.search(r"case(.*?)end,", sources["app_private.changing_actor"], re.DOTALL)
    by_claims = re.search(r"case(.*?)end,", sources["app_private.acting_user"], re.DOTALL)
    assert by_trigger is not None
    assert by_claims is not None
    named |= set(_results(re.sub(r"coalesce\(.*, ('\w+')\)", r"\1", by_trigger[1]))) | set(_results(by_claims[1]))
    # Callers say whether an agent or an operator acts; our functions never write `other`.
    assert named | {ActorType.AGENT, ActorType.OPERATOR, ActorType.OTHER} == set(ActorType)


def _results(expression: str) -> list[str]:
    """The words that an SQL expression can return: one, or all of a `case`."""
    return re.findall(r"(?:^|then|else)\s*'(\w+)'", expression)
