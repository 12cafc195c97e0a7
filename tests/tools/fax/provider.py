"""Calls written to the spool file."""

from types import TracebackType
from typing import Self

from services.tools import Failed, Outcome, Success, ToolCall

from . import FaxSettings


class FaxProvider:
    """Tools behind a fax number: `config.to` names it. An async context manager."""

    def __init__(self, settings: FaxSettings) -> None:
        self._settings = settings

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def execute(self, call: ToolCall) -> Outcome:
        """Append one line to the spool file."""
        name = call.tool.config["to"]
        number = self._settings.fax_numbers.get(name)
        if number is None:
            return Failed(error=f"config.to: ACP_FAX_NUMBERS has no number named {name!r}", retryable=False)
        with self._settings.fax_spool.open("a", encoding="utf-8") as spool:  # a test's short file
            spool.write(f"{number} {call.arguments['text']}\n")
        return Success(result={"queued": number})
