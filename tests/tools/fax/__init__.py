"""A provider as a contributor would write it, for tests: a call is a line in a spool file."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.errors import InvalidInput
from services.tools.spec import ProviderContext, ProviderSpec

if TYPE_CHECKING:
    from .provider import FaxProvider


def _check_number(number: str) -> str:
    if not number.isdecimal():
        raise ValueError("must be digits")
    return number


class FaxSettings(BaseModel):
    """The settings of fax."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    fax_numbers: dict[str, Annotated[str, AfterValidator(_check_number)]] = Field(default_factory=dict)
    """Numbers by name. A tool refers to one with `config.to`."""
    fax_spool: Path = Path("fax.spool")
    """The file to which calls are written."""


def _check_config(config: Mapping[str, Any]) -> None:
    if not isinstance(config.get("to"), str):
        raise InvalidInput("config.to", "must name a number of ACP_FAX_NUMBERS")


def _build(settings: FaxSettings, _: ProviderContext) -> "FaxProvider":
    from .provider import FaxProvider  # noqa: PLC0415  # as a provider with an SDK would

    return FaxProvider(settings)


FAX = ProviderSpec(
    name="fax",
    settings=FaxSettings,
    build=_build,
    check_config=_check_config,
    source_help=None,
    sends_idempotency_key=False,
    can_scan=False,
)
