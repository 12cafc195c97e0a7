"""For metadata of any of the known shapes: nothing is lost, and an export equals the import."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.apps.rca.export_metadata import export_metadata
from control_plane.apps.rca.importer.normalise import READERS, normalise
from control_plane.apps.rca.values import SourceFile
from tests.control_plane.apps.rca.conftest import files_in, open_analyst

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def shapes(items: st.SearchStrategy[Any], *sections: str) -> st.SearchStrategy[Any]:
    """A bare list of items, or an object with lists or objects of items."""
    parts = st.lists(items, max_size=4) | st.dictionaries(NAMES, items, max_size=4)
    return st.lists(items, max_size=4) | objects(**dict.fromkeys(sections, parts), other=ANYTHING)


KEYS = st.dictionaries(NAMES, NAMES, max_size=2)
PAIRS = st.lists(st.fixed_dictionaries({"left": NAMES, "right": NAMES}), max_size=2)
COLUMNS = st.lists(NAMES | objects(name=NAMES, type=NAMES, data_type=NAMES), max_size=3)
DOCUMENTS = {
    "tables.json": shapes(
        objects(name=NAMES, system=NAMES, entity=NAMES, columns=COLUMNS, time_column=NAMES), "tables"
    ),
    "entities.json": shapes(
        objects(id=NAMES, name=NAMES, grain=st.lists(NAMES), canonical_columns=ANYTHING), "entities"
    ),
    "metrics.json": shapes(
        objects(id=NAMES, name=NAMES, precision=st.integers(), aliases=st.lists(NAMES), versions=ANYTHING), "metrics"
    ),
    "rules.json": shapes(
        objects(id=NAMES, system=NAMES, metric=NAMES, target_entity=NAMES,
                computation=objects(formula=st.text(), filter_conditions=ANYTHING, attributes_needed=ANYTHING)),
        "rules",
    ),
    "lineage.json": shapes(
        objects(type=st.sampled_from(["edge", "possible_join"]), **{"from": NAMES, "to": NAMES}, keys=KEYS,
                join_keys=PAIRS, relationship=NAMES, join_type=NAMES),
        "edges", "possible_joins",
    ),
    "business_labels.json": shapes(
        objects(type=st.sampled_from(["system", "metric", "reconciliation_type"]), label=NAMES, metric_id=NAMES,
                aliases=st.lists(NAMES)) | NAMES,
        "systems", "metrics", "entities", "labels",
    ),
    "time.json": shapes(objects(table=NAMES, default=st.text(), max_lateness_days=st.integers(), x=ANYTHING),
                        "as_of_rules", "lateness_rules", "date_alignment"),
    "identity.json": shapes(
        objects(entity=NAMES, canonical_key=NAMES, mapping_table=NAMES, confidence=st.floats(0, 1), x=ANYTHING,
                **{"from": NAMES | objects(system=NAMES, key=NAMES)}),
        "canonical_keys", "key_mappings",
    ),
    "exceptions.json": shapes(
        objects(id=NAMES, table=NAMES, condition=ANYTHING, applies_to=st.lists(NAMES), tolerance=ANYTHING) | st.text(),
        "exceptions", "known_exceptions", "exception_policies",
    ),
    "knowledge_base.json": st.fixed_dictionaries({
        "terms": st.dictionaries(
            NAMES, st.text() | objects(definition=st.text(), related_tables=st.lists(NAMES)), max_size=3
        ),
        "tables": st.dictionaries(NAMES, ANYTHING, max_size=2),
        "relationships": st.dictionaries(NAMES, objects(join_key=NAMES, relationship=NAMES), max_size=2),
    }),
}  # fmt: skip
"""Documents of the known shapes, by file."""
SOME_FILES = objects(**DOCUMENTS).filter(bool)


def as_files(documents: dict[str, Any]) -> list[SourceFile]:
    return [SourceFile(path=name, content=json.dumps(document)) for name, document in documents.items()]


def test_every_file_has_documents() -> None:
    assert set(DOCUMENTS) == set(READERS)


@settings(deadline=None)
@given(SOME_FILES)
def test_every_item_is_a_row_or_named_as_rejected_or_equal_to_another(documents: dict[str, Any]) -> None:
    found = normalise(as_files(documents))
    places = {(row.file, row.path) for row in found.rows}
    named = {(each.file, each.path) for each in (*found.rejected, *found.notes)}
    for name, document in documents.items():
        for path in _item_paths(document):
            assert (name, path) in places or any(
                file == name and place.startswith(path) for file, place in named
            ), (name, path)  # fmt: skip


def _item_paths(document: Any) -> list[str]:
    if isinstance(document, list):
        return [f"$[{at}]" for at in range(len(document))]
    return [
        f"$.{section}[{at}]"
        for section, part in document.items() if isinstance(part, list) and section != "other"
        for at in range(len(part))
    ]  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(sorted(READERS)), ANYTHING)
def test_any_json_in_any_file_is_read_or_rejected(name: str, document: Any) -> None:
    found = normalise([SourceFile(path=name, content=json.dumps(document))])
    assert {place.file for place in found.rejected} <= {name}


def test_an_export_equals_the_import(database_url: str) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        analyst = runner.run(stack.enter_async_context(open_analyst(database_url)))

        async def import_and_export(folder: Path, copy: Path) -> None:
            name = uuid4().hex
            await analyst.add(folder, name)
            await export_metadata(analyst.access.operator, analyst.tenant, name, copy)

        @settings(deadline=None, max_examples=30)
        @given(SOME_FILES)
        def check(documents: dict[str, Any]) -> None:
            with TemporaryDirectory() as place:
                folder, copy = Path(place, "metadata"), Path(place, "copy")
                folder.mkdir()
                for file in as_files(documents):
                    (folder / file.path).write_text(file.content, encoding="utf-8")
                runner.run(import_and_export(folder, copy))
                assert files_in(copy) == files_in(folder)

        check()
        runner.run(stack.aclose())
