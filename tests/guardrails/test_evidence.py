"""Cited evidence must exist, have the cited hash, and be recent enough if the tenant requires that."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.evidence import cited_evidence, judge_evidence
from tests.builders import NOW, TENANT, an_envelope

ONE, TWO = UUID(int=1), UUID(int=2)
HERE = {
    EvidenceKey(TENANT, ONE): StoredEvidence(sha256="a" * 64, seen_at=NOW - timedelta(minutes=10)),
    EvidenceKey(TENANT, TWO): StoredEvidence(sha256="b" * 64, seen_at=NOW - timedelta(days=10)),
}
ASKS = GuardrailSettings(tenant_id=TENANT, require_evidence=True)
FRESH = replace(ASKS, evidence_max_age=600)


def verdict_of(evidence: Any, settings: GuardrailSettings = ASKS) -> Verdict:
    return judge_evidence(an_envelope(trust_context={"evidence": evidence}), settings, HERE, NOW)


@pytest.mark.parametrize(
    ("evidence", "settings"),
    [
        (["ticket 7"], ASKS),
        ([{"id": str(ONE)}], ASKS),
        ([{"id": str(ONE), "sha256": "a" * 64}], ASKS),
        ([{"id": str(TWO)}, "ticket 7"], ASKS),
        ([{"id": str(ONE)}], FRESH),
        ([{"id": str(TWO)}, {"id": str(ONE)}], FRESH),
        ([{"url": "https://tickets.test/7"}], ASKS),
        (None, replace(ASKS, require_evidence=False)),
    ],
)
def test_existing_evidence_allows_the_call(evidence: Any, settings: GuardrailSettings) -> None:
    assert verdict_of(evidence, settings).decision is Decision.ALLOW


@pytest.mark.parametrize(
    ("evidence", "settings", "why"),
    [
        ([], ASKS, "none is cited"),
        ("ticket 7", ASKS, "none is cited"),
        ([{"id": str(UUID(int=3))}], ASKS, "has no evidence 00000000-0000-0000-0000-000000000003"),
        ([{"id": str(ONE)}, {"id": str(UUID(int=3))}], ASKS, "has no evidence"),
        ([{"id": str(ONE), "sha256": "b" * 64}], ASKS, "with this sha256"),
        ([{"id": str(ONE), "sha256": None}], ASKS, "with this sha256"),
        ([{"id": "s3cret"}], ASKS, "has no evidence 00000000-0000-0000-0000-000000000000"),
        ([{"id": str(TWO)}], FRESH, "No cited evidence was seen in the last 600 s"),
        (["ticket 7"], FRESH, "No cited evidence was seen"),
    ],
)
def test_unreliable_evidence_is_denied_with_the_remedy(evidence: Any, settings: GuardrailSettings, why: str) -> None:
    verdict = verdict_of(evidence, settings)
    assert verdict.decision is Decision.DENY
    assert why in verdict.reason
    assert "propose again" in verdict.reason
    assert "s3cret" not in verdict.reason


def test_only_references_are_looked_up_and_only_in_the_tenants_evidence() -> None:
    envelope = an_envelope(trust_context={"evidence": ["ticket 7", {"id": str(ONE)}, {"url": "x"}, 7]})
    assert cited_evidence(envelope) == [EvidenceKey(TENANT, ONE)]


BLANKS = ["", " ", "  \t\n", "\u00a0", "\u2003\u2009", "\u3000", "\u200b", "\ufeff", "\u2060\u200d", "\u2800", "\u3164",
          "\uffa0", "\u00ad", "\u0085", "\x1f", "…", "--", "."]  # fmt: skip
NOTHINGS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(BLANKS),
    st.text(alphabet=st.characters(categories=["Zs", "Zl", "Zp", "Cc", "Cf", "Po", "Pd"]), max_size=8),
)
EMPTY: st.SearchStrategy[Any] = st.recursive(
    NOTHINGS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(st.just("ticket 7"), max_size=2),  # a list is no reference, whatever it contains
        st.dictionaries(st.text(max_size=5).filter(lambda key: key != "id"), inner, max_size=3),
    ),
    max_leaves=6,
)
REAL: st.SearchStrategy[Any] = st.sampled_from(
    ["ticket 7", "票 7", {"id": str(ONE)}, {"url": "https://tickets.test/7"}]
)


@hypothesis.settings(max_examples=500)
@given(before=st.lists(REAL, max_size=3), entry=EMPTY, after=st.lists(st.one_of(REAL, EMPTY), max_size=3))
def test_an_entry_that_refers_to_nothing_is_denied_and_named_whatever_other_entries_there_are(
    before: list[Any], entry: Any, after: list[Any]
) -> None:
    verdict = verdict_of([*before, entry, *after])
    assert verdict.decision is Decision.DENY
    assert verdict.reason.startswith(f"trust_context.evidence[{len(before)}] refers to nothing")
    assert "propose again" in verdict.reason


@pytest.mark.parametrize("entry", ["", "  ", None, {}, 0, [], [["ticket 7"]], {"note": " "}, True, *BLANKS])
def test_entries_without_content_are_no_evidence(entry: Any) -> None:
    assert verdict_of([entry]).decision is Decision.DENY


@hypothesis.settings(max_examples=200)
@given(st.lists(REAL, min_size=1, max_size=6))
def test_the_call_is_allowed_if_every_entry_refers_to_something(evidence: list[Any]) -> None:
    assert verdict_of(evidence).decision is Decision.ALLOW
