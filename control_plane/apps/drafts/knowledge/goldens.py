"""Import goldens: a YAML file of questions with answers that people verified.

- id: returns-1 question: How long may I return an item? answer: You may send it back within 30 days. must_include: [30
days]                       # for `drafts prompts evaluate`
  must_cite: [https://help.example/returns]
  topic: returns
  sources: [https://help.example/returns]
  last_verified: 2026-01-05
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from control_plane.apps.drafts.knowledge.chunk import Passage, cut
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, index_documents, sha256
from control_plane.apps.drafts.knowledge.ingest import Imported, OnProgress, importing, say_nothing
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.documents import Documents, KnownDocument
from control_plane.text.content import Content, Section, clean_text
from control_plane.text.languages import detect_language
from services.backends import Backends
from services.backends.functions import by
from services.envelope import Actor
from services.errors import InvalidInput

MAX_FILE_BYTES = 10 * 1024 * 1024
BATCH = 50


class Golden(BaseModel):
    """One question with its answer, as in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    question: str = Field(min_length=1, max_length=4000)
    answer: str = Field(min_length=1, max_length=16000)
    must_include: tuple[str, ...] = ()
    must_cite: tuple[str, ...] = ()
    topic: str | None = Field(default=None, min_length=1, max_length=200)
    sources: tuple[str, ...] = ()
    last_verified: date | None = None

    @field_validator("id", mode="before")
    @classmethod
    def _number_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("question", "answer")
    @classmethod
    def _clean(cls, value: str) -> str:
        return clean_text(value)

    @field_validator("last_verified", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        return value.date() if isinstance(value, datetime) else value

    @property
    def source_url(self) -> str:
        """The address under which a reply cites it."""
        return f"golden:{self.id}"


async def ingest_goldens(
    backends: Backends, tenant_id: UUID, file: Path, *, actor: Actor, on_progress: OnProgress = say_nothing
) -> Imported:
    """Store the goldens of a file. Those that the tenant has from other files stay.

    Raises InvalidInput, with the place in the file, if a golden is invalid; nothing is stored then.
    """
    goldens = read_goldens(file)
    functions = functions_of(backends)
    documents = Documents(functions, tenant_id, actor)
    imported = Imported(total=len(goldens))
    async with importing(documents, "ingest_goldens", imported):
        known = await documents.known("golden")
        for start in range(0, len(goldens), BATCH):
            batch = [(each, _document(each)) for each in goldens[start : start + BATCH]]
            new = [(golden, document) for golden, document in batch if _is_new(document, known)]
            if new:
                indexed = index_documents([document for _, document in new])
                answer = await functions.call(
                    "drafts.save_goldens",
                    goldens=[_row(golden, row) for (golden, _), row in zip(new, indexed, strict=True)],
                    tenant=tenant_id, **by(actor), as_of=functions.as_of(),
                )  # fmt: skip
                imported.saved += answer["saved"]
                imported.unchanged += answer["unchanged"]
            imported.unchanged += len(batch) - len(new)
            imported.read += len(batch)
            on_progress(imported)
    return imported


def read_goldens(file: Path) -> list[Golden]:
    """The goldens of a YAML file: a list, or a list below `goldens`. Raises InvalidInput with the place in the file."""
    name = file.name
    entries = _load(file)
    if isinstance(entries, dict) and set(entries) == {"goldens"}:
        entries = entries["goldens"]
    if not isinstance(entries, list) or not entries:
        raise InvalidInput(name, "must be a list of goldens, each with id, question and answer")
    goldens: list[Golden] = []
    for number, entry in enumerate(entries):
        try:
            goldens.append(Golden.model_validate(entry))
        except ValidationError as exc:
            first = exc.errors()[0]
            path = ".".join([f"{name}[{number}]", *map(str, first["loc"])])
            raise InvalidInput(path, first["msg"]) from exc
    ids = [golden.id for golden in goldens]
    if repeated := next((each for number, each in enumerate(ids) if each in ids[:number]), None):
        raise InvalidInput(name, f"has the id {repeated!r} twice")
    return goldens


def _load(file: Path) -> Any:
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise InvalidInput(file.name, f"is larger than {MAX_FILE_BYTES:,} bytes")
        text = file.read_text(encoding="utf-8-sig")
        # An alias repeats a part of the file; nested aliases would fill the memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise InvalidInput(file.name, "has an alias (*name); write its text out")
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
    except OSError as exc:
        raise InvalidInput(file.name, f"cannot be opened ({exc.strerror})") from exc
    except UnicodeDecodeError as exc:
        raise InvalidInput(file.name, "is not UTF-8") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise InvalidInput(file.name, f"is not YAML{where}") from exc


def _document(golden: Golden) -> ReadDocument:
    answer = Content(sections=(Section(golden.question[:300], (golden.answer,)),))
    return ReadDocument(
        source_url=golden.source_url, kind="golden", title=golden.question[:200],
        hash=sha256(golden.model_dump_json().encode()), text=golden.answer,
        passages=[Passage("", golden.question), *cut(answer)],
        language=detect_language(f"{golden.question}\n{golden.answer}"),
        metadata={"sources": list(golden.sources), "topic": golden.topic},
    )  # fmt: skip


def _is_new(document: ReadDocument, known: Mapping[str, KnownDocument]) -> bool:
    stored = known.get(document.source_url)
    return stored is None or stored.hash != document.hash or not stored.is_current


def _row(golden: Golden, document: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = golden.model_dump(mode="json", exclude={"id"})
    return {"external_id": golden.id, **fields, "document": document}
