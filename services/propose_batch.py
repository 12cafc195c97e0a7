"""Propose many envelopes with few calls of the database. A refused one does not stop the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.backends import Backends
from services.clock import Clock, utc_now
from services.envelope import Actor
from services.errors import ControlPlaneError, InvalidInput, NotFound, NotReady, StateConflict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import NO_EVIDENCE, judge
from services.outbox import EnqueuedEnvelope, Proposal
from services.propose import ProposeResult, ReadProposal, read_proposals


async def propose_batch(
    backends: Backends,
    documents: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    clock: Clock = utc_now,
    traceparent: str | None = None,
) -> list[ProposeResult | ControlPlaneError]:
    """Propose several documents: for each the result of `propose`, or the error that it raises. Raises NotReady.

    The envelopes of a tenant are enqueued in one call. With an ordering key they keep the order of the documents.
    """
    answers: list[ReadProposal | ProposeResult | ControlPlaneError] = [
        *await read_proposals(backends, documents, traceparent=traceparent)
    ]
    read = {place: answer for place, answer in enumerate(answers) if isinstance(answer, tuple)}
    enqueued: dict[int, EnqueuedEnvelope] = {}
    for tenant in dict.fromkeys(proposal.tenant_id for proposal, _, _ in read.values()):
        places = [place for place, (proposal, _, _) in read.items() if proposal.tenant_id == tenant]
        for place, answer in zip(
            places, await _enqueue_each(backends, [read[place][0] for place in places], actor), strict=True
        ):
            if isinstance(answer, ControlPlaneError):
                answers[place] = answer
            else:
                enqueued[place] = answer

    citations = [
        key
        for place, answer in enqueued.items()
        if read[place][2].settings.require_evidence
        for key in cited_evidence(answer.envelope)
    ]
    evidence = await backends.evidence.find(citations) if citations else NO_EVIDENCE
    now = clock()
    for place, answer in enqueued.items():
        _, tool, policy = read[place]
        verdicts = judge(answer.envelope, tool, policy, now, evidence=evidence).verdicts
        answers[place] = ProposeResult(envelope=answer.envelope, created=answer.created, verdicts=verdicts, tool=tool)
    return [answer for answer in answers if not isinstance(answer, tuple)]


async def _enqueue_each(
    backends: Backends, proposals: Sequence[Proposal], actor: Actor
) -> list[EnqueuedEnvelope | ControlPlaneError]:
    """Enqueue all in one call. If one of them is refused, enqueue the halves, and so on, to find out which."""
    try:
        return [*await backends.outbox.enqueue(proposals, actor=actor)]
    except (InvalidInput, NotFound, StateConflict) as exc:
        if len(proposals) == 1:
            return [exc]
    except NotReady:
        raise
    except ControlPlaneError as exc:  # the error is about the caller, not about an envelope
        return [exc for _ in proposals]
    middle = len(proposals) // 2
    first = await _enqueue_each(backends, proposals[:middle], actor)
    return [*first, *await _enqueue_each(backends, proposals[middle:], actor)]
