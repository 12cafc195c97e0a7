"""A real RabbitMQ with the three queues."""

from tests.tools.conftest import node

__all__ = ["node"]  # a fixture
