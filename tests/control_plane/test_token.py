"""`token mint` makes tokens for one tenant of the local stack, and `token verify` shows what a token contains."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jwt
import pytest
from typer.testing import CliRunner, Result

from control_plane.__main__ import app
from services.database.rest import RestStack
from services.database.rest.keys import Keys, load_or_create_keys
from services.database.schema.migrate import seed
from services.errors import ControlPlaneError, InvalidInput, NotReady, SettingsError

pytestmark = pytest.mark.usefixtures("bare")

ACME = "11111111-1111-4111-8111-111111111111"
USER = "77777777-7777-4777-8777-777777777777"
HOSTED = "https://abcdefghijklmnopqrst.supabase.co"
JWT_SECRET = "of no project, and longer than thirty-two bytes"  # noqa: S105

Token = Callable[..., str]


def token(*words: str, stdin: str | None = None) -> str:
    """The output of `token …`. Its errors are raised."""
    result: Result = CliRunner().invoke(app, ["token", *words], input=stdin)
    if isinstance(result.exception, ControlPlaneError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def stack_here(rest: RestStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RestStack:
    """A running local stack, with its keys in this folder and its variables in the environment."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "rest-keys.json").write_text(json.dumps(vars(rest.keys)))
    monkeypatch.setenv("SUPABASE_URL", rest.url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", rest.keys.secret)
    monkeypatch.setenv("SUPABASE_JWT_SECRET", rest.keys.jwt_secret)
    return rest


def test_a_minted_token_reads_its_tenant_on_the_local_stack(stack_here: RestStack, database_url: str) -> None:
    seed(database_url, say=lambda _: None)
    minted = token("mint", "--tenant", ACME)
    headers = {"apikey": stack_here.keys.publishable, "Authorization": f"Bearer {minted}"}
    seen = httpx.get(f"{stack_here.url}/rest/v1/tenants?select=name", headers=headers, timeout=60)
    assert seen.json() == [{"name": "Acme Robotics"}]


@pytest.mark.parametrize("mode", ["jwks", "hs256"])
def test_verify_prints_tenant_role_and_user_of_a_minted_token(
    stack_here: RestStack, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    assert stack_here.url
    monkeypatch.setenv("ACP_JWT_MODE", mode)
    minted = token("mint", "--tenant", ACME, "--sub", USER, "--for", "30m")
    told = token("verify", minted)
    assert told.startswith(f"tenant {ACME}  member  authenticated {USER}  until ")
    caller = json.loads(token("verify", "-", "--json", stdin=f"{minted}\n"))
    assert (caller["tenant_id"], caller["subject"], caller["role"]) == (ACME, USER, "authenticated")
    assert datetime.fromisoformat(caller["expires_at"]) > datetime.now(UTC)


def test_a_token_can_have_the_role_of_the_worker(stack_here: RestStack) -> None:
    minted = token("mint", "--tenant", ACME, "--role", "outbox_worker")
    headers = {"apikey": stack_here.keys.publishable, "Authorization": f"Bearer {minted}"}
    called = httpx.post(
        f"{stack_here.url}/rest/v1/rpc/due_in", headers={**headers, "Content-Profile": "worker_api"}, timeout=60
    )
    assert called.status_code == 200


@pytest.mark.parametrize(("lives_for", "seconds"), [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)])
def test_a_token_expires_after_the_requested_time(tmp_path: Path, lives_for: str, seconds: int) -> None:
    load_or_create_keys(tmp_path / ".local")
    claims = jwt.decode(token("mint", "--tenant", ACME, "--for", lives_for), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == seconds
    assert claims["iss"] == "http://127.0.0.1:54321/auth/v1"


@pytest.mark.parametrize("lives_for", ["1", "h", "-1h", "1.5h", "1y", "9999999s"])
def test_an_invalid_span_is_refused(tmp_path: Path, lives_for: str) -> None:
    load_or_create_keys(tmp_path / ".local")
    with pytest.raises(InvalidInput, match="--for: must be a number and a unit"):
        token("mint", "--tenant", ACME, "--for", lives_for)


def test_without_a_local_stack_the_command_that_starts_one_is_named() -> None:
    with pytest.raises(NotReady, match="no local stack yet: run: python -m control_plane db up --with-rest"):
        token("mint", "--tenant", ACME)


def test_no_token_is_minted_for_a_hosted_project_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load_or_create_keys(tmp_path / ".local")
    monkeypatch.setenv("SUPABASE_URL", HOSTED)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_of_the_hosted_project")
    with pytest.raises(SettingsError, match="SUPABASE_JWT_SECRET: missing"):
        token("mint", "--tenant", ACME)

    monkeypatch.setenv("SUPABASE_JWT_SECRET", JWT_SECRET)
    claims = jwt.decode(token("mint", "--tenant", ACME), JWT_SECRET, algorithms=["HS256"], audience="authenticated")
    assert (claims["iss"], claims["tenant_id"]) == (f"{HOSTED}/auth/v1", ACME)


def test_a_token_of_another_project_is_refused_with_the_reason(stack_here: RestStack) -> None:
    exp = int(datetime.now(UTC).timestamp()) + 60
    claims = {"iss": f"{stack_here.url}/auth/v1", "aud": "authenticated", "sub": USER, "tenant_id": ACME, "exp": exp}
    with pytest.raises(ControlPlaneError, match=r"^token: is signed with a key that the project does not publish$"):
        token("verify", Keys.generate().sign(claims))
    with pytest.raises(ControlPlaneError, match=r"^token: is not a JWT$"):
        token("verify", "-", stdin="")
