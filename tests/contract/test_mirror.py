"""The memory backend has a file for every SQL function that a worker may call, and an adapter that calls it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SQL = ROOT / "db" / "functions" / "worker_api"
MEMORY = ROOT / "services" / "backends" / "memory"
NOT_MIRRORED = {
    "cause_of": "services/outbox/causes.py computes the same for every backend",
    "verdicts_of": "SQL keeps verdicts apart from the envelopes they are of; in memory they are one value",
}
"""Functions that the memory backend does not have, and why."""


def mirrors() -> dict[str, ast.Module]:
    """The files of `worker_api/` by name."""
    files = [file for file in (MEMORY / "worker_api").glob("*.py") if file.stem != "__init__"]
    return {file.stem: ast.parse(file.read_text(encoding="utf-8")) for file in files}


def public_functions(module: ast.Module) -> list[str]:
    return [node.name for node in module.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def test_every_function_of_worker_api_has_a_memory_file_or_a_reason() -> None:
    functions = {file.stem for file in SQL.glob("*.sql")}
    assert sorted([*mirrors(), *NOT_MIRRORED]) == sorted(functions)


def test_a_file_has_one_public_function_of_its_own_name() -> None:
    assert {name: public_functions(module) for name, module in mirrors().items()} == {
        name: [name] for name in mirrors()
    }


def test_every_function_in_memory_is_called_by_an_adapter() -> None:
    calls = {
        node.func.id
        for file in (MEMORY / "adapters").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert mirrors().keys() <= calls
