"""Restrict the addresses to which our own HTTP calls may connect: public ones, and those that the operator allows.

A tool's URL comes from the catalog, which providers can influence: it must not reach into our own network. The check
is made on the IP address that is then connected to, so a host name that resolves differently the second time cannot
bypass the check. Redirects are not followed.
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
ALLOWED_HOSTS_SETTING = "ACP_ALLOWED_HOSTS"
FRESH_FOR = 1.0
"""Seconds for which the addresses of a name are reused. Whether they are allowed is checked for every connection."""
MAX_NAMES = 1000
LOOKUPS_PER_OWNER = 4
"""Lookups that one owner may have running at the same time; the next one waits until one of them has ended."""

Address = IPv4Address | IPv6Address


class AddressNotAllowed(Exception):
    """Calls may not go to this address; nothing was sent. The message is one line for people."""


class ConnectError(Exception):
    """The name does not resolve, the host refuses the connection, or TLS fails; nothing was sent. The message is one
    line for people."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts, addresses and networks that are allowed besides the public ones; `host:port` allows only that port."""

    entries: tuple[str, ...] = ()

    def __contains__(self, target: tuple[str, int, Address | None]) -> bool:
        host, port, address = target
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
    """Host and port (None without one) of an entry: `host`, `host:8080`, `10.0.0.0/8`, `::1`, `[::1]:8080`."""
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", entry)
    found = bracketed or re.fullmatch(r"([^:]+):(\d+)", entry)
    return (found[1], int(found[2]) if found[2] else None) if found else (entry, None)


@lru_cache(maxsize=4096)
def non_public_kind(address: Address) -> str | None:
    """The kind of a non-public address, such as `loopback`; None for a public one. Pure.

    An IPv6 address that contains an IPv4 address (IPv4-mapped, 6to4, Teredo, NAT64) is judged by the IPv4 address.
    """
    inner = _embedded_ipv4(address)
    if inner is not None:
        return non_public_kind(inner)
    for kind in ("loopback", "link_local", "site_local", "multicast", "unspecified", "private", "reserved"):
        if getattr(address, f"is_{kind}", False):  # IPv4 addresses have no is_site_local
            return kind.replace("_", "-")
    return None if address.is_global else "not public"


def _embedded_ipv4(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class Connector:
    """Opens connections to allowed addresses only. All of our own HTTP calls use it."""

    def __init__(self, allowed: AllowedHosts) -> None:
        self._allowed = allowed
        self._lookups = AddressLookups()

    async def connect(
        self, protocol: Callable[[], P], host: str, port: int, *, tls: SSLContext | None, owner: Hashable
    ) -> P:
        """Connect to the first reachable address of `host`; with `tls` the certificate must be valid for `host`.

        Raises AddressNotAllowed when any address of the name is not allowed, ConnectError when none is reachable; both
        before anything is sent. LOOKUPS_PER_OWNER limits the lookups of each `owner`.
        """
        addresses = await self._lookups.addresses(host, owner=owner)
        for address in addresses:
            kind = non_public_kind(address)
            if kind is not None and (host, port, address) not in self._allowed:
                raise AddressNotAllowed(
                    f"{host} is a {kind} address; name it in {ALLOWED_HOSTS_SETTING} if calls may go there"
                )
        name = host.rstrip(".") if tls else None  # certificates contain host names without a final dot
        problem: Exception | None = None
        for address in addresses:
            try:
                _, connected = await asyncio.get_running_loop().create_connection(
                    protocol, str(address), port, ssl=tls, server_hostname=name
                )
            except (OSError, ValueError) as exc:  # ValueError: a name that no certificate can have
                problem = exc
            else:
                return connected
        raise ConnectError(str(problem or f"{host} has no address"))


def tls_context() -> SSLContext:
    """A context that trusts the authorities of the package `certifi` and ignores environment variables."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = TLSVersion.TLSv1_2
    return context


def resolve(host: str) -> list[Any]:
    """The answer of `socket.getaddrinfo`; it may block for half a minute."""
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


class AddressLookups:
    """Looks up the addresses of host names. Calls for one name share a lookup while it runs, and until FRESH_FOR after
    its start.

    Each lookup has its own thread, and LOOKUPS_PER_OWNER limits each owner, so no owner waits for the slow names of
    another.
    """

    def __init__(self) -> None:
        self._lookups: dict[str, tuple[float, asyncio.Future[list[Any]]]] = {}
        self._running: defaultdict[Hashable, set[asyncio.Future[list[Any]]]] = defaultdict(set)
        """Running lookups by the owner that started them."""

    async def addresses(self, host: str, *, owner: Hashable) -> list[Address]:
        """The addresses of `host`, which may be an IP address itself. Raises ConnectError when there are none."""
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        while (lookup := self._usable_lookup(host)) is None and len(self._running.get(owner, ())) >= LOOKUPS_PER_OWNER:
            await asyncio.wait(self._running[owner], return_when=asyncio.FIRST_COMPLETED)
        try:  # shielded, because other calls share this lookup: it must go on if this call is cancelled
            found = await asyncio.shield(lookup or self._start_lookup(host, owner))
        except (OSError, UnicodeError) as exc:
            raise ConnectError(str(exc)) from exc
        return list(dict.fromkeys(ip_address(str(socket_address[0]).partition("%")[0]) for *_, socket_address in found))

    def _usable_lookup(self, host: str) -> asyncio.Future[list[Any]] | None:
        started_at, lookup = self._lookups.get(host, (-math.inf, None))
        is_fresh = asyncio.get_running_loop().time() - started_at < FRESH_FOR
        return lookup if lookup is not None and (is_fresh or not lookup.done()) else None

    def _start_lookup(self, host: str, owner: Hashable) -> asyncio.Future[list[Any]]:
        if len(self._lookups) >= MAX_NAMES:
            self._lookups.clear()
        loop = asyncio.get_running_loop()
        lookup: asyncio.Future[list[Any]] = loop.create_future()
        self._lookups[host] = loop.time(), lookup
        self._running[owner].add(lookup)

        def on_lookup_end(ended: asyncio.Future[list[Any]]) -> None:
            self._running[owner].discard(ended)
            if not self._running[owner]:
                del self._running[owner]
            if ended.exception() is not None:
                self._lookups.pop(host, None)

        lookup.add_done_callback(on_lookup_end)
        # A daemon thread, because the process must not wait for slow lookups when it ends. For the threads of an
        # executor, a process waits.
        Thread(target=_resolve_in_thread, args=(host, lookup, loop), name=f"look up {host}", daemon=True).start()
        return lookup


def _resolve_in_thread(host: str, lookup: asyncio.Future[list[Any]], loop: asyncio.AbstractEventLoop) -> None:
    try:
        found = resolve(host)
    except Exception as exc:  # any error must reach the callers that wait for this lookup
        set_answer = partial(lookup.set_exception, exc)
    else:
        set_answer = partial(lookup.set_result, found)
    with suppress(RuntimeError):  # the event loop is closed
        loop.call_soon_threadsafe(set_answer)
