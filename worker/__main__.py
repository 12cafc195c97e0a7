"""Entry point of the command `outbox-worker`, the same as `python -m worker.outbox`."""

from services.process import garbage, signals


def main() -> None:
    """Run the command line."""
    signals.install_handlers(("start",))  # before the slow imports
    garbage.collect_rarely()
    from worker.outbox import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
