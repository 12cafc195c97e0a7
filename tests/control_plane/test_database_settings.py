"""Which database the settings choose, and the one-line error for each mistake in them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from control_plane.settings import read_settings
from services.backends.choice import Choice, EmbeddedDatabase, PostgresDatabase, SupabaseProject
from services.database.rest.tokens import mint_jwt
from services.errors import SettingsError

pytestmark = pytest.mark.usefixtures("bare")

PROJECT = "https://abcdefghijklmnopqrst.supabase.co"
POOLER = "postgresql://postgres.abc:hunter2@pooler.example:5432/postgres"
SECRET_KEY = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"  # noqa: S105  # of no project
PUBLISHABLE_KEY = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH"
JWT_SECRET = "of no project, and longer than thirty-two bytes"  # noqa: S105


def legacy(role: str, *, lives_for: timedelta = timedelta(days=3650)) -> str:
    """A legacy key, which is a JWT."""
    return mint_jwt(JWT_SECRET, role=role, lives_for=lives_for, iss="supabase")


def chosen(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Choice:
    """The database that these variables choose."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return read_settings().chosen_database()


def problem(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """The error for these variables. Checks that it contains no secret."""
    with pytest.raises(SettingsError) as refused:
        chosen(monkeypatch, **environment)
    said = str(refused.value)
    assert "\n" not in said
    assert not [value for name, value in environment.items() if "URL" not in name and len(value) > 20 and value in said]
    assert "hunter2" not in said
    return said


def test_without_settings_the_embedded_database_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch) == EmbeddedDatabase(Path(".local"))


def test_a_database_url_chooses_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch, DATABASE_URL=POOLER) == PostgresDatabase(POOLER)
    replica = POOLER.replace("pooler", "replica")
    assert chosen(monkeypatch, DATABASE_URL_RO=replica) == PostgresDatabase(POOLER, replica)


