"""The demo data of the pictures: a day of two tenants whose agents handle orders, refunds and tickets."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg

from control_plane.settings import read_settings
from services.accounts import Account, AccountStatus
from services.backends import Backends
from services.canonical import canonical_sha256
from services.catalog import ListedTool, Tool, ToolDecision
from services.clock import utc_now
from services.envelope import Risk
from services.evidence import Reading
from services.guardrails import GuardrailSettings
from services.overview.latency import latency_class
from services.subscriptions import NewSubscription, SubscriptionKind
from services.sync_catalog import sync_catalog
from services.tenants import Tenant
from services.tools import Failed, Outcome, Success, ToolCall, Unknown
from tests.builders import a_listing, operator
from tests.control_plane.api.conftest import Api
from worker.loop import Worker
from worker.outbox import worker_options

MARIA = operator("maria")
SLACK = "SLACK__chat.postMessage"
ORDER, REFUND, TICKET, CONTACT = (
    "ORDERS__create",
    "STRIPE__refunds.create",
    "ZENDESK__tickets.update",
    "CRM__contacts.delete",
)
RNG = Random(7)  # noqa: S311  # demo data
ACCOUNTS = {
    "slack": (AccountStatus.CONNECTED, None),
    "stripe": (AccountStatus.CONNECTED, None),
    "zendesk": (AccountStatus.EXPIRING, "the login ends in two days"),
    "gmail": (AccountStatus.ERROR, "the provider refused the login: invalid_grant"),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tools:
    """Answers as the tools of the story do, at once."""

    async def execute(self, call: ToolCall) -> Outcome:
        """The outcome of this call."""
        if call.tool.tool_slug == ORDER and call.arguments["sku"] == "bolt-m99":
            return Failed(error="orders.acme.example answered 422: no such article", retryable=False)
        if call.tool.tool_slug == TICKET and call.arguments["ticket"] == 4711:
            return Unknown(error="no answer within 30 s")
        if call.tool.tool_slug == SLACK and call.arguments["channel"] == "#old-alerts":
            return Failed(error="slack: channel_not_found", retryable=False)
        return Success(result={"id": f"{RNG.randrange(10**6):06}", "status": "accepted"})


async def tell(api: Api, url: str) -> None:
    """Fill the database behind this API."""
    backends = api.access.operator
    await _prepare(backends, api.tenant, "Acme")
    await _prepare(backends, api.other_tenant, "Borealis")
    accounts = {account.provider: str(account.id) for account in await backends.accounts.list_accounts(api.tenant)}
    for agent, proposals in _proposals().items():
        issued = await api.as_user(sub="maria").post(
            "/v1/api-tokens", json={"agent": agent, "scopes": ["propose", "cancel", "read"], "expires_in": 90 * 86400}
        )
        token = {"Authorization": f"Bearer {issued.json()['secret']}"}
        for number, (tool, arguments, score, why) in enumerate(proposals):
            body = {
                "tool_slug": tool, "arguments": arguments, "external_id": f"{agent}-{1000 + number}",
                "connected_account_id": accounts.get(tool.partition("__")[0].lower()),
                "trust_context": {"score": score, "evidence": [why]},
                "metadata": {"traceparent": f"00-{RNG.getrandbits(128):032x}-{RNG.getrandbits(64):016x}-01"},
            }  # fmt: skip
            answer = await api.http.post("/v1/envelopes", json=body, headers=token)
            assert answer.status_code == 201, answer.text
    settings = read_settings(concurrency=16)
    for _ in range(8):
        await Worker(backends=backends, tools=Tools(), options=worker_options(settings), worker_id=str(uuid4())).run(
            once=True
        )
    for job in (
        "warm_scan",
        "account_health",
        "approval_expiry",
        "retention",
        "dlq_gauge",
        "event_delivery",
        "end_counts",
    ):
        answer = await api.as_operator().post(f"/v1/jobs/{job}/runs")
        assert answer.status_code == 201, answer.text
    grant = {
        "tools": "SLACK__*", "arguments": [{"argument": "channel", "one_of": ["#orders", "#support"]}],
        "expires_in": 3 * 86400, "reason": "Routine notices of the support team",
    }  # fmt: skip
    answer = await api.as_user(sub="maria").post("/v1/grants", json=grant)
    assert answer.status_code == 201, answer.text
    await _add_events(api, url)
    await _add_evidence(api)
    _fill_charts(url, api.tenant)


async def _add_events(api: Api, url: str) -> None:
    """Subscriptions, one of which fails."""
    owner = api.as_user(sub="maria")
    for target, types, about in (
        (
            "https://pager.acme.example/hooks/acp",
            ["approval.requested", "approval.escalated", "envelope.failed"],
            "pager",
        ),
        ("https://warehouse.acme.example/events", ["envelope.*", "approval.*"], "data warehouse"),
    ):
        body = {"url": target, "event_types": types, "description": about}
        answer = await owner.post("/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
    assert (await owner.post("/v1/inbound-webhooks", json={"name": "tickets"})).status_code == 201
    notice = NewSubscription(
        id=uuid4(), kind=SubscriptionKind.EMAIL, target="ann@acme.example,ben@acme.example",
        event_types=("approval.requested", "approval.reminded", "approval.escalated"), description="reviewers",
    )  # fmt: skip
    await api.access.operator.subscriptions.create(api.tenant, notice, actor=MARIA)
    found = await api.access.operator.subscriptions.list_subscriptions(api.tenant)
    await api.access.operator.subscriptions.test(api.tenant, found[0].id, uuid4(), actor=MARIA)
    with psycopg.connect(url) as connection:
        connection.execute(
            "update public.event_subscriptions set failures = 10, disabled_at = now() - interval '2 hours',"
            " disabled_reason = '10 deliveries in a row failed; the last: HTTP 503 from warehouse.acme.example'"
            " where description = 'data warehouse'"
        )


async def _add_evidence(api: Api) -> None:
    """What scans have read."""
    accounts = {
        account.provider: account.id for account in await api.access.operator.accounts.list_accounts(api.tenant)
    }
    readings: list[tuple[str, str | None, dict[str, Any]]] = [
        ("STRIPE__balance.get", "stripe", {"available": 18240.55, "currency": "EUR", "pending": 1249.9}),
        ("ZENDESK__tickets.list", "zendesk", {"open": 41, "oldest": "2026-11-24", "overdue": 3}),
        ("SLACK__channels.list", "slack", {"channels": ["#orders", "#support", "#billing"]}),
        ("inbound.tickets", None, {"type": "ticket.created", "ticket": 4711, "subject": "Charged twice"}),
    ]
    await api.access.operator.evidence.save(
        api.tenant,
        [
            Reading(
                tool_slug=slug, connected_account_id=accounts.get(provider or ""), content=content,
                sha256=canonical_sha256(content), value={"kind": "object", **content},
            )
            for slug, provider, content in readings
        ],
        actor=MARIA,
    )  # fmt: skip


async def _prepare(backends: Backends, tenant: UUID, name: str) -> None:
    await backends.tenants.save(Tenant(id=tenant, name=name), actor=MARIA)
    await backends.catalog.save([replace(tool, tenant_id=tenant) for tool in _tools()], actor=MARIA)
    await sync_catalog(backends, tenant, _listing("Reads one file of the workspace."), actor=MARIA)
    [offered] = [tool for tool in await backends.catalog.list_tools(tenant) if tool.source == "files"]
    await backends.catalog.decide(
        tenant,
        offered.tool_slug,
        decision=ToolDecision.ACCEPTED,
        schema_hash=offered.schema_hash,
        actor=MARIA,
        reason=None,
    )
    await sync_catalog(
        backends, tenant, _listing("Reads one file, of the workspace or of the whole disk.", anywhere=True), actor=MARIA
    )
    settings = GuardrailSettings(
        tenant_id=tenant,
        trust_threshold=0.6,
        rate_limits={"stripe.minute": {"limit": 60, "per_seconds": 60}},
        quiet_hours={"time_zone": "Europe/Berlin", "windows": [{"days": ["sun"], "start": "22:00", "end": "23:00"}]},
        approval_rules={
            "two_people": ["high"],
            "require": [
                {"tools": "STRIPE__refunds.*", "arguments": [{"argument": "amount", "above": 500}]},
                {"tools": "CRM__contacts.delete"},
            ],
        },
    )
    await backends.guardrails.save(settings, actor=MARIA)
    for provider, (status, problem) in ACCOUNTS.items():
        account = Account(
            id=uuid4(), tenant_id=tenant, provider=provider, status=status, problem=problem,
            scopes=(f"{provider.upper()}.WRITE",), linked_at=utc_now() - timedelta(days=12),
        )  # fmt: skip
        await backends.accounts.save(account, actor=MARIA)


def _listing(description: str, *, anywhere: bool = False) -> Any:
    properties = {"path": {"type": "string"}, **({"root": {"type": "string", "default": "/"}} if anywhere else {})}
    schema = {"type": "object", "properties": properties, "required": ["path"]}
    return a_listing(ListedTool(name="read_file", title="Read a file", description=description, schema=schema))


def _tools() -> Iterator[Tool]:
    def tool(slug: str, name: str, risk: Risk, required: list[str], **properties: Any) -> Tool:
        toolkit = slug.partition("__")[0]
        return Tool(
            tenant_id=UUID(int=0), tool_slug=slug, version="1", display_name=name, risk=risk, provider="http",
            config={"url": "https://tools.acme.example/hook", "secret": "demo"}, idempotent=slug != TICKET,
            required_scopes=(f"{toolkit}.WRITE",) if toolkit.lower() in ACCOUNTS else (),
            rate_bucket="stripe.minute" if toolkit == "STRIPE" else None,
            schema={"type": "object", "properties": properties, "required": required},
        )  # fmt: skip

    text, number = {"type": "string"}, {"type": "number"}
    yield tool(
        ORDER, "Create an order", Risk.MEDIUM, ["sku", "quantity"], sku=text, quantity={"type": "integer"}, ship_to=text
    )
    yield tool(
        REFUND, "Refund a payment", Risk.HIGH, ["charge", "amount"],
        charge={"type": "string", "title": "Charge"},
        amount={"type": "number", "title": "Amount", "minimum": 0},
        currency={"type": "string", "enum": ["EUR", "USD", "CHF"], "title": "Currency"},
        reason={"type": "string", "enum": ["duplicate", "fraudulent", "requested_by_customer"], "title": "Reason"},
        notify={"type": "boolean", "title": "Tell the customer"},
        note={"type": "string", "title": "Note to the customer"},
    )  # fmt: skip
    yield tool(SLACK, "Post a message", Risk.LOW, ["channel", "text"], channel=text, text=text)
    yield tool(TICKET, "Update a ticket", Risk.LOW, ["ticket"], ticket=number, status=text, comment=text)
    yield tool(CONTACT, "Delete a contact", Risk.HIGH, ["contact"], contact=text)


def _proposals() -> dict[str, list[tuple[str, dict[str, Any], float, str]]]:
    refunds = [("ch_3PxA91", 1249.90, "duplicate"), ("ch_3PxB07", 780.00, "requested_by_customer"),
               ("ch_3PxC55", 5400.00, "requested_by_customer")]  # fmt: skip
    return {
        "billing-agent": [
            *((REFUND, {"charge": f"ch_3Pw{n:03}", "amount": 20.0 + n, "currency": "EUR", "reason": "duplicate",
                        "notify": True}, 0.92, f"ticket {4600 + n}") for n in range(9)),
            *((REFUND, {"charge": charge, "amount": amount, "currency": "EUR", "reason": reason, "notify": True,
                        "note": "We are sorry for the double charge and have sent the amount back to your card."},
               0.88, "ticket 4702: the customer was charged twice") for charge, amount, reason in refunds),
        ],
        "support-triage": [
            *((TICKET, {"ticket": 4690 + n, "status": "solved", "comment": "Solved: the parcel has arrived."}, 0.9,
               f"ticket {4690 + n}") for n in range(23)),
            *((SLACK, {"channel": "#support", "text": f"Ticket {4700 + n} is solved."}, 0.95, "routine")
              for n in range(6)),
            (SLACK, {"channel": "#old-alerts", "text": "Ticket 4703 is overdue."}, 0.9, "routine"),
            (SLACK, {"channel": "#old-alerts", "text": "Ticket 4709 is overdue."}, 0.9, "routine"),
            (CONTACT, {"contact": "j.doe@customer.example"}, 0.97, "ticket 4688: a request to be forgotten"),
        ],
        "order-bot": [
            *((ORDER, {"sku": f"bolt-m{3 + n % 9}", "quantity": 50 * (1 + n % 4), "ship_to": "Hamburg"}, 0.85,
               f"stock level of bolt-m{3 + n % 9}") for n in range(18)),
            *((ORDER, {"sku": "bolt-m99", "quantity": 10, "ship_to": "Hamburg"}, 0.8, "a letter of a customer")
              for _ in range(3)),
            (ORDER, {"sku": "gold-plated-bolt", "quantity": 9000, "ship_to": "Hamburg"}, 0.2, "a guess"),
        ],
    }  # fmt: skip


def _fill_charts(url: str, tenant: UUID) -> None:
    """Counts of a week, as the job end_counts writes them: busy by day, quiet at night, one bad hour."""
    now = utc_now()
    rows = []
    for every, kept in ((1, 75), (15, 26 * 60), (120, 8 * 24 * 60)):
        span = timedelta(minutes=every)
        start = now - (now - EPOCH) % span
        for n in range(kept // every):
            at = start - n * span
            share = 0.25 + 0.75 * max(0.0, math.sin((at.hour + at.minute / 60 - 5) / 24 * 2 * math.pi))
            ended = max(1, round(every * (14 * share + RNG.uniform(-1, 3))))
            bad = round(ended * (0.18 if timedelta(hours=5) < now - at < timedelta(hours=6) else 0.012))
            latencies: dict[str, int] = {}
            for _ in range(min(ended, 200)):
                seconds = timedelta(seconds=RNG.lognormvariate(-0.9, 0.7))
                latencies[str(latency_class(seconds))] = latencies.get(str(latency_class(seconds)), 0) + 1
            counts = {"success": ended - bad, "failed": bad, "conflict": ended // 60, **latencies}
            rows += [(owner, span, at, json.dumps(counts)) for owner in (tenant, None)]
    with psycopg.connect(url) as connection:
        connection.execute("delete from app_private.end_counts")
        connection.cursor().executemany(
            "insert into app_private.end_counts (tenant_id, every, starts_at, counts) values (%s, %s, %s, %s)", rows
        )
