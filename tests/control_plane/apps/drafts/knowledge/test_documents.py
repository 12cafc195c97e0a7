"""Documents are stored once, their passages are found, and what is gone is not."""

import json
from datetime import timedelta

import pytest

from control_plane.apps.drafts.knowledge.chunk import Passage
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, index_documents
from control_plane.apps.drafts.store.documents import Documents, KnownDocument, Saved
from services.database.connect import connect
from services.errors import InvalidInput, NotFound, StateConflict
from tests.builders import NOW
from tests.control_plane.apps.drafts.knowledge.conftest import OLGA, Shelf, a_document, a_shelf

ROWS = "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int from pg_stat_xact_user_tables"
"""Rows that this transaction has written so far."""


async def test_a_document_is_stored_with_its_passages_and_an_audit_row(shelf: Shelf) -> None:
    assert await shelf.documents.save([a_document(), a_document("hours", "# Hours\n\nOpen from 9.")]) == Saved(2, 0)
    passages = shelf.fetch("select heading, text, octet_length(embedding) from drafts.chunks order by heading")
    assert passages == [("Hours", "Open from 9.", 512), ("Returns", "Send it back within 30 days.", 512)]
    assert shelf.audited() == ["documents.saved"]


async def test_an_unchanged_document_writes_no_row(shelf: Shelf) -> None:
    await shelf.documents.save([a_document()])
    rows = index_documents([a_document()])
    with connect(shelf.url) as connection, connection.transaction():
        before = connection.execute(ROWS).fetchall()
        answer = connection.execute(
            "select drafts.save_documents(documents => %s::jsonb, tenant => %s, actor_id => 'olga')",
            [json.dumps(rows), shelf.tenant],
        ).fetchall()
        assert connection.execute(ROWS).fetchall() == before
    assert answer == [({"saved": 0, "unchanged": 1},)]
    assert shelf.audited() == ["documents.saved"]


async def test_a_changed_document_replaces_its_passages(shelf: Shelf) -> None:
    await shelf.documents.save([a_document(text="# Returns\n\nFirst.\n\n## Abroad\n\nSecond.")])
    await shelf.documents.save([a_document(text="# Returns\n\nThird.")])
    assert shelf.fetch("select text from drafts.chunks") == [("Third.",)]
    assert shelf.fetch("select count(*) from drafts.chunk_signatures") == [(1,)]


async def test_all_documents_of_a_call_are_stored_or_none(shelf: Shelf) -> None:
    broken = index_documents([a_document("hours")])[0] | {"kind": "book"}
    with pytest.raises(InvalidInput, match="kind"):
        await shelf.documents.save_rows([*index_documents([a_document()]), broken])
    assert shelf.fetch("select count(*) from drafts.source_documents") == [(0,)]


async def test_a_document_without_passages_must_be_the_stored_one(shelf: Shelf) -> None:
    await shelf.documents.save([a_document()])
    same = {"source_url": "https://help.example/returns", "kind": "page", "hash": a_document().hash}
    assert await shelf.documents.save_rows([same]) == Saved(0, 1)
    with pytest.raises(StateConflict, match="returns"):
        await shelf.documents.save_rows([same | {"hash": "0" * 64}])
    assert len(await shelf.search("send it back")) == 1


async def test_a_failure_keeps_what_was_known_until_the_next_success(shelf: Shelf) -> None:
    await shelf.documents.save([a_document()])
    await shelf.documents.mark_failed("https://help.example/returns", "page", "the server answered 503")
    (known,) = (await shelf.documents.known("page")).values()
    assert (known.failure, known.is_current, len(await shelf.search("send it back"))) == (
        "the server answered 503", False, 1,
    )  # fmt: skip
    assert await shelf.documents.save([a_document()]) == Saved(0, 1)
    assert (await shelf.documents.known("page"))[known.source_url].failure is None


async def test_a_document_that_could_never_be_read_has_no_moment_of_indexing(shelf: Shelf) -> None:
    await shelf.documents.mark_failed("https://help.example/none", "page", "no answer within 20 s")
    assert shelf.fetch("select indexed_at, failure from drafts.source_documents") == [(None, "no answer within 20 s")]


