"""Files that cannot be read are refused by name, and nothing is stored. Strange values inside them are not lost."""

import json
import os
from pathlib import Path

import pytest

from control_plane.apps.rca.export_metadata import export_metadata
from control_plane.apps.rca.import_metadata import import_metadata
from control_plane.apps.rca.importer.files import MAX_BYTES
from services.backends.open import memory_backends
from services.errors import InvalidInput, NotReady
from tests.control_plane.apps.rca.conftest import OLGA, SETS, Analyst


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'[{"id": "a"}\n 1]', "is not JSON: line 2, column 2"),
        (b"", "is not JSON: line 1, column 1"),
        (b'[{"id": "a\x00b"}]', "is not JSON: line 1, column 11: Invalid control character"),
        ("[]".encode("utf-16"), "is not UTF-8 (byte 0); save it as UTF-8"),
        ('["Größe"]'.encode("cp1252"), "is not UTF-8 (byte 4); save it as UTF-8"),
        (b"[" * 102 + b"]" * 102, "is nested more than 100 deep; make it flatter"),
        (b"[" * 100_000, "is nested more than 100 deep; make it flatter"),
        (b"[NaN]", "is not JSON: NaN is not a number of JSON"),
        (b"[1e999]", "$[0] has a number beyond 1.8e308; write it as a string"),
        (b"[1" + b"0" * 400 + b"]", "$[0] has a number beyond 1.8e308; write it as a string"),
        (b"[" + b"9" * 5000 + b"]", "is not JSON: "),
    ],
)
async def test_a_file_that_is_no_json_is_refused(analyst: Analyst, folder: Path, content: bytes, problem: str) -> None:
    (folder / "rules.json").write_bytes(content)
    (folder / "metrics.json").write_text('[{"id": "m"}]')
    with pytest.raises(InvalidInput) as refused:
        await analyst.add(folder)
    assert str(refused.value).startswith(f"rules.json: {problem}")
    assert analyst.rows("id", "metrics") == []


async def test_every_file_that_cannot_be_read_is_named(analyst: Analyst, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[]")
    (folder / "rules.json").symlink_to("../secret.json")
    (folder / "tables.json").mkdir()
    os.mkfifo(folder / "metrics.json")
    with (folder / "time.json").open("wb") as big:
        big.truncate(MAX_BYTES + 1)
    with pytest.raises(InvalidInput) as refused:
        await analyst.add(folder)
    assert refused.value.problems == (
        ("tables.json", "is not a file"),
        ("metrics.json", "is not a file"),
        ("rules.json", "is a link; replace it with a copy of the file"),
        ("time.json", f"has {MAX_BYTES + 1:,} bytes; at most {MAX_BYTES:,} fit"),
    )


async def test_a_file_without_the_right_to_read_is_named(
    analyst: Analyst, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    (folder / "rules.json").write_text("[]")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InvalidInput, match=r"rules\.json: cannot be read \(Permission denied\); change its rights"):
        await analyst.add(folder)


async def test_a_folder_without_metadata_is_refused(analyst: Analyst, folder: Path) -> None:
    (folder / "other.json").write_text("[]")
    with pytest.raises(InvalidInput, match=r"^folder: .* has no file of metadata \(entities\.json, "):
        await analyst.add(folder)
    with pytest.raises(InvalidInput, match="is not a folder"):
        await analyst.add(folder / "none")


async def test_a_file_with_another_name_is_noted(analyst: Analyst, folder: Path) -> None:
    (folder / "metrics.json").write_text("[]")
    (folder / "metric.json").write_text("[]")
    [note] = [each for each in (await analyst.add(folder)).notes if each.file == "metric.json"]
    assert note.text == "not imported: no file of metadata has this name"


async def test_characters_that_cannot_be_stored_are_replaced_in_rows_and_kept_in_the_file(
    analyst: Analyst, folder: Path
) -> None:
    content = r'[{"id": "a", "name": "nul \u0000", "unit": "half \ud800", "n\u0000": 1}]'
    (folder / "metrics.json").write_text(content)
    report = await analyst.add(folder)
    assert analyst.rows("name, unit", "metrics") == [("nul \ufffd", "half \ufffd")]
    assert analyst.rows("content", "metadata_files") == [(content,)]
    assert {each.path for each in report.notes if "U+FFFD" in each.text} == {
        "$[0].name", "$[0].unit", '$[0]["n\\u0000"]',
    }  # fmt: skip


async def test_a_text_of_a_megabyte_rejects_its_item_only(analyst: Analyst, folder: Path) -> None:
    items = [{"id": "a", "description": "x" * 1_048_576}, {"id": "b", "description": "x" * 1_000_000}]
    (folder / "metrics.json").write_text(json.dumps(items))
    report = await analyst.add(folder)
    assert [(each.path, each.text.partition(";")[0]) for each in report.rejected] == [
        ("$[0]", "is 1,048,606 bytes as JSON"),
    ]  # fmt: skip
    assert analyst.rows("id", "metrics") == [("b",)]


async def test_a_term_with_a_huge_definition_can_be_stored(analyst: Analyst, folder: Path) -> None:
    words = " ".join(f"word{number}" for number in range(40_000))
    (folder / "knowledge_base.json").write_text(json.dumps({"terms": {"t": words}}))
    assert (await analyst.add(folder)).counts == {"knowledge_terms": 1}


async def test_a_key_that_occurs_twice_in_an_item_rejects_the_item(analyst: Analyst, folder: Path) -> None:
    (folder / "rules.json").write_text(
        '[{"id": "a", "id": "b"}, {"id": "c", "computation": {"note": "1", "note": "2"}}]'
    )
    report = await analyst.add(folder)
    assert [(each.path, each.text) for each in report.rejected] == [
        ("$[0].id", "the key occurs twice in one item; remove one"),
        ("$[1].computation.note", "the key occurs twice in one item; remove one"),
    ]


async def test_lineage_may_be_missing_or_a_circle(analyst: Analyst, folder: Path) -> None:
    (folder / "lineage.json").write_text(
        '[{"from": "a", "to": "b"}, {"from": "b", "to": "a"}, {"from": "a", "to": "a"}]'
    )
    report = await analyst.add(folder)
    assert (report.rejected, report.derived) == ([], ["tables unknown.a", "tables unknown.b"])


async def test_a_set_needs_a_plain_name(analyst: Analyst) -> None:
    for name in ("", "../x", "a b", "x" * 101):
        with pytest.raises(InvalidInput, match="set_name: must have 1 to 100 letters"):
            await analyst.add(SETS / "typed", name)


async def test_an_export_overwrites_no_file(analyst: Analyst, folder: Path) -> None:
    await analyst.add(SETS / "typed")
    (folder / "rules.json").write_text("mine")
    with pytest.raises(InvalidInput, match=r"rules\.json exists; name an empty folder"):
        await export_metadata(analyst.access.operator, analyst.tenant, "loans", folder)
    assert (folder / "rules.json").read_text() == "mine"


async def test_a_stored_path_cannot_leave_the_folder_of_an_export(analyst: Analyst) -> None:
    with pytest.raises(InvalidInput):
        await analyst.as_user().call(
            "rca.import_metadata", set_name="s", files=[{"path": "../x.json", "content": "[]"}], rows={},
            fingerprints={}, report={},
        )  # fmt: skip


async def test_the_memory_backend_refuses(analyst: Analyst) -> None:
    async with memory_backends() as backends:
        with pytest.raises(NotReady, match="rca: needs a database; the memory backend has none"):
            await import_metadata(backends, analyst.tenant, "loans", SETS / "typed", actor=OLGA)
