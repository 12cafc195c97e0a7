"""Detect dead connections with TCP keepalive."""

import socket

import asyncpg

KEEPALIVE_OPTIONS = {
    name: value
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 15_000))
    if hasattr(socket, name)  # some systems lack some options
}
"""Send the first probe after 15 s without traffic and then one every 5 s; close the connection after three unanswered
probes, or when sent data is not acknowledged for 15,000 ms."""


def enable_keepalive(connection: "asyncpg.Connection") -> None:
    """Make the system close this connection when the server stops answering. Does nothing for a Unix socket."""
    tcp = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # noqa: SLF001  # the driver has no option
    if tcp.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE_OPTIONS.items():
        tcp.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
