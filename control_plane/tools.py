"""The way out, as the settings say."""

from control_plane.settings import Settings
from services.tools.providers import Tools

CONCURRENCY = 8
"""Calls that listings and scans make at once."""


def tools_of(settings: Settings) -> Tools:
    """For what reads: listings, health and scans. The worker has its own, as wide as its concurrency."""
    return Tools(
        http_secrets=settings.webhook_secrets,
        mcp_servers=settings.mcp_servers,
        composio_api_key=settings.composio_api_key,
        composio_base_url=str(settings.composio_base_url) if settings.composio_base_url else None,
        amqp_brokers=settings.amqp_brokers,
        allowed_hosts=settings.allowed_hosts,
        concurrency=CONCURRENCY,
    )
