"""Reads `queries.sql` files: each query stands under `-- name: …`."""

import re
from functools import cache
from importlib.resources import files


@cache
def read_queries(package: str) -> dict[str, str]:
    """The queries of `queries.sql` in this package, by name."""
    text = files(package).joinpath("queries.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return {name: body.strip().removesuffix(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}
