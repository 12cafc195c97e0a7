"""No tenant reads or changes another's metadata."""

from typing import Any
from uuid import uuid4

import pytest

from services.backends.database.transport.functions import FUNCTIONS_DIR
from services.errors import NotFound
from services.tenants import Tenant
from tests.control_plane.apps.rca.conftest import OLGA, SETS, Analyst

TENANTS_CALL = sorted(
    path.stem
    for path in (FUNCTIONS_DIR / "rca").glob("*.sql")
    if "app_private.acting_caller(" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", TENANTS_CALL)
async def test_a_tenant_that_names_another_tenant_is_refused(analyst: Analyst, name: str) -> None:
    required: dict[str, Any] = {
        argument: None
        for (argument,) in analyst.run(
            "select unnest(proargnames[1 : pronargs - pronargdefaults]) from pg_proc"
            " where pronamespace = 'rca'::regnamespace and proname = %s",
            name,
        )
    }
    with pytest.raises(NotFound, match="no tenant"):
        await analyst.as_user().call(f"rca.{name}", **{**required, "tenant": uuid4()})


async def test_a_set_of_another_tenant_is_neither_found_nor_replaced(analyst: Analyst) -> None:
    await analyst.add(SETS / "sectioned")
    other = Analyst(analyst.access, analyst.url, uuid4())
    await analyst.access.operator.tenants.save(Tenant(id=other.tenant, name="Borealis"), actor=OLGA)
    with pytest.raises(NotFound, match="no set loans"):
        await other.as_user().call("rca.read_metadata_files", set_name="loans")
    assert await other.as_user().call("rca.search_terms", set_name="loans", query="borrowers") == []
    assert await other.as_user().call("rca.list_row_sources", set_name="loans") == []
    await other.add(SETS / "typed")
    assert (len(analyst.rows("id", "rules")), len(other.rows("id", "rules"))) == (3, 2)
