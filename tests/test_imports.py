"""The parts of the product have no import cycles."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPLIT = ("control_plane.apps", "services.backends", "services.database", "services.tools")
"""Folders whose subfolders and modules count as parts."""


def modules() -> dict[str, Path]:
    """Our modules, by dotted name."""
    files = [file for top in ("services", "worker", "control_plane") for file in (ROOT / top).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def part(module: str) -> str:
    """The part of the product that a module belongs to."""
    names = module.split(".")
    split = ".".join(names[:2]) in SPLIT
    return names[0] if names[0] == "worker" else ".".join(names[: 3 if split else 2])


def imported(file: Path, ours: dict[str, Path]) -> Iterator[str]:
    """Our modules that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in ours:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in ours else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in ours)


def test_imports_make_no_circle() -> None:
    ours = modules()
    needs: dict[str, set[str]] = {}
    for module, file in ours.items():
        needs.setdefault(part(module), set()).update(part(name) for name in imported(file, ours))
    for name, needed in needs.items():
        needed.discard(name)
    assert sum(map(len, needs.values())) > 100
    TopologicalSorter(needs).prepare()  # raises CycleError, which names the cycle
