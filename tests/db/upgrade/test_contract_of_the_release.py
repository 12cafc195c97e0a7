"""Callers of the release keep what they were promised: its own contract tests run over a database of this version."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.slow

SHARED_ROWS = "the envelopes that one call proposes share an audit row"
TOKENS = "a token is a time, so it is not one more than the token before"
CHANGED = {
    "test_catalog_sync::test_a_decision_needs_something_to_decide": "the error is worded differently",
    "test_outbox_settle::test_a_settlement_writes_the_envelope_and_why": "the audit row has the digest as well",
    "test_approvals::test_a_rejected_call_never_runs": "its last_error and audit row have the code `other` as well",
    "test_propose::test_the_same_key_for_another_call_is_a_conflict_that_names_it": "the error is worded differently",
    "test_rules::test_changed_rules_are_put_on_record": "the rules have `approval_rules` as well",
    "test_tenants::test_a_new_tenant_is_put_on_record_whole": "a tenant has `requests_per_minute` as well",
    "test_all_at_once::test_of_two_who_propose_under_one_key_one_makes_the_envelope": SHARED_ROWS,
    "test_audit_log::test_every_change_of_state_is_a_link_of_the_chain": SHARED_ROWS,
    "test_outbox_enqueue::test_a_batch_keeps_its_order_to_the_microsecond": SHARED_ROWS,
    "test_outbox_settle::test_a_settlement_that_breaks_a_rule_undoes_the_whole_call": SHARED_ROWS,
    "test_outbox_settle::test_audit_rows_come_in_the_order_of_the_settlements": SHARED_ROWS,
    "test_dead_letters::test_a_requeued_dead_letter_starts_with_a_clean_count": TOKENS,
    "test_outbox_claim::test_a_claim_sent_again_after_its_leases_ran_out_finds_them_lost": TOKENS,
    "test_outbox_claim::test_a_claimed_envelope_comes_as_it_is_with_its_lease": TOKENS,
    "test_outbox_claim::test_a_worker_that_let_its_own_lease_run_out_finds_what_it_held_as_lost": TOKENS,
    "test_outbox_claim::test_each_new_lease_has_a_higher_token": TOKENS,
    "test_outbox_leases::test_a_heartbeat_renews_all_leases_and_returns_them": TOKENS,
    "test_outbox_leases::test_what_an_expired_lease_held_comes_back_as_lost": TOKENS,
}
"""Tests that the release passes over its own database and not over this one, and what has changed on purpose."""


def test_the_contract_of_the_release_holds(release: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    run = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "migrate_here", "-p", "no:cacheprovider", "-k", "postgres",
            f"--junitxml={report}", "tests/contract",
        ],
        cwd=release, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTEST_ADDOPTS": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert report.exists(), run.stdout + run.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314  # we wrote it ourselves
    assert len(cases) > 600, run.stdout + run.stderr
    assert {_name(case) for case in cases if len(case)} == set(CHANGED), run.stdout


def _name(case: ElementTree.Element) -> str:
    """The test's module and function, without its parameters."""
    return f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name'].partition('[')[0]}"
