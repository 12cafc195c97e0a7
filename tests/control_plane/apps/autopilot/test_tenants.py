"""No tenant reads or changes another's rows, and all rows of a tenant can be deleted."""

from typing import Any

import pytest

from services.backends.database.transport.functions import FUNCTIONS_DIR
from services.errors import NotAllowed, NotFound
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk, a_ticket

FOR_WORKERS = ("start_due_syncs", "runs_wait")
TENANTS_CALL = sorted(
    path.stem
    for path in (FUNCTIONS_DIR / "autopilot").glob("*.sql")
    if "app_private.acting_caller(" in path.read_text(encoding="utf-8")
)


async def fill(helpdesk: Helpdesk) -> None:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    await helpdesk.store(run, a_ticket(), a_ticket("INC2", subject=""))


def rows_of(helpdesk: Helpdesk) -> dict[str, int]:
    """The number of the tenant's rows by table of the schema."""
    tables = helpdesk.run(
        "select relname from pg_class where relnamespace = 'autopilot'::regnamespace and relkind = 'r'"
    )
    count = "select count(*) from autopilot.{} where organization_id = %s"
    return {name: helpdesk.run(count.format(name), helpdesk.tenant)[0][0] for (name,) in tables}


@pytest.mark.parametrize("name", TENANTS_CALL)
async def test_a_tenant_that_names_another_tenant_is_refused(helpdesk: Helpdesk, other: Helpdesk, name: str) -> None:
    required: dict[str, Any] = {
        argument: None
        for (argument,) in helpdesk.run(
            "select unnest(proargnames[1 : pronargs - pronargdefaults]) from pg_proc"
            " where pronamespace = 'autopilot'::regnamespace and proname = %s",
            name,
        )
    }
    with pytest.raises(NotFound, match="no tenant"):
        await helpdesk.as_user().call(f"autopilot.{name}", **{**required, "tenant": other.tenant})


@pytest.mark.parametrize("name", FOR_WORKERS)
async def test_what_workers_call_is_not_for_tenants(helpdesk: Helpdesk, name: str) -> None:
    with pytest.raises(NotAllowed, match="tenants may not do this"):
        await helpdesk.as_user().call(f"autopilot.{name}")


async def test_all_rows_of_a_tenant_can_be_forgotten_and_no_other(helpdesk: Helpdesk, other: Helpdesk) -> None:
    await fill(helpdesk)
    await fill(other)
    before = rows_of(other)
    answer = await helpdesk.functions.call("autopilot.forget_tenant", tenant=helpdesk.tenant, actor_id="olga")
    assert (answer["deleted"] >= 4, set(rows_of(helpdesk).values())) == (True, {0})
    assert (rows_of(other), before["tickets"]) == (before, 1)
    assert helpdesk.audit()[-1] == "autopilot.tenant_forgotten"
