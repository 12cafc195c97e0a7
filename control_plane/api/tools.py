"""Dependencies of routes that call tools: the providers, and the settings of syncs and jobs."""

from typing import Annotated

from fastapi import Depends, Request

from control_plane.jobs import JobContext
from services.errors import NotReady
from services.tools.dispatch import Tools


async def job_context(request: Request) -> JobContext:
    """A dependency: what a job needs to run. Raises NotReady if this server was started without tools."""
    context: JobContext | None = request.app.state.job_context
    if context is None:
        raise NotReady("tools: this server has no providers, so it cannot ask them")
    return context


async def running_tools(request: Request) -> Tools:
    """A dependency: the providers of tools. Raises NotReady like `job_context`."""
    return (await job_context(request)).tools


Context = Annotated[JobContext, Depends(job_context)]
RunningTools = Annotated[Tools, Depends(running_tools)]
