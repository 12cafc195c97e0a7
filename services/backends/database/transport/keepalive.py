"""Notice at the TCP level that the other side of a connection is gone."""

import socket

import asyncpg

OPTIONS = {
    name: value
    for name, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 15_000))
    if hasattr(socket, name)  # not everywhere
}
"""Probes after 15 s of silence, every 5 s, given up after three, as is what stays unacknowledged for 15 s (in ms)."""


def keep_alive(connection: "asyncpg.Connection") -> None:
    """So that a connection which nobody answers any more ends, instead of looking idle for ever."""
    reached = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # noqa: SLF001  # the driver has no option
    if reached.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    reached.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        reached.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
