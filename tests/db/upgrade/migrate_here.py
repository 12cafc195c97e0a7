"""A pytest plugin for the tests of a release: this version migrates the databases that they make."""

import subprocess
import sys
from pathlib import Path

from services.database.schema import migrate as module

ROOT = Path(__file__).parents[3]
MIGRATE = "import sys; from services.database.schema.migrate import migrate; migrate(sys.argv[1], say=lambda _: None)"


def migrate_here(url: str, **_: object) -> None:
    """Migrate the database at this URL by the files of this version."""
    subprocess.run([sys.executable, "-c", MIGRATE, url], cwd=ROOT, check=True)


vars(module)["migrate"] = migrate_here  # before the release's conftest imports it
