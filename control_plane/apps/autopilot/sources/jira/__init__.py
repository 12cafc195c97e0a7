"""The connector `jira`: issues of Jira Cloud, found by JQL. Its settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from control_plane.apps.autopilot.sources import TicketSource
from control_plane.apps.autopilot.sources.spec import SourceContext, SourceSpec

MORE_FIELDS = ("issuetype", "project", "labels", "components")
"""Fields that are only stored in `source_metadata`."""


def _check_jql(jql: str) -> str:
    if "order by" in " ".join(jql.lower().split()):
        raise ValueError("must have no ORDER BY: pages are read in an order of our own")
    return jql.strip()


class JiraSettings(BaseModel):
    """The settings of a connection to Jira Cloud."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str
    """The address of the site, such as `https://acme.atlassian.net`; with OAuth
    `https://api.atlassian.com/ex/jira/CLOUD_ID`."""
    jql: Annotated[str, AfterValidator(_check_jql)] = Field(default="", max_length=4000)
    """A JQL query: only issues that match it are read."""
    fields: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$")], ...] = Field(
        default=MORE_FIELDS, max_length=100
    )
    """More fields of issues, which are stored in `source_metadata`."""
    page_size: int = Field(default=100, ge=1, le=100)
    overlap_minutes: int = Field(default=5, ge=0, le=1440)
    """How far a later run goes back: the search of Jira finds some changes only after minutes."""

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a span."""
        return timedelta(minutes=self.overlap_minutes)


@asynccontextmanager
async def _open(settings: JiraSettings, context: SourceContext) -> AsyncIterator[TicketSource]:
    from control_plane.apps.autopilot.sources.api import open_api  # noqa: PLC0415
    from control_plane.apps.autopilot.sources.jira.source import JiraSource  # noqa: PLC0415

    async with open_api(settings.url, context) as api:
        yield JiraSource(settings, api)


JIRA = SourceSpec(name="jira", settings=JiraSettings, open=_open)
