"""Entry point of `outbox-worker`: `python -m worker.outbox` by a name of its own."""

from services.process import signals


def main() -> None:
    """Run the command line."""
    signals.install_handlers(("start",))  # before anything that takes time to load
    from worker.outbox import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
