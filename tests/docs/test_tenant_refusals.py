"""docs/how-to/read-as-a-tenant.md: which requests are refused, and with which error."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.database.connect import connect
from services.database.rest import RestStack
from services.database.rest.keys import Keys
from services.database.schema.migrate import seed
from tests.clusters import hush
from tests.docs.pages import DOCS, table
from tests.docs.tenants import ACME, PAGE, token_for

NEW_HERE = "33333333-3333-4333-8333-333333333333"
TABLE = table(PAGE, "When something is refused")


@pytest.fixture(scope="module")
def stack(module_rest: RestStack, module_database_url: str) -> RestStack:
    """A project with the demo tenants, and a third one without guardrails."""
    seed(module_database_url, say=hush)
    with connect(module_database_url) as connection:
        connection.execute("insert into public.tenants (id, name) values (%s, 'New here')", [NEW_HERE])
    return module_rest


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of a tenant's program, as the clients would send it."""

    method: str = "GET"
    path: str = "/outbox?select=id"
    body: object = None
    tenant: str | None = ACME
    claims: dict[str, object] = field(default_factory=dict)
    """Claims that replace those of the tenant's token; None omits a claim."""
    authorization: str | None = None
    """The token to send instead; an empty one is not sent."""
    headers: dict[str, str] = field(default_factory=dict)

    def sent_to(self, stack: RestStack) -> httpx.Response:
        bearer = self.authorization
        if bearer is None:
            bearer = f"Bearer {token_for(stack, **{'tenant_id': self.tenant, **self.claims})}"
        headers = {"apikey": stack.keys.publishable, "Authorization": bearer, "Prefer": "return=representation"}
        headers = {name: value for name, value in {**headers, **self.headers}.items() if value}
        return httpx.request(self.method, f"{stack.url}/rest/v1{self.path}", json=self.body, headers=headers)


def an_update(body: object, *, tenant: str = ACME) -> Asked:
    return Asked(method="PATCH", path=f"/guardrails?tenant_id=eq.{tenant}", body=body, tenant=tenant)


SINGLE = {"Accept": "application/vnd.pgrst.object+json"}
ELSEWHERE = Keys.generate()
REQUESTS = {
    "no API key": Asked(headers={"apikey": ""}),
    "an API key of another project, or a revoked one": Asked(headers={"apikey": ELSEWHERE.publishable}),
    "no JWT": Asked(authorization=""),
    "a JWT without role": Asked(claims={"role": None}),
    "a JWT for a role to which the API may not switch": Asked(claims={"role": "app_ro"}),
    "a JWT that has expired": Asked(claims={"exp": datetime.now(UTC) - timedelta(hours=1)}),
    "a JWT that another project signed": Asked(
        authorization=f"Bearer {ELSEWHERE.sign({'role': 'authenticated', 'tenant_id': ACME})}"
    ),
    "a value that is not a JWT": Asked(authorization="Bearer maria"),
    "a JWT without tenant_id, or with one that is not a UUID": Asked(tenant=None),
    "the same JWT, with .single()": Asked(claims={"tenant_id": "acme"}, headers=SINGLE),
    "an update of your guardrails before an operator created them": an_update(
        {"trust_threshold": 0.9}, tenant=NEW_HERE
    ),
    "a write that is not allowed for tenants": Asked(
        method="PATCH", path="/outbox?id=eq." + ACME, body={"attempts": 0}
    ),
    "a value that breaks a rule of the table": an_update({"trust_threshold": 80}),
    "a value that breaks a rule of a trigger": an_update({"quiet_hours": {"time_zone": "Berlin"}}),
    "an unknown column": Asked(path="/outbox?select=price"),
    "an unknown table": Asked(path="/envelopes"),
    "a call of worker_api": Asked(
        method="POST", path="/rpc/due_in", body={}, headers={"Content-Profile": "worker_api"}
    ),
    "a schema that is not exposed": Asked(path="/lanes", headers={"Accept-Profile": "app_private"}),
}
"""The request that the first column of the table on the page stands for."""


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_request_is_refused_as_the_table_says(row: tuple[str, ...], stack: RestStack) -> None:
    sent, status, code, message, _ = row
    answer = REQUESTS[sent].sent_to(stack)
    if message == "[]":
        assert (str(answer.status_code), answer.json()) == (status, [])
        return
    body = answer.json()
    assert (str(answer.status_code), body.get("code", "–"), body["message"]) == (status, code, message)


def test_the_table_has_a_row_for_each_request() -> None:
    assert [row[0] for row in TABLE] == list(REQUESTS)


def test_a_tenant_id_that_is_no_uuid_reads_nothing(stack: RestStack) -> None:
    assert [Asked(tenant=tenant).sent_to(stack).json() for tenant in (None, "acme")] == [[], []]


@pytest.mark.parametrize(("written", "_says"), table(DOCS / "how-to" / "set-guardrails.md", "What is refused"))
def test_the_database_refuses_each_documented_mistake_and_names_the_field(
    written: str, _says: str, stack: RestStack
) -> None:
    answer = an_update(json.loads(written)).sent_to(stack)
    [field] = json.loads(written)
    assert (answer.status_code, field in answer.json()["message"]) == (400, True)
