"""Store models, make one the active one, and go back."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.clusters import (
    ActiveModel,
    Member,
    NewCluster,
    NewModel,
    SavedMembers,
    StoredModel,
    SwitchedModel,
)
from services.backends.functions import Functions, by
from services.envelope import Actor

_MODEL = TypeAdapter(NewModel)
_MEMBERS = TypeAdapter(list[Member])
_STORED = TypeAdapter(list[StoredModel])
_SAVED = TypeAdapter(SavedMembers)
_ACTIVE: TypeAdapter[ActiveModel | None] = TypeAdapter(ActiveModel | None)
_SWITCHED = TypeAdapter(SwitchedModel)


async def store_model(
    functions: Functions, tenant: UUID, model: NewModel, clusters: Sequence[NewCluster], *, actor: Actor
) -> tuple[UUID, list[UUID]]:
    """Store a model that is not active yet. Returns its id and those of its clusters, in their order. Raises
    InvalidInput, and StateConflict if it is stored already."""
    answer = await functions.call(
        "autopilot.store_model", tenant=tenant, model=_MODEL.dump_python(model, mode="json"),
        clusters=[_row(cluster) for cluster in clusters], **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return UUID(answer["model"]["id"]), [UUID(each) for each in answer["clusters"]]


async def save_members(functions: Functions, tenant: UUID, model: UUID, members: Sequence[Member]) -> SavedMembers:
    """Put up to 10,000 tickets into clusters of a model, or take them out; if it is active, they move at once. Raises
    NotFound, InvalidInput."""
    answer = await functions.call(
        "autopilot.save_members", tenant=tenant, model=model,
        members=_MEMBERS.dump_python(list(members), mode="json"), as_of=functions.as_of(),
    )  # fmt: skip
    return _SAVED.validate_python(answer)


async def read_active_model(functions: Functions, tenant: UUID) -> ActiveModel | None:
    """The active model with its centroids; None if no model is active."""
    answer = await functions.call("autopilot.read_active_model", tenant=tenant)
    for cluster in answer["clusters"] if answer else ():
        cluster["centroid"] = base64.b64decode(cluster["centroid"])
    return _ACTIVE.validate_python(answer)


async def list_models(functions: Functions, tenant: UUID, *, limit: int = 100) -> list[StoredModel]:
    """The models of a tenant, the newest first."""
    return _STORED.validate_python(await functions.call("autopilot.list_models", tenant=tenant, max_models=limit))


async def activate_model(functions: Functions, tenant: UUID, model: UUID, *, actor: Actor) -> SwitchedModel:
    """Make a stored model the active one. Raises NotFound, NotAllowed, StateConflict."""
    answer = await functions.call(
        "autopilot.activate_model", tenant=tenant, model=model, **by(actor), as_of=functions.as_of()
    )
    return _SWITCHED.validate_python(answer)


async def roll_back_model(functions: Functions, tenant: UUID, *, actor: Actor) -> SwitchedModel:
    """Activate again the model that was active before the present one. Raises NotAllowed, and StateConflict if there
    is none."""
    answer = await functions.call("autopilot.roll_back_model", tenant=tenant, **by(actor), as_of=functions.as_of())
    return _SWITCHED.validate_python(answer)


def _row(cluster: NewCluster) -> dict[str, object]:
    return {**asdict(cluster), "centroid": base64.b64encode(cluster.centroid).decode("ascii")}
