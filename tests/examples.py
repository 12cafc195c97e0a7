"""How many generated cases a test tries."""

import pytest


def few_or_many(few: int, many: int) -> pytest.MarkDecorator:
    """Run the test with `few` as its argument `examples`, and with `many` among the slow tests."""
    return pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])
