"""How a live database differs from `db/schema.sql`: one line for each object, with what and the remedy."""

import re

from services.database.schema.snapshot import Entry, Snapshot

PUT_BACK = "put it back as db/schema.sql says, or change it in a migration"
PUT_BACK_FUNCTION = "put it back as its file under db/ has it, or change it there"
DROP = "drop it, or make it in a migration"


def differences(expected: Snapshot, found: Snapshot) -> list[str]:
    """Empty when both are the same. What goes with a table or a function that is missing as a whole goes unsaid."""
    here, there = _by_label(expected), _by_label(found)
    told = [
        *((e, _missing(e)) for e in _telling([e for label, e in here.items() if label not in there])),
        *((e, _extra(e)) for e in _telling([e for label, e in there.items() if label not in here])),
        *((e, _changed(e, there[label])) for label, e in here.items() if label in there and e != there[label]),
    ]
    told.sort(key=lambda each: (each[0].subject, not each[0].is_whole, each[0].label))
    return [f"{entry.label}: {what}" for entry, what in told]


def _by_label(snapshot: Snapshot) -> dict[str, Entry]:
    """Two entries of one label are one with both texts, so that neither can hide behind the other."""
    found: dict[str, Entry] = {}
    for entry in snapshot.entries:
        known = found.get(entry.label)
        text = f"{known.text}\n{entry.text}" if known else entry.text
        found[entry.label] = Entry(entry.name, entry.kind, entry.schema, entry.owner, text)
    return found


def _telling(entries: list[Entry]) -> list[Entry]:
    whole = {e.subject for e in entries if e.is_whole}
    return [e for e in entries if e.is_whole or e.subject not in whole]


def _missing(entry: Entry) -> str:
    what = _grants(entry.text, "") if entry.kind == "ACL" else "is in db/schema.sql, not in the database"
    return f"{what}: {PUT_BACK}"


def _extra(entry: Entry) -> str:
    if entry.kind == "ACL":
        return f"{_grants('', entry.text)}: {PUT_BACK}"
    return f"is in the database, not in db/schema.sql: {DROP}"


def _changed(expected: Entry, found: Entry) -> str:
    what = [f"is owned by {found.owner} instead of {expected.owner}"] if expected.owner != found.owner else []
    if expected.text != found.text:
        tell = {"ACL": _grants, "TABLE": _columns, "TYPE": _columns}.get(expected.kind)
        what.append(tell(expected.text, found.text) if tell else "differs")
    in_a_file = expected.kind == "FUNCTION" and expected.text != found.text
    return f"{', '.join(what)}: {PUT_BACK_FUNCTION if in_a_file else PUT_BACK}"


def _grants(expected: str, found: str) -> str:
    here, there = expected.splitlines(), found.splitlines()
    return ", ".join(
        [f"`{line}` is missing in the database" for line in here if line not in there]
        + [f"`{line}` is in the database alone" for line in there if line not in here]
    )


def _columns(expected: str, found: str) -> str:
    here, there = _parts(expected), _parts(found)
    told = [
        *(f"{part} is missing in the database" for part in here if part not in there),
        *(f"{part} is in the database alone" for part in there if part not in here),
        *(f"{part} differs" for part in here if part in there and here[part] != there[part]),
    ]
    return ", ".join(told) or "its columns stand in another order"


def _parts(text: str) -> dict[str, str]:
    """A table's or type's lines, by what they tell of."""
    parts: dict[str, str] = {}
    for line in (line.rstrip(",") for line in text.splitlines()):
        if named := re.match(r'\s+(CONSTRAINT )?("[^"]+"|\S+)', line):
            parts[f"{'constraint' if named[1] else 'column'} {named[2]}"] = line
        elif line not in {"", ")", ");"}:
            parts[f"`{line}`"] = line
    return parts
