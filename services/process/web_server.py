"""A uvicorn server inside a program that handles signals itself."""

import contextlib
from collections.abc import Generator

import uvicorn


class Server(uvicorn.Server):
    """Installs no signal handlers. Set `should_exit` to stop it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to the program."""
        yield
