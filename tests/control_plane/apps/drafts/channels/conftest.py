"""A real mail server for the tests of channels."""

import os
from collections.abc import Iterator

import pytest

from tests.control_plane.apps.drafts.channels.dovecot import Dovecot, dovecot, is_installed
from tests.tools.conftest import authority

__all__ = ["authority", "imap_server"]


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """A real Dovecot. Each test uses mailboxes of its own. Skips the test if it is not installed."""
    if not is_installed():
        assert os.environ.get("REQUIRE_REAL") != "1", "REQUIRE_REAL=1, but dovecot is not installed"
        pytest.skip("dovecot is not installed")
    with dovecot() as server:
        yield server
