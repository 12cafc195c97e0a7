"""The events of drafts are audit rows that its SQL functions write."""

import re

from control_plane.apps.drafts.events import EVENT_TYPES
from services.database.sql_files import read_sql_files


def test_every_event_type_is_the_category_of_an_audit_row() -> None:
    sql = "\n".join(file.sql for file in read_sql_files().functions if file.name.startswith("functions/drafts/"))
    written = set(re.findall(r"add_audit\([^']*'(\w+\.\w+)'", sql))
    assert {category for category, _ in EVENT_TYPES} - written == set()
