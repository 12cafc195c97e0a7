"""The samples on the pages are files that tests run."""

from dataclasses import fields

from services.backends import Backends
from tests.docs.pages import DOCS, ROOT, blocks

PAGE = DOCS / "how-to" / "test-with-the-memory-backend.md"
SAMPLE = ROOT / "tests" / "docs" / "samples" / "test_ordering_agent.py"


def test_the_page_shows_the_tested_file() -> None:
    [shown] = blocks(PAGE, "python")
    assert shown.text == SAMPLE.read_text(encoding="utf-8")


def test_the_page_about_agents_shows_the_files_that_run_with_their_frameworks() -> None:
    shown = [block.text for block in blocks(DOCS / "how-to" / "govern-an-agent.md", "python")]
    names = ("langchain", "pydantic_ai", "openai_agents")
    assert shown == [SAMPLE.with_name(f"{name}_agent.py").read_text(encoding="utf-8") for name in names]


def test_the_page_names_every_service_of_the_memory_backend() -> None:
    text = PAGE.read_text(encoding="utf-8")
    services = [field.name for field in fields(Backends) if field.name not in {"name", "remembered", "functions"}]
    assert [service for service in services if f"`{service}`" not in text] == []
