"""The ETag of a draft: its version and digest. A change names what its author was shown."""

import re
from typing import Annotated

from fastapi import Header

from control_plane.api.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(description="The ETag of the draft that you were shown. If it has changed: 409, with who and when."),
]
_ETAG_PATTERN = re.compile(r'"([1-9][0-9]{0,8})-([0-9a-f]{64})"')


def write_etag(version: int, digest: str) -> str:
    """The ETag of this version."""
    return f'"{version}-{digest}"'


def read_etag(if_match: str | None) -> tuple[int, str]:
    """Read version and digest from the header. Raises Problem 428 without the header, and 412 if it is not the ETag of
    a draft."""
    if if_match is None:
        raise Problem(428, "if-match: is required: send the ETag of the draft that you read")
    found = _ETAG_PATTERN.fullmatch(if_match.strip())
    if found is None:
        raise Problem(412, "if-match: is not the ETag of a draft; read the draft again")
    return int(found[1]), found[2]