async def test_a_vanished_document_is_not_found_until_it_comes_back(shelf: Shelf) -> None:
    await shelf.documents.save([a_document(), a_document("hours", "# Hours\n\nOpen from 9.")])
    assert await shelf.documents.mark_vanished(["https://help.example/returns", "https://help.example/never"]) == 1
    assert await shelf.documents.mark_vanished(["https://help.example/returns"]) == 0
    assert [row["source_url"] for row in await shelf.search("send it back")] == ["https://help.example/hours"]
    assert shelf.audited() == ["documents.saved", "documents.vanished"]

    assert await shelf.documents.save([a_document()]) == Saved(1, 0)
    assert len(await shelf.search("send it back")) == 2


async def test_the_next_refresh_moves_only_when_it_has_passed(shelf: Shelf) -> None:
    soon, later = NOW + timedelta(days=400_000), NOW + timedelta(days=400_001)
    await shelf.documents.save([a_document(next_refresh_at=NOW)])
    for moment, expected in ((soon, soon), (later, soon)):
        assert await shelf.documents.save([a_document(next_refresh_at=moment)]) == Saved(0, 1)
        assert shelf.fetch("select next_refresh_at from drafts.source_documents") == [(expected,)]


async def test_known_documents_are_those_of_a_kind_and_a_beginning(shelf: Shelf) -> None:
    await shelf.documents.save([a_document(), a_document("hours", kind="file")])
    known = KnownDocument(
        source_url="https://help.example/returns", hash=a_document().hash, etag=None, last_modified=None, failure=None,
        is_vanished=False, refresh_every=None,
    )  # fmt: skip
    assert await shelf.documents.known("page", begins="https://help.") == {known.source_url: known}
    assert await shelf.documents.known("page", begins="https://other.") == {}


async def test_a_search_finds_rare_words_that_embeddings_do_not_know(shelf: Shelf) -> None:
    pages = [a_document(f"page-{n}", f"# Page {n}\n\nAbout the machine, its water and its coffee.") for n in range(20)]
    await shelf.documents.save([*pages, a_document("code", "# List of codes\n\nZX81Q stands for lime.")])
    found = await shelf.search("the machine shows ZX81Q", max_near=1, max_matching=1)
    assert "https://help.example/code" in {row["source_url"] for row in found}
    scores = {row["source_url"]: row["word_scores"] for row in found}
    assert 0 < scores["https://help.example/code"][0] < 1


async def test_words_with_quotes_and_operators_are_words(shelf: Shelf) -> None:
    await shelf.documents.save([a_document()])
    found = await shelf.search("it's & | !('returns':*) \\ <-> ''days")
    assert [row["word_scores"][0] > 0 for row in found] == [True]
    assert await shelf.search("") != []


async def test_a_search_finds_no_passage_of_another_tenant(shelf: Shelf) -> None:
    other = await a_shelf(shelf.backends, shelf.url)
    await shelf.documents.save(
        [a_document(text=f"# Returns\n\nSend back. tenant {other.tenant} 'tenant {other.tenant}'")]
    )
    assert len(await shelf.search("send back")) == 1
    assert await other.search(f"send back tenant {other.tenant}") == []


async def test_a_document_of_an_unknown_tenant_is_refused(shelf: Shelf) -> None:
    missing = type(shelf.tenant)(int=7)
    with pytest.raises(NotFound, match=str(missing)):
        await Documents(shelf.functions, missing, OLGA).save([a_document()])


async def test_an_import_is_a_row_with_its_end(shelf: Shelf) -> None:
    first = await shelf.documents.start_import("crawl")
    second = await shelf.documents.start_import("ingest_goldens")
    await shelf.documents.finish_import(first, error=None, metrics={"saved": 3})
    await shelf.documents.finish_import(second, error="the folder is empty", metrics={})
    rows = shelf.fetch("select type, status, error, metrics from drafts.job_runs order by created_at")
    assert rows == [
        ("crawl", "succeeded", None, {"saved": 3}), ("ingest_goldens", "failed", "the folder is empty", {}),
    ]  # fmt: skip
    assert shelf.audited() == ["import.succeeded", "import.failed"]


async def test_a_passage_that_is_too_long_is_refused_with_its_rule(shelf: Shelf) -> None:
    long = ReadDocument(
        source_url="https://help.example/long", kind="page", title="Long", hash="0" * 64, text="x",
        passages=[Passage("", "x" * 65537)],
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="text"):
        await shelf.documents.save([long])
