"""`python -m tests.bench.bare_api`: a FastAPI route that does one insert through a pool like ours, and nothing else."""

import json
import os
import socket
import sys
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel

from services.backends.database.transport.pool import asyncpg_url

POOL_SIZE = 8
"""As of `control_plane serve`."""


class Body(BaseModel):
    """What the bench proposes."""

    tool_slug: str
    external_id: str
    arguments: dict[str, Any]
    trust_context: dict[str, Any]


class Answer(BaseModel):
    id: UUID


async def main() -> None:
    """Serve until the process is ended."""
    async with asyncpg.create_pool(asyncpg_url(os.environ["DATABASE_URL"]), min_size=1, max_size=POOL_SIZE) as pool:
        await pool.execute("create table bare (id uuid primary key, external_id text, tool_slug text, arguments jsonb)")
        app = FastAPI()

        @app.post("/v1/envelopes", status_code=201)
        async def insert(body: Body) -> Answer:
            row_id = uuid4()
            await pool.execute(
                "insert into bare values ($1, $2, $3, $4)", row_id, body.external_id, body.tool_slug,
                json.dumps(body.arguments),
            )  # fmt: skip
            return Answer(id=row_id)

        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", access_log=False, log_config=None, ws="none")
        sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stderr.flush()
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(main())  # as `control_plane serve`
