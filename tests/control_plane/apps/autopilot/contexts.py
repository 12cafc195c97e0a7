"""What the jobs of autopilot need."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from control_plane.jobs import JobContext
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk

if TYPE_CHECKING:
    from services.tools.dispatch import Tools


def a_context(desk: Helpdesk, **fields: Any) -> JobContext:
    """The context of a job for all tenants of this database. Its jobs call no tools."""
    return JobContext(
        backends=desk.access.operator, tools=cast("Tools", None), rules={}, keep_settled=timedelta(days=1), **fields
    )
