"""The applications that use the control plane, and how the API, the console, the command line and the other entry
points find what each application offers. The core never imports an application.

To delete an application, delete its folder, its line in APPLICATIONS, and its schema in the database.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from control_plane.text.embeddings import EMBEDDINGS_EXTRA
from services.distribution import Extra, is_installed, require


@dataclass(frozen=True, slots=True)
class Application:
    """One application. It may have these modules. Each is imported when an entry point first needs it:

    | module | value | for |
    |---|---|---|
    | `routes` | `NOUNS`: modules, each with a `router` and a docstring | the API |
    | `pages` | `PAGES`: modules with a `router`; `GROUPS`: groups of links to them | the console |
    | `commands` | `app`: its group of commands | the command line |
    | `jobs` | `JOBS` | the scheduler |
    | `events` | `EVENT_TYPES`: pairs of an audit category and its description | webhooks and notices |
    | `mcp_tools` | `TOOLS` | the MCP server |

    The console finds the application's files in the folders `templates` and `static`, and puts the name of the
    application before their path: `drafts/list.html`.
    """

    name: str
    """The name of its schema in the database and of its group of commands."""
    package: str
    summary: str
    """What the application does, for the help of the command line."""
    extra: Extra

    def load(self, module: str, value: str) -> Any:
        """The attribute `value` of a module of this application. Raises NotReady if the extra is not installed."""
        require(self.extra)
        return getattr(import_module(f"{self.package}.{module}"), value)

    def offers(self, module: str) -> bool:
        """Whether the application has this module, and the packages that it needs are installed."""
        return _offers(self, module)

    @property
    def folder(self) -> Path:
        """The folder of the application's files."""
        spec = find_spec(self.package)
        return Path(spec.origin or "").parent if spec else Path()


DRAFTS_EXTRA = Extra(
    "drafts",
    "the application drafts",
    (
        "aiosmtplib", *EMBEDDINGS_EXTRA.modules, "rapidfuzz", "imap_tools", "selectolax", "inscriptis", "nh3",
        "markdown_it", "pypdf", "docx", "protego", "yaml", "charset_normalizer",
    ),
)  # fmt: skip

AUTOPILOT_EXTRA = Extra(
    "autopilot",
    "the application autopilot",
    (*EMBEDDINGS_EXTRA.modules, "sknetwork", "scipy", "charset_normalizer", "selectolax", "inscriptis", "markdown_it"),
)

RCA_EXTRA = Extra("rca", "the application rca", ())

APPLICATIONS: tuple[Application, ...] = (
    Application(
        "autopilot",
        "control_plane.apps.autopilot",
        "Group support tickets, and find the knowledge that solves them.",
        AUTOPILOT_EXTRA,
    ),
    Application(
        "drafts", "control_plane.apps.drafts", "Reply to customers with drafts that people decide.", DRAFTS_EXTRA
    ),
    Application("rca", "control_plane.apps.rca", "Find why two systems disagree about a metric.", RCA_EXTRA),
)


@cache
def _offers(application: Application, module: str) -> bool:
    return is_installed(application.extra) and find_spec(f"{application.package}.{module}") is not None


def offered(module: str, value: str) -> list[Any]:
    """The list `value` in this module of each application, as one list for all applications."""
    return [
        each for application in APPLICATIONS if application.offers(module) for each in application.load(module, value)
    ]


def event_types() -> dict[str, str]:
    """The types of the events of all applications, each with its description."""
    return dict(offered("events", "EVENT_TYPES"))
