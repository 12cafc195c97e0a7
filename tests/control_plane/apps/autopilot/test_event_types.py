"""The events of autopilot are audit rows that its SQL functions write."""

import re

from control_plane.apps.autopilot.events import EVENT_TYPES
from control_plane.apps.autopilot.readiness import DryRunStatus, ResponseState
from control_plane.apps.autopilot.runs import RunStatus
from services.database.sql_files import read_sql_files


def test_the_event_types_are_the_categories_of_all_audit_rows() -> None:
    sql = "\n".join(file.sql for file in read_sql_files().functions if file.name.startswith("functions/autopilot/"))
    written = {category for call in sql.split("add_audit(")[1:] for category in re.findall(r"'(\w+\.\w+)'", call[:400])}
    assert "'ingestion_run.' || ended.status" in sql
    written |= {f"ingestion_run.{status}" for status in RunStatus if status not in {"pending", "running"}}
    assert "'dry_run.' || ended.status" in sql
    written |= {f"dry_run.{status}" for status in DryRunStatus if status not in {"pending", "running"}}
    assert "'response.' || (u.one ->> 'response_state')" in sql
    written |= {f"response.{state}" for state in ResponseState if state != "queued"}
    assert {category for category, _ in EVENT_TYPES} == written