@pytest.mark.parametrize("name", ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"])
@pytest.mark.parametrize("key", [SECRET_KEY, legacy("service_role")], ids=["opaque", "legacy"])
def test_a_project_with_its_secret_key_chooses_the_data_api(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    assert chosen(monkeypatch, SUPABASE_URL=f"{PROJECT}/", **{name: key}) == SupabaseProject(PROJECT, key)


def test_a_project_with_a_key_and_a_database_url_chooses_the_api_and_sql_uses_the_url(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY, "DATABASE_URL": POOLER}
    assert chosen(monkeypatch, **given) == SupabaseProject(PROJECT, SECRET_KEY)
    assert read_settings().sql_database_url() == POOLER


def test_a_project_without_a_key_leaves_the_connection_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"SUPABASE_URL": PROJECT, "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "DATABASE_URL": POOLER}
    assert chosen(monkeypatch, **given) == PostgresDatabase(POOLER)


def test_commands_that_run_sql_require_a_database_url_beside_a_project(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen(monkeypatch, SUPABASE_URL=PROJECT, SUPABASE_SECRET_KEY=SECRET_KEY)
    with pytest.raises(SettingsError, match="DATABASE_URL: missing: this command runs SQL"):
        read_settings().sql_database_url()


@pytest.mark.parametrize("name", ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"])
@pytest.mark.parametrize("key", [PUBLISHABLE_KEY, legacy("anon")], ids=["opaque", "legacy"])
def test_the_worker_can_use_jwts_that_it_signs_itself(monkeypatch: pytest.MonkeyPatch, name: str, key: str) -> None:
    given = {"SUPABASE_URL": PROJECT, "SUPABASE_JWT_SECRET": JWT_SECRET, "ACP_SUPABASE_ROLE": "outbox_worker"}
    project = chosen(monkeypatch, **given, **{name: key})
    assert isinstance(project, SupabaseProject)
    assert project.apikey == key
    assert project.bearer is not None
    claims = jwt.decode(project.bearer(), JWT_SECRET, algorithms=["HS256"], issuer=f"{PROJECT}/auth/v1")
    assert claims["role"] == "outbox_worker"
    assert claims["exp"] - claims["iat"] <= 900


def test_a_signed_jwt_of_the_worker_needs_the_publishable_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = legacy("outbox_worker")
    given = {"SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": key}
    assert problem(monkeypatch, **given).startswith("SUPABASE_PUBLISHABLE_KEY: missing: ")
    project = chosen(monkeypatch, SUPABASE_PUBLISHABLE_KEY=PUBLISHABLE_KEY)
    assert isinstance(project, SupabaseProject)
    assert project.apikey == PUBLISHABLE_KEY
    assert project.bearer is not None
    assert project.bearer() == key


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:54321", "http://localhost:8000", "http://kong:8000", "http://[::1]:1"]
)
def test_a_project_on_this_machine_or_its_network_may_be_used_without_tls(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert chosen(monkeypatch, SUPABASE_URL=url, SUPABASE_SECRET_KEY=SECRET_KEY) == SupabaseProject(url, SECRET_KEY)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "https://supabase.com/dashboard/project/abc",
            "is the URL of the dashboard: set the URL of the project, https://abc.supa",
        ),
        ("https://supabase.com/dashboard", f"is the URL of the dashboard: set the URL of the project, {PROJECT}"),
        (f"{PROJECT}/rest/v1", f"must end after the host: set {PROJECT}"),
        (f"{PROJECT}/rest/v1/", f"must end after the host: set {PROJECT}"),
        (f"{PROJECT}?apikey=x", f"must end after the host: set {PROJECT}"),
        (POOLER, "is the URL of a database: move it to DATABASE_URL"),
        ("http://abc.supabase.co", "must use TLS, because keys are sent to it: set https://abc.supabase.co"),
        ("abc.supabase.co", "is not a URL"),
        ("abcdefghijklmnopqrst", "is not a URL"),
        ("https://", "is not a URL"),
        ("https://u:hunter2@abc.supabase.co", "is not a URL"),
        ("https://abc.supabase.co:port", "is not a URL"),
        ("https://abc .supabase.co", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("ftp://abc.supabase.co", "is not a URL"),
    ],
)
def test_a_url_that_is_not_a_projects_is_refused_with_what_it_is(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    told = problem(monkeypatch, SUPABASE_URL=url, SUPABASE_SECRET_KEY=SECRET_KEY)
    assert told.startswith("SUPABASE_URL: ")
    assert said in told


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (PUBLISHABLE_KEY, "is the publishable key: copy the secret key"),
        (legacy("anon"), "is a key for role anon: copy the secret key"),
        (legacy("authenticated"), "is a key for role authenticated: copy the secret key"),
        (legacy("service_role", lives_for=timedelta(days=-1)), "expired on "),
        ("sbp_0123456789abcdef0123456789abcdef01234567", "is a personal access token"),
        ("sb_secret_", "is not a key"),
        ("sb_secret_with space", "is not a key"),
        ("your-key-here", "is not a key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJub25zZW5zZQ.c2lnbmVk", "is not a key"),
        ("eyJhbGciOiJIUzI1NiJ9.W10.c2lnbmVk", "is not a key"),
        (jwt.encode({"role": "service_role", "exp": 10**300}, JWT_SECRET, algorithm="HS256"), "is not a key"),
        (jwt.encode({"sub": "nobody"}, JWT_SECRET, algorithm="HS256"), "is not a key"),
        (f"{SECRET_KEY}\n{SECRET_KEY}", "is not a key"),
    ],
)
@pytest.mark.parametrize("name", ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"])
def test_a_key_that_is_not_a_secret_key_is_refused_with_what_it_is(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str, said: str
) -> None:
    told = problem(monkeypatch, SUPABASE_URL=PROJECT, **{name: key})
    assert told.startswith(f"{name}: {said}")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (SECRET_KEY, "is the secret key: move it to SUPABASE_SECRET_KEY"),
        (legacy("service_role"), "is a key for role service_role: copy the publishable key"),
        ("anon", "is not a key"),
    ],
)
@pytest.mark.parametrize("name", ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"])
def test_a_key_that_is_not_a_publishable_key_is_refused_with_what_it_is(
    monkeypatch: pytest.MonkeyPatch, name: str, key: str, said: str
) -> None:
    told = problem(monkeypatch, SUPABASE_URL=PROJECT, SUPABASE_SECRET_KEY=SECRET_KEY, **{name: key})
    assert told.startswith(f"{name}: {said}")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"SUPABASE_URL": PROJECT}, "SUPABASE_SECRET_KEY: missing, although SUPABASE_URL is set"),
        ({"SUPABASE_URL": PROJECT, "SUPABASE_ANON_KEY": PUBLISHABLE_KEY}, "SUPABASE_SECRET_KEY: missing"),
        ({"SUPABASE_SECRET_KEY": SECRET_KEY}, "SUPABASE_URL: missing, although a Supabase key is set"),
        ({"SUPABASE_SERVICE_ROLE_KEY": SECRET_KEY}, "SUPABASE_URL: missing, although a Supabase key is set"),
        ({"SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "DATABASE_URL": POOLER}, "SUPABASE_URL: missing, although"),
        ({"SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY, "SUPABASE_SERVICE_ROLE_KEY": SECRET_KEY + "2"},
         "SUPABASE_SECRET_KEY: differs from SUPABASE_SERVICE_ROLE_KEY, its legacy name: set only one of them"),
        ({"SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY, "SUPABASE_ANON_KEY": PUBLISHABLE_KEY,
          "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY + "2"},
         "SUPABASE_PUBLISHABLE_KEY: differs from SUPABASE_ANON_KEY, its legacy name: set only one of them"),
        ({"DATABASE_URL_RO": POOLER}, "DATABASE_URL_RO: requires DATABASE_URL"),
        ({"DATABASE_URL_RO": "replica", "DATABASE_URL": POOLER}, "DATABASE_URL_RO: must be a PostgreSQL URL"),
        ({"ACP_SUPABASE_ROLE": "outbox_worker"}, "ACP_SUPABASE_ROLE: outbox_worker needs SUPABASE_URL, "),
        ({"ACP_SUPABASE_ROLE": "outbox_worker", "SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY},
         "ACP_SUPABASE_ROLE: outbox_worker needs SUPABASE_URL, "),
        ({"ACP_SUPABASE_ROLE": "postgres"}, "ACP_SUPABASE_ROLE: "),
        ({"ACP_JWT_MODE": "hs256"}, "SUPABASE_JWT_SECRET: missing: ACP_JWT_MODE=hs256 verifies JWTs with it"),
        ({"ACP_JWT_MODE": "none"}, "ACP_JWT_MODE: "),
        ({"SUPABASE_JWT_SECRET": "short"}, "SUPABASE_JWT_SECRET: is too short"),
        ({"SUPABASE_JWT_SECRET": SECRET_KEY}, "SUPABASE_JWT_SECRET: is a key"),
        ({"SUPABASE_JWT_SECRET": legacy("service_role")}, "SUPABASE_JWT_SECRET: is a key"),
        ({"SUPABASE_SERVICE_KEY": SECRET_KEY},
         "SUPABASE_SERVICE_KEY: there is no such setting; did you mean SUPABASE_SECRET_KEY?"),
        ({"SUPABASE_PUBLISHBLE_KEY": PUBLISHABLE_KEY},
         "SUPABASE_PUBLISHBLE_KEY: there is no such setting; did you mean SUPABASE_PUBLISHABLE_KEY?"),
        ({"DATABASE_URL": POOLER, "ACP_SUPABASE_ROL": "x"}, "ACP_SUPABASE_ROL: there is no such setting; did you mean"),
    ],
)  # fmt: skip
def test_inconsistent_settings_are_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    assert problem(monkeypatch, **given).startswith(said)


def test_the_same_key_under_both_names_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY, "SUPABASE_SERVICE_ROLE_KEY": SECRET_KEY}
    assert chosen(monkeypatch, **given) == SupabaseProject(PROJECT, SECRET_KEY)


@pytest.mark.parametrize(
    "name",
    ["SUPABASE_ACCESS_TOKEN", "SUPABASE_DB_PASSWORD", "SUPABASE_PROJECT_ID", "SUPABASE_DB_URL", "SUPABASE_SECRET_KEYS",
     "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_JWKS", "SUPABASE_AUTH_SITE_URL", "SUPABASE_STORAGE_BUCKET", "SUPABASE_KEY"],
)  # fmt: skip
def test_variables_of_other_programs_are_allowed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert chosen(monkeypatch, **{name: "anything"}) == EmbeddedDatabase(Path(".local"))


def test_no_secret_is_shown_by_the_settings_or_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SUPABASE_URL": PROJECT, "SUPABASE_SECRET_KEY": SECRET_KEY, "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "SUPABASE_JWT_SECRET": JWT_SECRET, "DATABASE_URL": POOLER, "DATABASE_URL_RO": POOLER,
    }  # fmt: skip
    project = chosen(monkeypatch, **given)
    monkeypatch.setenv("ACP_SUPABASE_ROLE", "outbox_worker")
    shown = (
        f"{read_settings()!r} {project!r} {read_settings().chosen_database()!r} {PostgresDatabase(POOLER, POOLER)!r}"
    )
    assert not [secret for secret in (SECRET_KEY, PUBLISHABLE_KEY, JWT_SECRET, "hunter2") if secret in shown]


def test_a_short_lived_jwt_is_reused_and_renewed_in_time() -> None:
    from services.database.rest.tokens import RENEWED_AFTER, TOKEN_LIFETIME, token_source  # noqa: PLC0415

    now = datetime(2026, 1, 1, tzinfo=UTC)
    bearer = token_source(JWT_SECRET, role="outbox_worker", clock=lambda: now)
    first = bearer()
    now += RENEWED_AFTER - timedelta(seconds=1)
    assert bearer() == first
    served = jwt.decode(first, JWT_SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert served["exp"] > (now + timedelta(minutes=1)).timestamp()
    now += timedelta(seconds=1)
    second = bearer()
    assert second != first
    claims = jwt.decode(second, JWT_SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {"role": "outbox_worker", "iat": now.timestamp(), "exp": (now + TOKEN_LIFETIME).timestamp()}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:[hunter2]@127.0.0.1:1/x",
        "postgresql://u:Tr0ub4dor@hunter2@127.0.0.1:1/x",
        "postgresql://u:hunter2/x",
        "postgresql://u:p/hunter2@127.0.0.1:1/x",
    ],
)
def test_a_password_that_breaks_the_url_is_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL: ") as refused:
        read_settings()
    assert "hunter2" not in str(refused.value)
    assert "percent-encode" in str(refused.value)
