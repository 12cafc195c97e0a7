"""Gaps in knowledge, and the articles that are drafted for them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.articles import ArticleDraft, Gap, ProposedIds
from control_plane.apps.autopilot.knowledge.compose import DraftedArticle, ResolvedTicket
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound
from services.outbox import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolutions:
    """A cluster with its resolved tickets, the newest first."""

    name: str
    subcluster_name: str | None
    label: str | None
    tickets: tuple[ResolvedTicket, ...]

    @property
    def title(self) -> str:
        """The name that people see."""
        return self.label or ": ".join(part for part in (self.name, self.subcluster_name) if part)


_RESOLUTIONS = TypeAdapter(Resolutions | None)
_IDS = TypeAdapter(ProposedIds)
_DRAFTS = TypeAdapter(list[ArticleDraft])
_GAPS = TypeAdapter(list[Gap])


async def list_gaps(functions: Functions, tenant: UUID, *, limit: int = 50, now: datetime | None = None) -> list[Gap]:
    """Clusters that no article answers, the most expensive first. The last week ends with the day of `now`, in UTC;
    None: today."""
    rows = await functions.call(
        "autopilot.list_gaps", tenant=tenant, max_gaps=limit, as_of=functions.as_of() if now is None else now
    )
    return _GAPS.validate_python(rows)


async def read_resolutions(functions: Functions, tenant: UUID, cluster: UUID) -> Resolutions:
    """A cluster of the active model with its resolved tickets. Raises NotFound."""
    row = await functions.call("autopilot.read_resolutions", tenant=tenant, cluster=cluster)
    found = _RESOLUTIONS.validate_python(row)
    if found is None:
        raise NotFound("cluster", cluster)
    return found


async def propose(
    functions: Functions, tenant: UUID, cluster: UUID, drafted: DraftedArticle, proposal: Proposal, *, actor: Actor
) -> ProposedIds:
    """Store the draft and enqueue its envelope. Raises NotFound, NotAllowed, InvalidInput, and StateConflict if the
    cluster has an article or an open draft."""
    envelope = {
        "id": str(proposal.id), "tool_slug": proposal.tool_slug, "tool_version": proposal.tool_version,
        "arguments": dict(proposal.arguments), "risk": proposal.risk, "trust_context": dict(proposal.trust_context),
    }  # fmt: skip
    row = await functions.call(
        "autopilot.propose_article", tenant=tenant, cluster=cluster, draft=asdict(drafted), envelope=envelope,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _IDS.validate_python(row)


async def list_drafts(
    functions: Functions, tenant: UUID, *, cluster: UUID | None = None, before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ArticleDraft]:  # fmt: skip
    """Drafted articles, or those of one cluster, the newest first. `before`: created_at and id of the last one of the
    page before."""
    rows = await functions.call(
        "autopilot.list_article_drafts", tenant=tenant, cluster=cluster,
        before_at=None if before is None else before[0], before_id=None if before is None else before[1],
        max_drafts=limit,
    )  # fmt: skip
    return _DRAFTS.validate_python(rows)
