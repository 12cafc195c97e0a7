"""The SQL functions of autopilot that people and jobs call, each with arguments that differ from call to call."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from services.backends.functions import Functions

YEAR = timedelta(days=365)
PAGE = 51
BATCH = 400
"""Tickets that a job places or marks in one call."""


@dataclass(frozen=True, slots=True)
class Places:
    """What calls can name: tickets of a tenant with the time at which they were opened, and ids of other rows."""

    tenant: UUID
    tickets: list[tuple[datetime, UUID]]
    clusters: list[UUID]
    articles: list[UUID]
    connections: list[UUID]
    runs: list[UUID]
    open_run: UUID
    dry_runs: list[UUID]
    model: UUID

    @classmethod
    def of(cls, connection: psycopg.Connection, tenant: UUID) -> "Places":
        """Of this tenant."""

        def ids(table: str, condition: str = "true") -> list[UUID]:
            query = f"select id from autopilot.{table} where organization_id = %s and {condition} order by id limit 200"  # noqa: S608
            return [row[0] for row in connection.execute(query.encode(), [tenant]).fetchall()]

        tickets = connection.execute(
            "select source_created_at, id from autopilot.tickets where organization_id = %s order by id limit 20000",
            [tenant],
        ).fetchall()
        model = ids("ml_models", "active")[0]
        return cls(
            tenant=tenant, tickets=[(at, id_) for at, id_ in tickets], model=model,
            clusters=ids("clusters", f"model_id = '{model}'"),
            articles=ids("knowledge_articles"), connections=ids("data_source_connections"),
            runs=ids("ingestion_runs", "status = 'completed'"), open_run=ids("ingestion_runs", "status = 'running'")[0],
            dry_runs=ids("dry_runs"),
        )  # fmt: skip

    def cluster(self) -> UUID:
        """Any cluster."""
        return random.choice(self.clusters)  # noqa: S311  # no secret

    def ticket(self) -> UUID:
        """Any ticket."""
        return random.choice(self.tickets)[1]  # noqa: S311

    def before(self, at: str = "before_at") -> dict[str, Any]:
        """The first page or another one."""
        moment, ticket = random.choice([(None, None), random.choice(self.tickets)])  # noqa: S311
        return {at: moment, "before_id": ticket}


Call = tuple[str, dict[str, Any]]


def _tickets(places: Places, **wanted: Any) -> Call:
    return "list_tickets", {"max_tickets": PAGE, **places.before(), **wanted}


def _trend(cluster: UUID | None) -> Call:
    now = datetime.now(UTC)
    return "read_trend", {"since": now - YEAR, "until": now, "cluster": cluster}


def _stuck(places: Places, cluster: UUID | None) -> Call:
    before = places.before("after")
    return "list_stuck_tickets", {
        "cluster": cluster, "max_tickets": PAGE, "after": before["after"], "after_id": before["before_id"],
    }  # fmt: skip


READS: Mapping[str, Callable[[Places], Call]] = {
    "clusters": lambda _: ("list_clusters", {}),
    "one cluster": lambda p: ("read_cluster", {"cluster": p.cluster()}),
    "how many tickets": lambda _: ("count_tickets", {}),
    "tickets": _tickets,
    "tickets of a cluster": lambda p: _tickets(p, cluster=p.cluster()),
    "tickets in no cluster": lambda p: _tickets(p, unclassified=True),
    "tickets of a status": lambda p: _tickets(p, status="New"),
    "tickets of a status that no ticket has": lambda p: _tickets(p, status="On hold"),
    "tickets by a word": lambda p: _tickets(p, search="every 7 minutes"),
    "tickets by a word that no ticket has": lambda p: _tickets(p, search="penguin"),
    "one ticket": lambda p: ("read_ticket", {"ticket": p.ticket()}),
    "proposals": lambda _: ("list_proposals", {"max_proposals": PAGE}),
    "models": lambda _: ("list_models", {}),
    "trend of all clusters over a year": lambda _: _trend(None),
    "trend of a cluster over a year": lambda p: _trend(p.cluster()),
    "gaps": lambda _: ("list_gaps", {"max_gaps": PAGE}),
    "article drafts": lambda _: ("list_article_drafts", {"max_drafts": PAGE}),
    "article drafts of a cluster": lambda p: ("list_article_drafts", {"max_drafts": PAGE, "cluster": p.cluster()}),
    "articles": lambda _: ("list_articles", {"max_articles": PAGE}),
    "articles with a status": lambda _: ("list_articles", {"max_articles": PAGE, "status": "active"}),
    "articles of a cluster": lambda p: ("list_articles", {"max_articles": PAGE, "cluster": p.cluster()}),
    "one article": lambda p: ("read_article", {"article": random.choice(p.articles)}),  # noqa: S311
    "samples": lambda p: ("next_samples", {"cluster": p.cluster(), "max_samples": 10}),
    "readiness": lambda p: ("read_readiness", {"cluster": p.cluster()}),
    "dry-runs": lambda p: ("list_dry_runs", {"cluster": p.cluster(), "max_dry_runs": PAGE}),
    "cases of a dry-run": lambda p: ("list_dry_run_cases", {"dry_run": random.choice(p.dry_runs)}),  # noqa: S311
    "responses": lambda p: ("list_responses", {"max_responses": PAGE, **p.before("before")}),
    "responses of a cluster": lambda p: ("list_responses", {"max_responses": PAGE, "cluster": p.cluster()}),
    "responses in a state": lambda _: ("list_responses", {"max_responses": PAGE, "state": "failed"}),
    "bursts": lambda _: ("list_bursts", {"max_alerts": PAGE}),
    "current bursts": lambda _: ("list_bursts", {"max_alerts": PAGE, "is_current": True}),
    "stuck tickets": lambda p: _stuck(p, None),
    "stuck tickets of a cluster": lambda p: _stuck(p, p.cluster()),
    "runs": lambda _: ("list_runs", {"max_runs": PAGE}),
    "runs of a connection": lambda p: ("list_runs", {"max_runs": PAGE, "connection": p.connections[0]}),
    "failures": lambda _: ("list_failures", {"max_failures": PAGE}),
    "open failures": lambda _: ("list_failures", {"max_failures": PAGE, "state": "open"}),
    "dismissed failures": lambda _: ("list_failures", {"max_failures": PAGE, "state": "dismissed"}),
    "failures of a run": lambda p: ("list_failures", {"max_failures": PAGE, "run": random.choice(p.runs)}),  # noqa: S311
    "messages": lambda _: ("list_messages", {"max_messages": PAGE}),
    "connections": lambda _: ("list_connections", {}),
}  # fmt: skip


def _marked(places: Places) -> dict[str, Any]:
    tickets = [ticket for _, ticket in random.sample(places.tickets, min(2 * BATCH, len(places.tickets)))]
    half = len(tickets) // 2
    return {"vanished": tickets[:half], "present": tickets[half:], "is_last": False}


def _members(places: Places) -> list[dict[str, Any]]:
    tickets = random.sample(places.tickets, min(BATCH, len(places.tickets)))
    return [
        {"ticket_id": str(ticket), "cluster_id": str(places.cluster()), "score": random.random()}  # noqa: S311
        for _, ticket in tickets
    ]


JOBS: Mapping[str, Callable[[Places], Call]] = {
    "tenants with tickets to answer": lambda _: ("list_responding_tenants", {}),
    "tickets to answer": lambda _: ("list_awaiting_tickets", {}),
    "open tickets": lambda _: ("list_open_tickets", {"since": datetime.now(UTC) - YEAR / 12, "max_tickets": 2000}),
    "clusters that may have a burst": lambda _: (
        "list_busy_clusters", {"until": datetime.now(UTC), "min_tickets": 6},
    ),
    "arrivals of 53 weeks": lambda p: (
        "count_arrivals",
        {"cluster": p.clusters[0], "since": datetime.now(UTC) - YEAR, "until": datetime.now(UTC)},
    ),
    "arrivals in no cluster": lambda _: (
        "count_arrivals", {"cluster": None, "since": datetime.now(UTC) - YEAR, "until": datetime.now(UTC)},
    ),
    "usual times of clusters": lambda _: ("refresh_cluster_times", {}),
    "tickets to classify": lambda _: ("list_tickets_to_classify", {}),
    "stored numbers, 10,000": lambda p: ("list_stored_ids", {"connection": p.connections[0]}),
    "texts, 500": lambda p: ("list_texts", p.before()),
    "texts of 400 tickets": lambda p: (
        "list_texts", {"tickets": [ticket for _, ticket in random.sample(p.tickets, min(BATCH, len(p.tickets)))]},
    ),
    "clusters to search": lambda _: ("list_clusters_to_search", {}),
    "tenants to search": lambda _: ("list_searching_tenants", {}),
    "mark 400 tickets as gone, and 400 as present": lambda p: (
        "mark_vanished", {"run": p.open_run, "lease_token": 1, **_marked(p)},
    ),
    "place 400 tickets": lambda p: ("save_members", {"model": p.model, "members": _members(p)}),
}  # fmt: skip
OF_ALL_TENANTS = frozenset({"list_responding_tenants", "list_searching_tenants"})


async def call(functions: Functions, places: Places, function: str, arguments: dict[str, Any]) -> Any:
    """Call a function for the tenant of the places."""
    whose = {} if function in OF_ALL_TENANTS else {"tenant": places.tenant}
    return await functions.call(f"autopilot.{function}", **whose, **arguments)
