"""pyproject.toml and the error for a missing part name the same extra."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app as control_plane
from control_plane.apps import APPLICATIONS
from control_plane.cli.demo import EXTRA as DEMO
from control_plane.text.embeddings import EMBEDDINGS_EXTRA
from services.distribution import (
    API_EXTRA,
    CONSOLE_EXTRA,
    EMBEDDED_EXTRA,
    LOCAL_REST_EXTRA,
    PACKAGE_NAME,
    VERSION,
    require,
)
from services.errors import NotReady
from services.tools.amqp import AMQP
from services.tools.registry import PROVIDERS
from tests.docs.pages import ROOT
from worker.outbox import app as worker

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL: dict[str, list[str]] = PROJECT["optional-dependencies"]


OF_PROVIDERS = [spec.extra for spec in PROVIDERS.values() if spec.extra is not None]
OF_APPLICATIONS = [application.extra for application in APPLICATIONS]
EXTRAS = {
    extra.name: extra
    for extra in (
        API_EXTRA, CONSOLE_EXTRA, EMBEDDED_EXTRA, EMBEDDINGS_EXTRA, LOCAL_REST_EXTRA, DEMO, *OF_PROVIDERS,
        *OF_APPLICATIONS,
    )
}  # fmt: skip


def _packages(extra: str) -> set[str]:
    found: set[str] = set()
    for requirement in OPTIONAL[extra]:
        own = re.fullmatch(rf"{PACKAGE_NAME}\[(.+)\]", requirement)
        names = [_packages(inner) for inner in own[1].split(",")] if own else [{re.split(r"[>=<]", requirement)[0]}]
        found = found.union(*names)
    return found


def test_the_distribution_has_the_name_of_the_project() -> None:
    assert PROJECT["name"] == PACKAGE_NAME


@pytest.mark.parametrize("extra", sorted(OPTIONAL.keys() - {"all"}))
def test_an_extra_is_missing_if_one_of_its_packages_is_missing(extra: str) -> None:
    brought = packages_distributions()
    assert {brought[module][0].lower() for module in EXTRAS[extra].modules} == _packages(extra)


def test_the_extra_all_includes_every_other_extra() -> None:
    assert EXTRAS.keys() == OPTIONAL.keys() - {"all"}
    [everything] = OPTIONAL["all"]
    assert set(everything.removeprefix(f"{PACKAGE_NAME}[").removesuffix("]").split(",")) == EXTRAS.keys()


def test_the_error_for_a_missing_part_is_one_line_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AMQP.extra is not None
    require(AMQP.extra)
    monkeypatch.setitem(sys.modules, "aiormq", None)
    with pytest.raises(NotReady) as raised:
        require(AMQP.extra, otherwise="set ACP_OTHER")
    assert str(raised.value) == (
        f"AMQP is not installed (missing: aiormq): pip install '{PACKAGE_NAME}[amqp]', or set ACP_OTHER"
    )


@pytest.mark.parametrize("app", [control_plane, worker])
def test_every_command_line_prints_its_version(app: Any) -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"{PACKAGE_NAME} {VERSION}\n"


@pytest.mark.parametrize("package", ["services", "worker", "control_plane"])
def test_every_package_is_marked_as_typed(package: str) -> None:
    assert (Path(ROOT) / package / "py.typed").exists()
