"""Styles and scripts, from memory. Their URL has a hash of the content, so browsers keep them for ever."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from control_plane import apps
from control_plane.console.paths import ROOT

FOLDER = Path(__file__).with_name("static")
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, uncompressed and compressed."""

    digest: str
    media_type: str
    plain: bytes
    zipped: bytes


@cache
def static_files() -> dict[str, StaticFile]:
    """All files by their path below `static`. The paths of an application's files begin with its name."""
    folders = {"": FOLDER, **{f"{each.name}/": each.folder / "static" for each in apps.APPLICATIONS}}
    files = {}
    for prefix, folder in folders.items():
        for path in folder.rglob("*"):
            if path.suffix in MEDIA_TYPES:
                content = path.read_bytes()
                files[prefix + path.relative_to(folder).as_posix()] = StaticFile(
                    hashlib.sha256(content).hexdigest()[:12], MEDIA_TYPES[path.suffix], content,
                    gzip.compress(content, 9),
                )  # fmt: skip
    return files


def static_url(name: str) -> str:
    """The URL of this file."""
    return f"{ROOT}/static/{static_files()[name].digest}/{name}"


def serve_static(request: Request, digest: str, name: str) -> Response:
    """Serve the file. 404 for a file of an older version, for which a page of that version may ask."""
    file = static_files().get(name)
    if file is None or file.digest != digest:
        raise HTTPException(404)
    is_zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    return Response(
        file.zipped if is_zipped else file.plain,
        headers={**headers, "Content-Encoding": "gzip"} if is_zipped else headers, media_type=file.media_type,
    )  # fmt: skip
