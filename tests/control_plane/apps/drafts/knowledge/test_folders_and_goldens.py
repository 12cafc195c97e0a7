"""Folders and files of goldens are imported once, also if an import is stopped half-way."""

from pathlib import Path

import pytest

from control_plane.apps.drafts.drafter import DraftedReply
from control_plane.apps.drafts.drafter.offline import OfflineDrafter
from control_plane.apps.drafts.knowledge import folders
from control_plane.apps.drafts.knowledge.folders import ingest_folder
from control_plane.apps.drafts.knowledge.goldens import ingest_goldens, read_goldens
from control_plane.apps.drafts.knowledge.ingest import Imported
from services.errors import InvalidInput
from tests.control_plane.apps.drafts.knowledge.conftest import OLGA, Shelf
from tests.control_plane.apps.drafts.knowledge.test_offline import asking
from tests.control_plane.apps.drafts.knowledge.test_pages import counts

GOLDENS = """
- id: returns-1
  question: How long may I return an item?
  answer: You may send it back within 60 days.
  must_include: [60 days]
  must_cite: ["https://help.example/returns"]
  topic: returns
  sources: ["https://help.example/returns", "https://help.example/never-stored"]
  last_verified: 2026-01-05
"""


def a_folder(path: Path, **files: str) -> Path:
    """A folder with these files of Markdown."""
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.md").write_text(text)
    return path


async def test_a_folder_is_stored_once_and_what_is_gone_from_it_vanishes(shelf: Shelf, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "help centre", returns="# Returns\n\nWithin 30 days.", hours="# Hours\n\nFrom 9.")
    (folder / ".hidden.md").write_text("# No")
    (folder / "link.md").symlink_to("/etc/passwd")
    (folder / "broken.pdf").write_text("no")
    first = await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)
    assert (counts(first), first.problems) == (
        {"saved": 2, "failed": 1}, [("broken.pdf", "is not a PDF that can be read (PdfStreamError)")],
    )  # fmt: skip
    assert counts(await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)) == {
        "unchanged": 2, "failed": 1,
    }  # fmt: skip
    (folder / "hours.md").unlink()
    (folder / "broken.pdf").unlink()
    assert counts(await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)) == {
        "unchanged": 1, "vanished": 2,
    }  # fmt: skip
    assert [row["source_url"] for row in await shelf.search("returns hours")] == ["file:help%20centre/returns.md"]


async def test_a_stopped_import_is_resumed(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "BATCH", 1)
    folder = a_folder(tmp_path / "help", a="# A\n\nOne.", b="# B\n\nTwo.", c="# C\n\nThree.")

    def stop(imported: Imported) -> None:
        if imported.read == 2:
            raise InvalidInput("test", "stopped")

    with pytest.raises(InvalidInput, match="stopped"):
        await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA, on_progress=stop)
    again = await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)
    assert counts(again) == {"saved": 1, "unchanged": 2}
    assert shelf.fetch("select status, error from drafts.job_runs order by created_at") == [
        ("failed", "test: stopped"), ("succeeded", None),
    ]  # fmt: skip


async def test_files_get_the_address_under_which_customers_find_them(shelf: Shelf, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "help", returns="# Returns\n\nSend an item back within 30 days.")
    await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA, base_url="https://help.example")
    draft = await OfflineDrafter(shelf.functions).draft(asking(shelf, "How do I send an item back?"))
    assert isinstance(draft, DraftedReply)
    assert "https://help.example/returns.md" in draft.text


async def test_a_folder_without_readable_files_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "help", returns="# Returns\n\nWithin 30 days.")
    await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)
    (folder / "returns.md").unlink()
    with pytest.raises(InvalidInput, match="has no file that can be read"):
        await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA)
    with pytest.raises(InvalidInput, match="is not a folder"):
        await ingest_folder(shelf.backends, shelf.tenant, tmp_path / "none", actor=OLGA)
    assert len(await shelf.search("returns")) == 1


async def test_a_golden_answers_similar_questions_and_cites_its_stored_sources(shelf: Shelf, tmp_path: Path) -> None:
    file, folder = tmp_path / "goldens.yaml", a_folder(tmp_path / "help", returns="# Returns\n\nSend it back.")
    file.write_text(GOLDENS.replace("help.example/returns", "help.example/returns.md"))
    await ingest_folder(shelf.backends, shelf.tenant, folder, actor=OLGA, base_url="https://help.example")
    assert counts(await ingest_goldens(shelf.backends, shelf.tenant, file, actor=OLGA)) == {"saved": 1}
    assert counts(await ingest_goldens(shelf.backends, shelf.tenant, file, actor=OLGA)) == {"unchanged": 1}

    draft = await OfflineDrafter(shelf.functions).draft(asking(shelf, "For how long may an item be returned?"))
    assert isinstance(draft, DraftedReply)
    assert "You may send it back within 60 days." in draft.text
    assert [source.url for source in draft.sources] == ["golden:returns-1", "https://help.example/returns.md"]
    assert draft.topic == "returns"

    (golden,) = await shelf.functions.call("drafts.list_goldens", tenant=shelf.tenant, actor_id="olga")
    assert (golden["external_id"], golden["must_include"], golden["last_verified"]) == (
        "returns-1", ["60 days"], "2026-01-05",
    )  # fmt: skip
    await shelf.functions.call("drafts.delete_golden", golden=golden["id"], tenant=shelf.tenant, actor_id="olga")
    assert {row["kind"] for row in await shelf.search("How long may I return an item?")} == {"file"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- id: a\n  question: b\n", r"^goldens.yaml\[0\].answer: Field required"),
        (GOLDENS + GOLDENS, r"^goldens.yaml: has the id 'returns-1' twice"),
        ("- id: a\n  question: b\n  answer: c\n  score: 1", r"^goldens.yaml\[0\].score: Extra inputs"),
        ("[", r"^goldens.yaml: is not YAML in line 1"),
        ("a: &x [1]\nb: *x", r"^goldens.yaml: has an alias"),
        ("!!python/object/apply:os.system [id]", r"^goldens.yaml: is not YAML"),
        ("just text", r"^goldens.yaml: must be a list of goldens"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "goldens.yaml"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=problem):
        read_goldens(file)
