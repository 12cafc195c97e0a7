"""A real Dovecot, on a free port and in a temporary folder, with one mailbox for each user who logs in."""

import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.tools.identity_server import IdentityServer

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "hush-hush"  # noqa: S105  # of the test server
STARTS_WITHIN = 60.0
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:~/Maildir
auth_mechanisms = plain xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%n
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  chroot =
}}
"""


_OAUTH_CONFIG = """
introspection_mode = post
introspection_url = {introspect_url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """One server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self.identities = IdentityServer()

    def start(self) -> None:
        """Start it; returns once it accepts connections."""
        # Dovecot never serves mail as root.
        user = pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("mail")
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        for path in (self._folder, home):
            path.chmod(0o755)
        if not os.getuid():
            os.chown(home, user.pw_uid, user.pw_gid)
        group = subprocess.check_output(["id", "-gn", user.pw_name], text=True).strip()
        config = self._folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=self._folder, user=user.pw_name, group=group, uid=user.pw_uid, gid=user.pw_gid, port=self.port,
                password=PASSWORD,
            ),
            encoding="utf-8",
        )  # fmt: skip
        (self._folder / "oauth2.conf").write_text(
            _OAUTH_CONFIG.format(introspect_url=f"{self.identities.url}/introspect"), encoding="utf-8"
        )
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", config], start_new_session=True)
        deadline = monotonic() + STARTS_WITHIN
        while not self._answers():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.05)
            if monotonic() > deadline or self._process.poll() is not None:
                log = self._folder / "log"
                raise RuntimeError(log.read_text(encoding="utf-8") if log.exists() else "Dovecot did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=STARTS_WITHIN)
            self._process = None
        self.identities.stop()

    def client(self, user: str) -> imaplib.IMAP4:
        """A connection with this user's login."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(user, PASSWORD)
        return client

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", at: float | None = None) -> None:
        """Put a mail into a folder of this user."""
        with self.client(user) as client:
            client.create(folder)
            status, answer = client.append(folder, "", None if at is None else imaplib.Time2Internaldate(at), raw)
            assert status == "OK", answer

    def renew(self, user: str, folder: str) -> None:
        """Delete the folder and make it again: its ids begin anew, under another UIDVALIDITY."""
        with self.client(user) as client:
            client.delete(folder)
            client.create(folder)

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The flags of all mails."""
        with self.client(user) as client:
            client.select(folder, readonly=True)
            _, answer = client.fetch("1:*", "(FLAGS)")
            return [line for line in answer if isinstance(line, bytes)]

    def count(self, user: str, folder: str = "INBOX") -> int:
        """How many mails are in the folder."""
        with self.client(user) as client:
            _, [number] = client.select(folder, readonly=True)
            return int(number or 0)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as peer:
                peer.settimeout(1)
                return peer.recv(4) == b"* OK"
        except OSError:
            return False


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A server that accepts connections."""
    with TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def is_installed() -> bool:
    return PROGRAM.exists() and shutil.which("id") is not None
