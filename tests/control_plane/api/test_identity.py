"""Who may call, and what each role may do."""

import time
from itertools import product
from typing import Any
from uuid import uuid4

import jwt as pyjwt
import pytest

from services.database.rest.keys import Keys
from services.guardrails import GuardrailSettings
from tests.control_plane.api.conftest import KEYS, OPERATOR, Api, Client, a_proposal, jwt

NOTHING: dict[str, str] = {}

CHANGE_GUARDRAILS = ("PATCH", "/v1/guardrails", {"trust_threshold": 0.5})
ISSUE_TOKEN = ("POST", "/v1/api-tokens", {"agent": "bot", "scopes": ["read"], "expires_in": 60})
PROPOSE = ("POST", "/v1/envelopes", None)
LIST = ("GET", "/v1/envelopes", None)
CANCEL = ("POST", f"/v1/envelopes/{uuid4()}/cancel", NOTHING)
RESOLVE = ("POST", f"/v1/envelopes/{uuid4()}/resolve", {"decision": "success"})
APPROVE = ("POST", f"/v1/approvals/{uuid4()}/approve", {"digest": "0" * 64})

ADD_OBJECTIVE = ("POST", "/v1/objectives", {"title": "Answer within a day", "metric": "first_reply_hours"})
LINK_ACCOUNT = ("POST", "/v1/accounts", {"provider": "slack"})
CHECK_ACCOUNT = ("POST", f"/v1/accounts/{uuid4()}/check", NOTHING)
DISCARD = ("POST", f"/v1/dead-letters/{uuid4()}/discard", {"reason": "old"})
REQUEUE = ("POST", f"/v1/dead-letters/{uuid4()}/requeue", NOTHING)
ADD_TENANT = ("POST", "/v1/tenants", {"name": "Cobalt"})
PAUSE = ("POST", "/v1/tenants/{tenant}/pause", NOTHING)
RESUME = ("POST", "/v1/tenants/{tenant}/resume", NOTHING)
ADD_TOOL = ("POST", "/v1/catalog/tools", {"tool_slug": "A__b", "version": "1", "provider": "http", "config": {}})
ACCEPT_TOOL = ("POST", "/v1/catalog/tools/A__b/accept", {"hash": "0" * 64})
REMOVE_TOOL = ("DELETE", "/v1/catalog/tools/A__b?reason=old", None)
SYNC = ("POST", "/v1/catalog/sync", {"provider": "mcp", "source": "nothing"})
VERIFY = ("POST", "/v1/audit/verify", NOTHING)
READ_AUDIT = ("GET", "/v1/audit", None)
RUN_JOB = ("POST", "/v1/jobs/nothing/runs", NOTHING)

DECIDE = {"list", "cancel", "resolve", "approve", "requeue", "discard", "pause", "read audit", "verify"}
ALLOWED = {
    "owner": DECIDE | {"change", "issue", "propose", "add objective", "link account", "resume"},
    "reviewer": DECIDE,
    "member": {"list", "read audit", "verify"},
    "agent": {"propose", "list", "cancel", "read audit", "verify"},
    "agent that proposes": {"propose"},
    "agent that reads": {"list", "read audit", "verify"},
}
THINGS = {
    "change": CHANGE_GUARDRAILS, "issue": ISSUE_TOKEN, "propose": PROPOSE, "list": LIST, "cancel": CANCEL,
    "resolve": RESOLVE, "approve": APPROVE, "add objective": ADD_OBJECTIVE, "link account": LINK_ACCOUNT,
    "check account": CHECK_ACCOUNT, "requeue": REQUEUE, "discard": DISCARD,
    "add tenant": ADD_TENANT, "pause": PAUSE, "resume": RESUME, "add tool": ADD_TOOL,
    "accept tool": ACCEPT_TOOL, "remove tool": REMOVE_TOOL, "sync": SYNC, "verify": VERIFY, "read audit": READ_AUDIT,
    "run job": RUN_JOB,
}  # fmt: skip


async def caller(api: Api, who: str) -> Client:
    match who.split():
        case ["agent"]:
            return await api.as_agent()
        case ["agent", "that", does]:
            return await api.as_agent({"proposes": "propose", "reads": "read"}[does])
        case [role]:
            return api.as_user(role)
        case _:
            raise AssertionError(who)


