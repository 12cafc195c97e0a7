"""The connector `servicenow`: records of a table, read over the Table API. Its settings."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from control_plane.apps.autopilot.sources import TicketSource
from control_plane.apps.autopilot.sources.spec import SourceContext, SourceSpec

TicketField = Literal[
    "external_id", "subject", "external_status", "description", "priority", "requester", "assignee", "resolution",
    "source_created_at", "resolved_at",
]  # fmt: skip
FIELDS: Mapping[TicketField, str] = {
    "external_id": "number", "subject": "short_description", "external_status": "state", "description": "description",
    "priority": "priority", "requester": "caller_id", "assignee": "assigned_to", "resolution": "close_notes",
    "source_created_at": "sys_created_on", "resolved_at": "resolved_at",
}  # fmt: skip
"""The fields of the table `incident` that become the fields of a ticket."""
MORE_FIELDS = (
    "category",
    "subcategory",
    "assignment_group",
    "cmdb_ci",
    "urgency",
    "impact",
    "close_code",
    "contact_type",
)
"""Fields that are only stored in `source_metadata`."""
_NAME = r"^[a-z0-9_]{1,80}$"
_FieldName = Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,120}$")]


def _check_query(query: str) -> str:
    if "^NQ" in query or "ORDERBY" in query:
        raise ValueError("must have no ^NQ and no ORDERBY: pages are read in an order of our own")
    return query


class ServiceNowSettings(BaseModel):
    """The settings of a connection to ServiceNow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str
    """The address of the instance, such as `https://acme.service-now.com`."""
    table: str = Field(default="incident", pattern=_NAME)
    query: Annotated[str, AfterValidator(_check_query)] = Field(default="", max_length=2000)
    """An encoded query: only records that match it are read."""
    columns: dict[TicketField, _FieldName] = Field(default_factory=dict)
    """For a field of a ticket, the field of the table, if it is not the one in `FIELDS`."""
    fields: tuple[_FieldName, ...] = Field(default=MORE_FIELDS, max_length=100)
    """More fields of the table, which are stored in `source_metadata`."""
    page_size: int = Field(default=100, ge=1, le=1000)
    overlap_minutes: int = Field(default=5, ge=0, le=1440)
    """How far a later run goes back: a record may be stored after others with a later time."""

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a span."""
        return timedelta(minutes=self.overlap_minutes)


@asynccontextmanager
async def _open(settings: ServiceNowSettings, context: SourceContext) -> AsyncIterator[TicketSource]:
    from control_plane.apps.autopilot.sources.api import open_api  # noqa: PLC0415
    from control_plane.apps.autopilot.sources.servicenow.source import ServiceNowSource  # noqa: PLC0415

    async with open_api(settings.url, context) as api:
        yield ServiceNowSource(settings, api)


SERVICENOW = SourceSpec(name="servicenow", settings=ServiceNowSettings, open=_open)
