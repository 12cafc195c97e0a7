"""Let the AMQP client read every message, whatever its properties contain.

The client cannot read a time after the year 9999, as from a sender that counts nanoseconds, or an id that is not UTF-8.
It would then close the connection, and the broker would send the message again first, so that no later message of any
tenant would be read.
"""

from datetime import UTC, datetime

from pamqp import decode

UNREADABLE_TIME = datetime.fromtimestamp(0, UTC)
"""In place of a time that cannot be read."""


def read_any_properties() -> None:
    """From now on, the client of this process reads all properties."""
    decode.METHODS["timestamp"] = decode.TABLE_MAPPING[b"T"] = _read_time
    decode.METHODS["shortstr"] = _read_text


def _read_time(value: bytes) -> tuple[int, datetime]:
    try:
        return decode.timestamp(value)
    except (ValueError, OverflowError, OSError):
        return 8, UNREADABLE_TIME


def _read_text(value: bytes) -> tuple[int, str]:
    end = 1 + value[0]
    return end, value[1:end].decode(errors="replace")