async def test_each_role_may_do_exactly_what_the_table_says(api: Api) -> None:
    """Refused is 403; allowed is any answer of the use case, such as 404 for an envelope that does not exist."""
    found: dict[str, set[str]] = {}
    for who, (name, (method, path, body)) in product(ALLOWED, THINGS.items()):
        client = await caller(api, who)
        etag = (await api.as_user().get("/v1/guardrails")).headers["etag"]
        options: dict[str, Any] = (
            {} if method in {"GET", "DELETE"} else {"json": body if body is not None else a_proposal()}
        )
        own_path = path.replace("{tenant}", str(api.tenant))
        answer = await client.request(method, own_path, headers={"If-Match": etag}, **options)
        assert answer.status_code in {200, 201, 403, 404}, answer.text
        if answer.status_code != 403:
            found.setdefault(who, set()).add(name)
    assert found == ALLOWED


async def test_a_token_without_a_role_or_with_an_invented_one_is_a_members(api: Api) -> None:
    for role in (None, "admin", "agent", "OWNER"):
        answer = await api.as_user(role).post("/v1/api-tokens", json=ISSUE_TOKEN[2])
        assert answer.status_code == 403, role


UNSIGNED = pyjwt.encode({"sub": "x", "tenant_id": str(uuid4())}, "", algorithm="none")
FORGED = {
    "no token": None,
    "no JWT": "abc",
    "another issuer's key": Keys.generate().sign({"sub": "x"}),
    "alg none": UNSIGNED,
    "expired": jwt(tenant_id=str(uuid4()), exp=int(time.time()) - 60),
    "wrong audience": jwt(tenant_id=str(uuid4()), aud="anon"),
    "wrong issuer": jwt(tenant_id=str(uuid4()), iss="https://elsewhere.example"),
    "no tenant": jwt(),
    "tenant only in user_metadata": jwt(user_metadata={"tenant_id": str(uuid4()), "operator": True}),
    "HS256 with the public key": pyjwt.encode(
        {"sub": "x"}, KEYS.jwt_secret, algorithm="HS256", headers={"kid": KEYS.key_id}
    ),
    "an invented API token": "acp_" + "x" * 43,
    "too long": "e" * 20_000,
}


@pytest.mark.parametrize("name", sorted(FORGED))
async def test_a_token_that_cannot_be_believed_is_refused_in_one_line(api: Api, name: str) -> None:
    answer = await Client(api.http, FORGED[name]).get("/v1/envelopes")

    assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert FORGED[name] is None or FORGED[name][:30] not in answer.text  # type: ignore[index]


async def test_a_service_role_token_is_not_a_users(api: Api) -> None:
    answer = await Client(api.http, jwt(role="service_role", tenant_id=str(api.tenant))).get("/v1/envelopes")
    assert answer.status_code == 403


async def test_a_revoked_token_ends_at_once(api: Api) -> None:
    owner = api.as_user()
    agent = await api.as_agent()
    [token] = (await owner.get("/v1/api-tokens")).json()["items"]

    revoked = await owner.delete(f"/v1/api-tokens/{token['id']}")

    assert revoked.json()["revoked_by"] is not None
    assert (await agent.get("/v1/envelopes")).status_code == 401


async def test_the_database_has_no_token_only_its_hash(api: Api) -> None:
    agent = await api.as_agent()
    listed = (await api.as_user().get("/v1/api-tokens")).json()

    assert agent.token is not None
    assert agent.token not in str(listed)
    assert "hash" not in str(listed)
    audit = await api.access.operator.audit_log.tail(api.tenant, limit=10)
    assert agent.token not in str(audit)


async def test_a_changed_threshold_names_the_user_and_the_door(api: Api) -> None:
    owner = api.as_user(sub="olga")
    read = await owner.get("/v1/guardrails")

    changed = await owner.patch(
        "/v1/guardrails", json={"trust_threshold": 0.7}, headers={"If-Match": read.headers["etag"]}
    )

    assert changed.json()["trust_threshold"] == 0.7
    [row] = await api.access.operator.audit_log.tail(api.tenant, limit=1)
    assert (row.entry.actor.type, row.entry.actor.id, row.entry.payload["door"]) == ("user", "olga", "api")


async def test_a_change_needs_the_etag_of_what_was_read(api: Api) -> None:
    owner = api.as_user()
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    await api.access.operator.guardrails.save(
        GuardrailSettings(tenant_id=api.tenant, trust_threshold=0.9), actor=OPERATOR
    )

    without = await owner.patch("/v1/guardrails", json={"trust_threshold": 0.1})
    stale = await owner.patch("/v1/guardrails", json={"trust_threshold": 0.1}, headers={"If-Match": etag})

    assert (without.status_code, stale.status_code) == (428, 412)
    assert (await owner.get("/v1/guardrails")).json()["trust_threshold"] == 0.9
