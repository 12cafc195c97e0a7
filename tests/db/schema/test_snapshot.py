"""Snapshots do not depend on the version of the server or on the order in which objects were created."""

import pytest

from services.database.schema.differences import RESTORE_FUNCTION, differences
from services.database.schema.snapshot import parse_snapshot

TABLE = "CREATE TABLE a.t (\n    id int{} NOT NULL\n);"
VIEW = "CREATE VIEW a.v AS\n SELECT {}id\n   FROM public.t{};"
HONEST = "CREATE FUNCTION a.f() RETURNS int\n    LANGUAGE sql\n    AS $$\nselect 1\n$$;"
POLICY = "CREATE POLICY p ON a.t TO {} USING (x);"
ONE_FORM = {
    "a constraint that PostgreSQL 18 names": ("TABLE", TABLE.format(" CONSTRAINT n"), TABLE.format("")),
    "a column's version that PostgreSQL 15.20 numbers": (
        "TABLE",
        f"{TABLE}\n\nALTER TABLE ONLY a.t ALTER COLUMN id SET (pg_attver=31393448);",
        TABLE,
    ),
    "such a version among other options": (
        "TABLE",
        f"{TABLE}\n\nALTER TABLE ONLY a.t ALTER COLUMN id SET (pg_attver=31393448, n_distinct=-0.5);",
        f"{TABLE}\n\nALTER TABLE ONLY a.t ALTER COLUMN id SET (n_distinct=-0.5);",
    ),
    "a column that PostgreSQL 15 qualifies": ("VIEW", VIEW.format("t.", ""), VIEW.format("", "")),
    "the same under another name": ("VIEW", VIEW.format("o.", " o"), VIEW.format("", " o")),
    "grants in another order": ("ACL", "GRANT b;\nGRANT a;\nREVOKE c;", "REVOKE c;\nGRANT a;\nGRANT b;"),
    "roles in another order": ("POLICY", POLICY.format("b, a"), POLICY.format("a, b")),
    "settings between the objects": ("TABLE", f"{TABLE}\n\nSET default_tablespace = '';", TABLE),
    "an owner told of twice": ("TABLE", f"{TABLE}\n\n\nALTER TABLE a.t OWNER TO postgres;", TABLE),
}


def entry(kind: str, text: str, name: str = "t") -> str:
    return f"--\n-- Name: {name}; Type: {kind}; Schema: app_private; Owner: postgres\n--\n\n{text}\n\n"


@pytest.mark.parametrize(("kind", "one", "other"), ONE_FORM.values(), ids=ONE_FORM.keys())
def test_equivalent_definitions_are_equal(kind: str, one: str, other: str) -> None:
    assert parse_snapshot(entry(kind, one)).text == parse_snapshot(entry(kind, other)).text


def test_a_view_of_several_tables_keeps_its_names() -> None:
    text = "CREATE VIEW a.v AS\n SELECT t.id\n   FROM (public.t\n     JOIN public.u USING (id));"
    assert "t.id" in parse_snapshot(entry("VIEW", text)).text


def test_the_body_of_a_function_is_stored_as_a_digest() -> None:
    snapshot = parse_snapshot(entry("FUNCTION", HONEST, "f()"))
    assert snapshot.entries[0].text.splitlines() == [
        "CREATE FUNCTION a.f() RETURNS int",
        "    LANGUAGE sql",
        "    AS sha256 fd9f79ded9dd5a5751066222e62b64ba5e1631f6c1c6115b0c108eae385e0d52;",
    ]
    assert parse_snapshot(snapshot.text) == snapshot


@pytest.mark.parametrize("change", [("select 1", "select 2"), ("LANGUAGE sql", "LANGUAGE sql STABLE")])
def test_functions_with_another_body_or_declaration_differ(change: tuple[str, str]) -> None:
    honest, other = (
        parse_snapshot(entry("FUNCTION", HONEST, "f()")),
        parse_snapshot(entry("FUNCTION", HONEST.replace(*change), "f()")),
    )
    assert differences(honest, other) == [f"function app_private.f(): differs: {RESTORE_FUNCTION}"]


def test_a_function_cannot_hide_behind_a_header_in_its_body() -> None:
    honest = parse_snapshot(entry("FUNCTION", HONEST, "f()"))
    header = "--\n-- Name: f(); Type: FUNCTION; Schema: app_private; Owner: postgres\n--\n"
    for forged in (HONEST, honest.entries[0].text):
        sly = parse_snapshot(entry("FUNCTION", HONEST.replace("select 1", f"evil\n{header}{forged}"), "f()"))
        assert differences(honest, sly) == [f"function app_private.f(): differs: {RESTORE_FUNCTION}"]


def test_grants_to_roles_that_a_server_lacks_are_left_out() -> None:
    grants = [f"GRANT USAGE ON SCHEMA a TO {role};" for role in ("app_ro", "missing", "postgres WITH GRANT OPTION")]
    revoke = "REVOKE ALL ON FUNCTION a.f() FROM PUBLIC;"
    snapshot = parse_snapshot(
        entry("ACL", "\n".join([revoke, *grants]), "SCHEMA a") + entry("ACL", grants[1], "SCHEMA b")
    )
    [left] = snapshot.for_roles(["app_ro", "postgres", "PUBLIC"]).entries
    assert (left.name, left.text.splitlines()) == ("SCHEMA a", [revoke, grants[0], grants[2]])
