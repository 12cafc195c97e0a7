"""The commands of applications: a group for each, which is imported when somebody uses it."""

from collections.abc import MutableMapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from control_plane.apps import Application


def commands_of(application: Application) -> typer.Typer:
    """The group of commands of this application. Raises NotReady, when it is used, if its extra is not installed."""

    class Group(TyperGroup):
        @property
        def commands(self) -> MutableMapping[str, Any]:
            return get_group(application.load("commands", "app")).commands

        @commands.setter
        def commands(self, _none: MutableMapping[str, Any]) -> None:
            """Does nothing: Typer sets an empty mapping, and the getter loads the commands."""

    return typer.Typer(cls=Group, no_args_is_help=True, help=application.summary)
