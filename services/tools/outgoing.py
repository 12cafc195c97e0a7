"""Where our own HTTP may go: to public addresses, and to those that the operator allows.

A tool's address comes from a catalog, which providers have a say in: it must not lead into the network we run in. The
check is made on the very address that is connected to, so a name that answers differently the second time gains
nothing. Redirects are followed nowhere.
"""

import asyncio
import math
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext, TLSVersion
from threading import Thread
from typing import Any, TypeVar

import httpx

P = TypeVar("P", bound=asyncio.Protocol)

NAT64 = IPv6Network("64:ff9b::/96")
SETTING = "ACP_ALLOWED_HOSTS"
FRESH_FOR = 1.0
"""Seconds that the addresses of a name are taken for granted, though never for allowed."""
MOST_NAMES = 1000
LOOKUPS_EACH = 4
"""At once, for each owner; a further name waits until one of these has ended."""

Address = IPv4Address | IPv6Address


class Refused(Exception):
    """Nothing was sent: the address is none that we go to. One line for people."""


class ConnectError(Exception):
    """Nothing was sent: the name does not resolve, nobody takes the connection, or TLS fails. One line for people."""


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


@lru_cache(maxsize=4096)
def split_port(entry: str) -> tuple[str, int | None]:
    """`host`, `host:8080`, `10.0.0.0/8`, `::1`, `[::1]:8080`."""
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", entry)
    found = bracketed or re.fullmatch(r"([^:]+):(\d+)", entry)
    return (found[1], int(found[2]) if found[2] else None) if found else (entry, None)


@lru_cache(maxsize=4096)
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


class Guard:
    """Connects to addresses it has checked itself, and nowhere else: the only way by which our own HTTP leaves."""

    def __init__(self, allowed: AllowedHosts) -> None:
        self._allowed = allowed
        self._names = Names()

    async def connect(
        self, protocol: Callable[[], P], host: str, port: int, *, tls: SSLContext | None, owner: Hashable
    ) -> P:
        """Raises Refused or ConnectError, both before anything is sent. A certificate must be valid for `host`.

        Every address of the name must be fit; they are tried in their order. `owner` is on whose behalf we ask.
        """
        addresses = await self._names.addresses(host, owner=owner)
        for address in addresses:
            kind = why_not(address)
            if kind is not None and (host, port, address) not in self._allowed:
                raise Refused(f"{host} is a {kind} address; name it in {SETTING} if calls may go there")
        name = host.rstrip(".") if tls else None  # certificates hold names without the last dot
        problem: Exception | None = None
        for address in addresses:
            try:
                _, connected = await asyncio.get_running_loop().create_connection(
                    protocol, str(address), port, ssl=tls, server_hostname=name
                )
            except (OSError, ValueError) as exc:  # ValueError: a name that no certificate can hold
                problem = exc
            else:
                return connected
        raise ConnectError(str(problem or f"{host} has no address"))


def tls_context() -> SSLContext:
    """Certificates are checked against the authorities of the package `certifi`, whatever the environment says."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def resolve(host: str) -> list[Any]:
    """What the system's resolver says, as `socket.getaddrinfo` does; that may take it half a minute."""
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


class Names:
    """What names resolve to. Calls that ask at the same time, or soon after, share an answer, and each checks it.

    Each lookup has a thread of its own, and each owner only so many at once: nobody waits for another one's slow names.
    """

    def __init__(self) -> None:
        self._lookups: dict[str, tuple[float, asyncio.Future[list[Any]]]] = {}
        self._under_way: defaultdict[Hashable, set[asyncio.Future[list[Any]]]] = defaultdict(set)
        """By who began them, whoever shares them."""

    async def addresses(self, host: str, *, owner: Hashable) -> list[Address]:
        """Raises ConnectError for a name that has none. An address is its own, in the usual spelling."""
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        while (lookup := self._known(host)) is None and len(self._under_way.get(owner, ())) >= LOOKUPS_EACH:
            await asyncio.wait(self._under_way[owner], return_when=asyncio.FIRST_COMPLETED)
        try:  # a call that is called off must not end the lookup of others
            found = await asyncio.shield(lookup or self._begun(host, owner))
        except (OSError, UnicodeError) as exc:
            raise ConnectError(str(exc)) from exc
        return list(dict.fromkeys(ip_address(str(where[0]).partition("%")[0]) for *_, where in found))

    def _known(self, host: str) -> asyncio.Future[list[Any]] | None:
        began, lookup = self._lookups.get(host, (-math.inf, None))
        is_fresh = asyncio.get_running_loop().time() - began < FRESH_FOR
        return lookup if lookup is not None and (is_fresh or not lookup.done()) else None

    def _begun(self, host: str, owner: Hashable) -> asyncio.Future[list[Any]]:
        if len(self._lookups) >= MOST_NAMES:
            self._lookups.clear()
        loop = asyncio.get_running_loop()
        lookup: asyncio.Future[list[Any]] = loop.create_future()
        self._lookups[host] = loop.time(), lookup
        self._under_way[owner].add(lookup)

        def note_end(ended: asyncio.Future[list[Any]]) -> None:
            self._under_way[owner].discard(ended)
            if not self._under_way[owner]:
                del self._under_way[owner]
            if ended.exception() is not None:
                self._lookups.pop(host, None)

        lookup.add_done_callback(note_end)
        # No executor's: its threads would be waited for at the end of the process.
        Thread(target=_look_up, args=(host, lookup, loop), name=f"look up {host}", daemon=True).start()
        return lookup


def _look_up(host: str, lookup: asyncio.Future[list[Any]], loop: asyncio.AbstractEventLoop) -> None:
    try:
        found = resolve(host)
    except Exception as exc:  # whatever it is, who waits must hear of it
        tell = partial(lookup.set_exception, exc)
    else:
        tell = partial(lookup.set_result, found)
    with suppress(RuntimeError):  # the event loop is closed
        loop.call_soon_threadsafe(tell)
