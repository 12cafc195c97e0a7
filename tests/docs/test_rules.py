"""docs/prometheus: its rules use existing metrics, and its alerts link to existing runbooks."""

import os
import re
import shutil
import subprocess

import pytest

from tests.docs.pages import DOCS, ROOT, anchors, rows

RULES = DOCS / "prometheus" / "rules.yml"
RULES_TEST = DOCS / "prometheus" / "rules_test.yml"
FOREIGN = {"up", "probe_success"}
"""Metrics that Prometheus and its blackbox exporter bring."""


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but promtool is not installed"
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return found


def test_the_rules_are_valid(promtool: str) -> None:
    checked = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_rules_pass_their_own_tests(promtool: str) -> None:
    tested = subprocess.run([promtool, "test", "rules", RULES_TEST], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_rule_has_a_test() -> None:
    tests = RULES_TEST.read_text(encoding="utf-8")
    named = re.findall(r"(?:alert|record): (\S+)", RULES.read_text(encoding="utf-8"))
    assert [rule for rule in named if not re.search(rf"\b{re.escape(rule)}\b", tests)] == []


def test_rules_use_only_metrics_of_the_worker() -> None:
    text = re.sub(r"#.*|(summary|runbook|job|record): .*|\"[^\"]*\"", "", RULES.read_text(encoding="utf-8"))
    read = set(re.findall(r"\b(outbox_\w+|up|probe_success)\b(?=[{\[)\s])", text))
    known = {name for metric, kind, *_ in rows(DOCS / "reference" / "metrics.md") for name in _series(metric, kind)}
    assert read - FOREIGN <= known
    assert len(read) > 5  # the pattern still matches


def test_every_alert_has_a_description_and_a_link_to_a_runbook() -> None:
    for alert in re.split(r"- alert: ", RULES.read_text(encoding="utf-8"))[1:]:
        name = alert.split()[0]
        assert re.search(r"\n +summary: '.+'\n", alert), name
        found = re.search(r"\n +runbook: (\S+)#(\S+)\n", alert)
        assert found, name
        assert found[2] in anchors(ROOT / found[1]), f"{name}: {found[1]} has no #{found[2]}"


def _series(metric: str, kind: str) -> set[str]:
    return {f"{metric}_{part}" for part in ("bucket", "count", "sum")} if kind == "histogram" else {metric}
