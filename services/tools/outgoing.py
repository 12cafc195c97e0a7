"""Where our own HTTP may go: to public addresses, and to those that the operator allows.

A tool's address comes from a catalog, which providers have a say in: it must not lead into the network we run in. The
check is made on the very address that is connected to, so a name that answers differently the second time gains
nothing. Redirects are followed nowhere.
"""

import asyncio
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx

NAT64 = IPv6Network("64:ff9b::/96")
SETTING = "ACP_ALLOWED_HOSTS"

Address = IPv4Address | IPv6Address


class Refused(Exception):
    """Nothing was sent: the address is none that we go to. One line for people."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts, addresses and networks that calls may go to beside the public ones; `host:port` allows that port alone."""

    entries: tuple[str, ...] = ()

    def __contains__(self, where: tuple[str, int, Address | None]) -> bool:
        host, port, address = where
        return any(self._covers(entry, host, port, address) for entry in self.entries)

    @staticmethod
    def _covers(entry: str, host: str, port: int, address: Address | None) -> bool:
        name, only_port = split_port(entry)
        if only_port is not None and only_port != port:
            return False
        if name.casefold().rstrip(".") == host.casefold().rstrip("."):
            return True
        try:
            return address is not None and address in ip_network(name, strict=False)
        except ValueError:
            return False


def split_port(entry: str) -> tuple[str, int | None]:
    """`host`, `host:8080`, `10.0.0.0/8`, `::1`, `[::1]:8080`."""
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", entry)
    found = bracketed or re.fullmatch(r"([^:]+):(\d+)", entry)
    return (found[1], int(found[2]) if found[2] else None) if found else (entry, None)


def why_not(address: Address) -> str | None:
    """What kind of address it is, if none that we go to. Pure.

    An address within an address, as IPv4-mapped, 6to4, Teredo and NAT64 ones hold it, counts as the inner one.
    """
    inner = _inner(address)
    if inner is not None:
        return why_not(inner)
    for kind in ("loopback", "link_local", "site_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(address, f"is_{kind}", False):  # IPv4 has no site-local ones
            return kind.replace("_", "-")
    return None if address.is_global else "not public"


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects as httpcore does, to addresses it has checked itself."""

    def __init__(self, allowed: AllowedHosts) -> None:
        self._allowed = allowed

    @cached_property
    def _inner(self) -> httpcore.AsyncNetworkBackend:
        return httpcore.AnyIOBackend()  # loads anyio, which a worker without HTTP tools never needs

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Refused before anything is sent. Every address of the name must be fit, and the first is taken."""
        addresses = await self._resolved(host, port)
        for address in addresses:
            kind = why_not(address)
            if kind is not None and (host, port, address) not in self._allowed:
                raise Refused(f"{host} is a {kind} address; name it in {SETTING} if calls may go there")
        problem: Exception | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError as exc:
                problem = exc
        raise problem or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002  # httpcore's own signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Nothing of ours goes there."""
        raise Refused(f"{path} is a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """As httpcore asks."""
        await self._inner.sleep(seconds)

    @staticmethod
    async def _resolved(host: str, port: int) -> list[Address]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        return list(dict.fromkeys(ip_address(str(where[0]).partition("%")[0]) for *_, where in found))


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a GuardedBackend, which it has no parameter for."""

    def __init__(self, allowed: AllowedHosts, *, limits: httpx.Limits) -> None:
        super().__init__(limits=limits, trust_env=False)
        self._pool._network_backend = GuardedBackend(allowed)  # noqa: SLF001
