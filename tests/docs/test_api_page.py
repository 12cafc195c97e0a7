"""docs/reference/api.md lists every route of the API, with the first line of its description."""

from typing import Any

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from services.backends import Access
from services.backends.open import memory_backends
from services.database.rest.keys import Keys
from tests.docs.pages import DOCS, table

PAGE = DOCS / "reference" / "api.md"


async def api() -> dict[str, Any]:
    """The OpenAPI document."""
    async with memory_backends() as backends:
        access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        return create_app(access, make_local_verifier(Keys.generate())).openapi()


def rows_of(document: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The routes by noun: method and path, and the first line of the description."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            summary = operation["description"].partition("\n")[0].replace("|", "or")
            found.setdefault(operation["tags"][0], []).append((f"{method.upper()} {path}", summary))
    return found


async def test_the_page_lists_every_route_with_what_it_does() -> None:
    for noun, routes in rows_of(await api()).items():
        documented = [tuple(row) for row in table(PAGE, noun[0].upper() + noun[1:])]
        assert documented == [(route, text.replace("`", "")) for route, text in routes], noun
