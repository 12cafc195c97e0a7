"""Metadata of every known shape is stored as rows, and comes back as it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from control_plane.apps.rca.export_metadata import export_metadata
from control_plane.apps.rca.store import metadata
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.control_plane.apps.rca.conftest import SETS, Analyst, files_in

ODD_NUMBERS = (
    b'\xef\xbb\xbf{"metrics": [{"id": "m", "versions": '
    b'[{"n": 1.10, "big": 1e300, "many": 123456789012345678901234567890}]}]}\r\n'
)


def write(folder: Path, **files: Any) -> None:
    """Files with these documents: `tables` is tables.json."""
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.name for path in SETS.iterdir()))
async def test_export_writes_the_files_of_the_import(analyst: Analyst, tmp_path: Path, name: str) -> None:
    report = await analyst.add(SETS / name)
    assert (report.stored.version, report.rejected) == (1, [])
    await export_metadata(analyst.access.operator, analyst.tenant, "loans", tmp_path / "copy")
    assert files_in(tmp_path / "copy") == files_in(SETS / name)


async def test_a_byte_order_mark_line_ends_and_numbers_come_back_as_they_were(
    analyst: Analyst, folder: Path, tmp_path: Path
) -> None:
    (folder / "metrics.json").write_bytes(ODD_NUMBERS)
    assert (await analyst.add(folder)).counts == {"metrics": 1}
    await export_metadata(analyst.access.operator, analyst.tenant, "loans", tmp_path / "copy")
    assert (tmp_path / "copy" / "metrics.json").read_bytes() == ODD_NUMBERS


async def test_each_shape_becomes_rows(analyst: Analyst) -> None:
    await analyst.add(SETS / "sectioned")
    assert analyst.rows("name, system, entity_id, is_derived", "tables") == [
        ("customers", "unknown", None, True), ("fees", "unknown", None, True), ("loan_summary", "core", "loan", False),
        ("loan_summary", "ledger", "loan", False), ("repayments", "core", "repayment", False),
    ]  # fmt: skip
    [(columns,)] = analyst.run(
        "select columns from rca.tables where tenant_id = %s and system = 'ledger'", analyst.tenant
    )
    assert columns == [{"name": "loan_no", "type": "int64"}, {"name": "balance", "type": "float64"}]
    assert analyst.rows("id, is_derived", "entities") == [("customer", False), ("loan", False), ("repayment", True)]
    assert analyst.rows("id, aliases, null_policy", "metrics") == [("tos", ["outstanding", "TOS"], "zero")]
    assert analyst.rows("id, system, metric_id, formula, attributes_needed is null", "rules") == [
        ("core_tos", "core", "tos", "SUM(outstanding) - COALESCE(SUM(amount), 0)", False),
        ("ledger_tos", "ledger", "tos", "balance", True),
        ("ledger_tos_msme", "ledger", "tos", "the balance of small firms", True),
    ]
    assert analyst.rows("edge_kind, join_keys, keys, relationship, join_type", "lineage_edges") == [
        ("edge", [{"left": "loan_id", "right": "loan_id"}, {"left": "branch", "right": "branch_code"}],
         {"loan_id": "loan_id", "branch": "branch_code"}, "many_to_one", None),
        ("possible_join", [{"left": "cust_id", "right": "customer_id"}], {"cust_id": "customer_id"}, None, "left"),
    ]  # fmt: skip
    assert analyst.rows("label_type, label, system_id, metric_id, entity_id", "business_labels") == [
        ("entity", "Loan", None, None, "loan"), ("metric", "Total outstanding", None, "tos", None),
        ("reconciliation_type", "as of day end", None, None, None), ("system", "Core banking", "core", None, None),
    ]  # fmt: skip
    mapping = "mapping_kind, canonical_key, from_system, from_key, to_key, mapping_type"
    assert analyst.rows(mapping, "identity_mappings") == [
        ("canonical_key", "account_no", None, None, None, None), ("canonical_key", "loan_id", None, None, None, None),
        ("key_mapping", None, "core", "cust_id", "client_no", "direct"),
        ("key_mapping", None, "core", "loan_id", "loan_no", None),
    ]  # fmt: skip
    assert analyst.rows("id, exception_kind, tolerance, applies_to", "exceptions") == [
        ("exception_policies[1]", "policy", "1 day", ["ledger_tos"]),
        ("rounding", "policy", "absolute 0.01 or relative 0.01%", None),
        ("written_off", "exception", None, ["core_tos", "no_such_rule"]),
    ]
    assert analyst.rows("term, definition, filters", "knowledge_terms") == [
        ("DPD", "Days past due", None), ("total outstanding", "What borrowers still owe", "status <> 'WO'"),
    ]  # fmt: skip
    assert analyst.rows("table_name, source_path", "knowledge_table_mappings") == [
        ("loan_summary", '$.terms["total outstanding"].related_tables[0]'),
        ("repayments", '$.terms["total outstanding"].related_tables[1]'),
    ]
    assert analyst.rows("kind, name, join_keys", "knowledge_notes") == [
        ("relationship", "loan_to_customer", [{"left": "cust_id", "right": "customer_id"}]),
        ("table", "loan_summary", None),
    ]


async def test_both_values_of_a_repeated_key_are_read(analyst: Analyst) -> None:
    report = await analyst.add(SETS / "sectioned")
    assert analyst.rows("rule_type, table_name, default_value, source_path", "time_rules") == [
        ("as_of", "fees", "fee_date <= as_of_date", "$.as_of_rules#2[0]"),
        ("as_of", "loan_summary", "latest", "$.as_of_rules[0]"),
        ("as_of", "repayments", "2024-03-31", "$.as_of_rules#2[1]"),
        ("date_alignment", None, None, "$.date_alignment[0]"),
        ("lateness", "repayments", None, "$.lateness_rules[0]"),
    ]
    texts = [f"{each.file} {each.path}: {each.text}" for each in report.notes]
    assert "time.json $.as_of_rules: the key occurs more than once; all its values were read" in texts


async def test_what_no_file_has_is_derived_and_flagged(analyst: Analyst) -> None:
    report = await analyst.add(SETS / "typed", "revenue")
    assert report.derived == ["metrics revenue"]
    assert analyst.rows("id, is_derived, source", "metrics", "revenue") == [("revenue", True, None)]
    assert "metrics.json" in [each.file for each in report.notes if each.text == "is not in the folder"]


async def test_doubtful_things_are_noted_with_their_place(analyst: Analyst) -> None:
    report = await analyst.add(SETS / "sectioned")
    noted = {(each.file, each.path): each.text for each in report.notes}
    assert noted["tables.json", "$.tables[3]"] == "is the same as $.tables[2]; it was stored once"
    assert noted["exceptions.json", "$.known_exceptions[0]"] == (
        "applies to no_such_rule, which this set does not have"
    )
    odd = await analyst.add(SETS / "odd", "odd")
    assert ("exceptions.json", "$.owner") in {(each.file, each.path) for each in odd.notes}
    assert analyst.rows("from_table, to_table", "lineage_edges", "odd") == [("a", "b"), ("a", "b"), ("b", "a")]


async def test_two_sets_may_have_the_same_names(analyst: Analyst) -> None:
    for name in ("loans", "loans-2"):
        assert (await analyst.add(SETS / "sectioned", name)).stored.version == 1
    found = await metadata.list_sets(analyst.functions, analyst.tenant)
    assert [(each.name, each.version, each.imported_by, each.counts["tables"]) for each in found] == [
        ("loans", 1, "olga", 5), ("loans-2", 1, "olga", 5),
    ]  # fmt: skip


async def test_the_same_files_change_nothing_and_leave_one_audit_row(analyst: Analyst) -> None:
    first = await analyst.add(SETS / "sectioned")
    before = analyst.run("select * from rca.lineage_edges where tenant_id = %s", analyst.tenant)
    again = await analyst.add(SETS / "sectioned")
    assert (first.stored.is_changed, again.stored.is_changed, again.stored.version) == (True, False, 1)
    assert (again.stored.added, again.stored.removed, again.stored.changed) == ([], [], [])
    assert analyst.run("select * from rca.lineage_edges where tenant_id = %s", analyst.tenant) == before
    [payload] = analyst.audit()
    assert (payload["set_name"], payload["version"], payload["rows"]["rules"]) == ("loans", 1, 3)
    assert "formula" not in str(payload)


async def test_a_later_import_shows_what_differs_and_old_versions_can_be_exported(
    analyst: Analyst, folder: Path, tmp_path: Path
) -> None:
    write(folder, metrics=[{"id": "a"}, {"id": "b", "unit": "EUR"}])
    await analyst.add(folder)
    write(folder, metrics=[{"id": "b", "unit": "USD"}, {"id": "c"}])
    planned = await analyst.add(folder, is_dry_run=True)
    assert analyst.rows("id", "metrics") == [("a",), ("b",)]
    done = await analyst.add(folder)
    for report in (planned, done):
        stored = report.stored
        assert (stored.added, stored.removed, stored.changed) == (["metrics c"], ["metrics a"], ["metrics b"])
    assert (planned.stored.version, done.stored.version) == (1, 2)
    assert analyst.rows("id, unit", "metrics") == [("b", "USD"), ("c", None)]
    await export_metadata(analyst.access.operator, analyst.tenant, "loans", tmp_path / "old", version=1)
    assert json.loads((tmp_path / "old" / "metrics.json").read_text())[0] == {"id": "a"}
    with pytest.raises(NotFound, match="no set loans with this version"):
        await metadata.read_files(analyst.functions, analyst.tenant, "loans", version=3)


async def test_rejected_items_are_left_out_or_refuse_a_strict_import(analyst: Analyst, folder: Path) -> None:
    write(
        folder,
        rules=[{"id": "r1", "metric": ["m"]}, {"metric": "m"}, {"id": "r2", "metric": "m"}, 7],
        lineage=[{"type": "edge", "from": "a"}, {"type": "joint", "from": "a", "to": "b"}],
        tables=[{"name": "t", "system": "s"}, {"name": "t", "system": "s", "path": "x"}],
        metrics={"metrics": [{"id": "m", "precision": True}]},
        business_labels="none", exceptions={"exceptions": 3},
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        await analyst.add(folder, is_strict=True)
    assert "rules.json: $.rules" not in str(refused.value)
    assert analyst.rows("id", "rules") == []
    report = await analyst.add(folder)
    assert sorted((each.file, each.path, each.text) for each in report.rejected) == [
        ("business_labels.json", "$",
         "must be a list, or an object with labels or systems or metrics or entities or reconciliation_types"),
        ("exceptions.json", "$.exceptions", "must be a list or an object"),
        ("lineage.json", "$[0]", "has no to or to_table or right or right_table; add it"),
        ("lineage.json", "$[1]", "type: must be edge or possible_join"),
        ("metrics.json", "$.metrics[0].precision", "must be a whole number of at most 10 digits"),
        ("rules.json", "$[0].metric", "must be a text"),
        ("rules.json", "$[1]", "has no id or name; add it"),
        ("rules.json", "$[3]", "must be an object"),
        ("tables.json", "$[1]",
         "s.t is already defined otherwise at $[0]; remove one, or give it another name"),
    ]  # fmt: skip
    assert analyst.rows("id", "rules") == [("r2",)]


async def test_only_owners_import_and_everybody_of_the_tenant_reads(analyst: Analyst) -> None:
    await analyst.add(SETS / "sectioned")
    empty: dict[str, Any] = {"rows": {}, "fingerprints": {}, "report": {}}
    files = [{"path": "rules.json", "content": "[]"}]
    with pytest.raises(NotAllowed):
        await analyst.as_user("member").call("rca.import_metadata", set_name="loans", files=files, **empty)
    found = await analyst.as_user("member").call("rca.list_metadata_sets")
    assert [each["name"] for each in found] == ["loans"]
    answer = await analyst.as_user("owner").call("rca.import_metadata", set_name="loans", files=files, **empty)
    assert (answer["version"], analyst.rows("id", "rules")) == (2, [])
    [actor] = analyst.run(
        "select actor_type, actor_id from audit_log where tenant_id = %s and category = 'metadata.imported'"
        " order by seq desc limit 1",
        analyst.tenant,
    )
    assert actor == ("user", "rita")


async def test_terms_are_found_by_name_alias_and_definition_the_best_first(analyst: Analyst, folder: Path) -> None:
    write(
        folder,
        knowledge_base={
            "terms": {
                "write-off": {"definition": "a loan that is no longer expected"},
                "loan": {"definition": "money lent"},
                "TOS": {"definition": "what is owed", "aliases": ["loan book"]},
            }
        },
    )
    await analyst.add(folder)
    await analyst.add(SETS / "sectioned", "other")
    found = await metadata.search_terms(analyst.as_user("member"), analyst.tenant, "loans", "loans")
    assert [each.term for each in found] == ["loan", "TOS", "write-off"]
    for words in ("borrowers", "the", ""):
        assert await metadata.search_terms(analyst.functions, analyst.tenant, "loans", words) == []


async def test_an_import_reports_that_stored_rows_are_not_those_of_the_folder(analyst: Analyst) -> None:
    await analyst.add(SETS / "typed")
    analyst.run("update rca.rules set source = '{}' where tenant_id = %s and id = 'ledger_revenue'", analyst.tenant)
    with pytest.raises(StateConflict, match=r"what was stored differs from the folder: rules\.json \$\[1\]$"):
        await analyst.add(SETS / "typed")
