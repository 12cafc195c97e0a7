"""The documents of the demo desk, with passages and embeddings.

`python -m tests.control_plane.apps.drafts.demo_knowledge` writes the seed. Run it when INDEX_VERSION changes.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from control_plane.apps.drafts.knowledge.chunk import cut
from control_plane.apps.drafts.knowledge.extract import extract
from control_plane.apps.drafts.knowledge.indexed import ReadDocument, index_documents, sha256

SEED = Path(__file__).parents[4] / "db" / "seeds" / "drafts" / "001_demo_knowledge.sql"
HELP = "https://help.acme.example/"
PAGES = {
    "shipping": (
        "# Shipping times\n\nAn order leaves our warehouse within one working day. The parcel then takes two to four"
        " working days.\n\n## Bulk orders\n\nOrders of more than 50 pieces, such as bolts, arrive on a pallet. The"
        " carrier calls you one day before the delivery.\n"
    ),
    "tracking": (
        "# Track an order\n\nWhen your order leaves our warehouse, you receive a mail with the tracking number. The"
        " page of the carrier shows where the parcel is and when it will arrive.\n"
    ),
    "returns": (
        "# Returns\n\nParts that do not fit may be sent back within 30 days. Print the label in your account: we pay"
        " for the parcel.\n\n## Refunds\n\nThe money is on your account five working days after the parcel has"
        " arrived here.\n"
    ),
    "warranty": (
        "# Warranty\n\nThe arm R2 and its grippers have a warranty of 24 months from the day of the invoice. Send us"
        " the serial number, and we repair the arm for free.\n"
    ),
}
_HEADER = """\
-- What the demo desk knows: the documents that its drafts cite, with their passages. Safe to run again. Written by
-- tests/control_plane/apps/drafts/demo_knowledge.py.

select drafts.put_document(
  '11111111-1111-4111-8111-111111111111',
  d.document || jsonb_build_object('next_refresh_at', now() + interval '6 days'), now() - interval '1 day'
)
from (values
"""


def documents() -> list[ReadDocument]:
    """The pages as an import reads them."""
    return [_read(name, markdown.encode()) for name, markdown in PAGES.items()]


def _read(name: str, data: bytes) -> ReadDocument:
    content = extract(f"{name}.md", data)
    return ReadDocument(
        source_url=HELP + name, kind="page", title=content.title, hash=sha256(data), text=content.text,
        passages=cut(content), language="en",
    )  # fmt: skip


def write_seed() -> str:
    """The text of the file."""
    rows = ",\n".join("  ('" + _json(row).replace("'", "''") + "'::jsonb)" for row in _rows())
    return f"{_HEADER}{rows}\n) as d (document);\n"


def _rows() -> Iterator[dict[str, object]]:
    for row in index_documents(documents()):
        yield {name: value for name, value in row.items() if value is not None}


def _json(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    SEED.write_text(write_seed(), encoding="utf-8")
