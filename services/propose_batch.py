"""Propose many envelopes with few calls of the database. A refused envelope does not stop the others."""

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
    read = {index: answer for index, answer in enumerate(answers) if isinstance(answer, tuple)}
    enqueued: dict[int, EnqueuedEnvelope] = {}
    for tenant in dict.fromkeys(proposal.tenant_id for proposal, _, _ in read.values()):
        indexes = [index for index, (proposal, _, _) in read.items() if proposal.tenant_id == tenant]
        for index, answer in zip(
            indexes, await _enqueue_each(backends, [read[index][0] for index in indexes], actor), strict=True
        ):
            if isinstance(answer, ControlPlaneError):
                answers[index] = answer
            else:
                enqueued[index] = answer

    citations = [
        key
        for index, answer in enqueued.items()
        if read[index][2].settings.require_evidence
        for key in cited_evidence(answer.envelope)
    ]
    evidence = await backends.evidence.find(citations) if citations else NO_EVIDENCE
    now = clock()
    for index, answer in enqueued.items():
        _, tool, policy = read[index]
        verdicts = judge(answer.envelope, tool, policy, now, evidence=evidence).verdicts
        answers[index] = ProposeResult(envelope=answer.envelope, created=answer.created, verdicts=verdicts, tool=tool)
    return [answer for answer in answers if not isinstance(answer, tuple)]


async def _enqueue_each(
    backends: Backends, proposals: Sequence[Proposal], actor: Actor
) -> list[EnqueuedEnvelope | ControlPlaneError]:
    """Enqueue all in one call. If the call is refused, do the same with each half, until the refused envelopes are
    found."""
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
