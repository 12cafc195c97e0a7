"""List the differences between a database and `db/schema.sql`: one line per object, with the remedy."""

import re

from services.database.schema.snapshot import Entry, Snapshot

RESTORE_REMEDY = "restore it as in db/schema.sql, or change it with a migration"
RESTORE_FUNCTION = "restore it from its file under db/, or change that file"
DROP_REMEDY = "drop it, or create it with a migration"


def differences(expected: Snapshot, found: Snapshot) -> list[str]:
    """One line per difference; an empty list means that both are the same.

    If a whole table or function is missing, its parts, such as indexes and grants, are not listed.
    """
    wanted, existing = _by_label(expected), _by_label(found)
    lines = [
        *(
            (e, _describe_missing(e))
            for e in _without_parts([wanted[label] for label in wanted if label not in existing])
        ),
        *(
            (e, _describe_extra(e))
            for e in _without_parts([existing[label] for label in existing if label not in wanted])
        ),
        *(
            (entry, _describe_change(entry, existing[label]))
            for label, entry in wanted.items()
            if label in existing and entry != existing[label]
        ),
    ]
    lines.sort(key=lambda line: (line[0].subject, not line[0].is_whole, line[0].label))
    return [f"{entry.label}: {description}" for entry, description in lines]


def _by_label(snapshot: Snapshot) -> dict[str, Entry]:
    """The entries by label. Entries with the same label are merged, so that a difference in either is found."""
    entries: dict[str, Entry] = {}
    for entry in snapshot.entries:
        known = entries.get(entry.label)
        text = f"{known.text}\n{entry.text}" if known else entry.text
        entries[entry.label] = Entry(entry.name, entry.kind, entry.schema, entry.owner, text)
    return entries


def _without_parts(entries: list[Entry]) -> list[Entry]:
    """The entries without the parts (such as indexes and grants) of a table or function that is itself in the list."""
    whole = {e.subject for e in entries if e.is_whole}
    return [e for e in entries if e.is_whole or e.subject not in whole]


def _describe_missing(entry: Entry) -> str:
    problem = _compare_grants(entry.text, "") if entry.kind == "ACL" else "is in db/schema.sql, not in the database"
    return f"{problem}: {RESTORE_REMEDY}"


def _describe_extra(entry: Entry) -> str:
    if entry.kind == "ACL":
        return f"{_compare_grants('', entry.text)}: {RESTORE_REMEDY}"
    return f"is in the database, not in db/schema.sql: {DROP_REMEDY}"


def _describe_change(expected: Entry, found: Entry) -> str:
    problems = [f"is owned by {found.owner} instead of {expected.owner}"] if expected.owner != found.owner else []
    if expected.text != found.text:
        compare = {"ACL": _compare_grants, "TABLE": _compare_columns, "TYPE": _compare_columns}.get(expected.kind)
        problems.append(compare(expected.text, found.text) if compare else "differs")
    has_new_text = expected.kind == "FUNCTION" and expected.text != found.text
    return f"{', '.join(problems)}: {RESTORE_FUNCTION if has_new_text else RESTORE_REMEDY}"


def _compare_grants(expected: str, found: str) -> str:
    wanted, existing = expected.splitlines(), found.splitlines()
    return ", ".join(
        [f"`{line}` is missing in the database" for line in wanted if line not in existing]
        + [f"`{line}` is only in the database" for line in existing if line not in wanted]
    )


def _compare_columns(expected: str, found: str) -> str:
    wanted, existing = _parts_by_name(expected), _parts_by_name(found)
    problems = [
        *(f"{part} is missing in the database" for part in wanted if part not in existing),
        *(f"{part} is only in the database" for part in existing if part not in wanted),
        *(f"{part} differs" for part in wanted if part in existing and wanted[part] != existing[part]),
    ]
    return ", ".join(problems) or "has its columns in another order"


def _parts_by_name(text: str) -> dict[str, str]:
    """The lines of a table or type, by the column or constraint that each defines."""
    parts: dict[str, str] = {}
    for line in (line.rstrip(",") for line in text.splitlines()):
        if match := re.match(r'\s+(CONSTRAINT )?("[^"]+"|\S+)', line):
            parts[f"{'constraint' if match[1] else 'column'} {match[2]}"] = line
        elif line not in {"", ")", ");"}:
            parts[f"`{line}`"] = line
    return parts
