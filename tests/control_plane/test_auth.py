"""Only a valid token of the project, for our audience and not expired, is accepted. Any other is refused with one
reason."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from control_plane.auth import REMEMBER_FOR, Verifier, make_verifier
from control_plane.published_keys import MAX_AGE, MAX_AGE_WITHOUT_ANSWER, MIN_FETCH_INTERVAL, PublishedKeys
from control_plane.settings import read_settings
from services.database.rest import RestStack
from services.database.rest.keys import Keys
from services.errors import NotAuthenticated, NotReady, SettingsError

ACME = "11111111-1111-4111-8111-111111111111"
BOREALIS = "22222222-2222-4222-8222-222222222222"
USER = "77777777-7777-4777-8777-777777777777"
SECRET = "a legacy secret of more than thirty-two bytes"  # noqa: S105  # does not belong to any project
OURS, OTHERS = Keys.generate(), Keys.generate()


@dataclass
class Jwks:
    """A project's JWKS endpoint that can rotate its keys, break and count."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: list(OURS.public_jwks()["keys"]))
    answer: str | None = None
    """The body to answer instead of the keys."""
    status: int = 200
    asked: int = 0


@pytest.fixture
def project() -> Iterator[Jwks]:
    """A project that publishes our key."""
    with serving(Jwks()) as jwks:
        yield jwks


@contextmanager
def serving(jwks: Jwks) -> Iterator[Jwks]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            jwks.asked += 1
            found = self.path == "/auth/v1/.well-known/jwks.json"
            body = (jwks.answer or json.dumps({"keys": jwks.keys})).encode()
            self.send_response(jwks.status if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
            """Tests say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        jwks.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield jwks
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env`."""
    monkeypatch.chdir(tmp_path)


def configured(url: str, **settings: Any) -> Verifier:
    """The verifier for these settings."""
    given = {"supabase_url": url, "supabase_secret_key": "sb_secret_x", **settings}
    return make_verifier(read_settings(**given))


def claims(project: Jwks, **changes: Any) -> dict[str, Any]:
    """What Supabase Auth writes into a user's token; a change to None leaves a claim out."""
    usual = {
        "iss": f"{project.url}/auth/v1", "aud": "authenticated", "sub": USER, "role": "authenticated",
        "tenant_id": ACME, "exp": int(time.time()) + 3600, "iat": int(time.time()),
    }  # fmt: skip
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


async def reason(verify: Verifier, token: str) -> str:
    """The reason for which a token is refused. Checks that the reason does not quote the token."""
    with pytest.raises(NotAuthenticated) as refused:
        await verify.verify(token)
    said = str(refused.value)
    assert said.startswith("token: ")
    assert "\n" not in said
    assert token not in said
    return said.removeprefix("token: ")


async def test_a_token_of_the_project_identifies_the_caller(project: Jwks) -> None:
    caller = await configured(project.url).verify(OURS.sign(claims(project, exp=2_000_000_000)))
    assert (caller.tenant_id, caller.subject, caller.role) == (UUID(ACME), USER, "authenticated")
    assert caller.expires_at.timestamp() == 2_000_000_000


async def test_a_project_may_sign_with_rsa(project: Jwks) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    project.keys.append({**public, "kid": "rsa", "alg": "RS256", "use": "sig"})
    token = jwt.encode(claims(project), key, algorithm="RS256", headers={"kid": "rsa"})
    assert (await configured(project.url).verify(token)).tenant_id == UUID(ACME)


async def test_tokens_of_the_local_stack_are_accepted(rest: RestStack) -> None:
    token = rest.keys.sign(claims(Jwks(rest.url)))
    assert (await configured(rest.url, supabase_secret_key=rest.keys.secret).verify(token)).tenant_id == UUID(ACME)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": 1_000_000_000}, "has expired: sign in again"),
        ({"nbf": 4_000_000_000}, "is not valid yet: check the clocks of both machines"),
        ({"aud": "anon"}, "is not issued for audience authenticated"),
        ({"aud": []}, "lacks the claim aud"),
        ({"exp": None}, "lacks the claim exp"),
        ({"sub": None}, "lacks the claim sub"),
        ({"aud": None}, "lacks the claim aud"),
        ({"iss": None}, "lacks the claim iss"),
        ({"role": None}, "lacks the claim role"),
        ({"sub": ""}, "lacks the claim sub"),
        ({"exp": "soon"}, "is not a JWT"),
        ({"tenant_id": None}, "lacks the claim tenant_id: enable the custom access token hook, which adds it"),
        ({"tenant_id": "acme"}, "the claim tenant_id is not a UUID"),
        ({"tenant_id": ACME.replace("-", "")}, "the claim tenant_id is not a UUID"),
        ({"tenant_id": [ACME]}, "the claim tenant_id is not a UUID"),
        ({"tenant_id": None, "app_metadata": {"tenant_id": ACME}},
         "lacks the claim tenant_id: enable the custom access token hook, which adds it"),
    ],
)  # fmt: skip
async def test_a_signed_token_with_a_wrong_claim_is_refused(project: Jwks, changes: dict[str, Any], why: str) -> None:
    assert await reason(configured(project.url), OURS.sign(claims(project, **changes))) == why


async def test_a_token_of_another_project_is_refused(project: Jwks) -> None:
    verify = configured(project.url)
    elsewhere = claims(project, iss="https://other.supabase.co/auth/v1")
    assert await reason(verify, OURS.sign(elsewhere)) == f"is not issued by {project.url}/auth/v1"
    assert (
        await reason(verify, OTHERS.sign(claims(project))) == "is signed with a key that the project does not publish"
    )


async def test_another_key_with_the_id_of_our_key_is_refused(project: Jwks) -> None:
    forged = jwt.encode(claims(project), OTHERS.signing_key, algorithm="ES256", headers={"kid": OURS.key_id})
    assert await reason(configured(project.url), forged) == "has a signature that does not match"


async def test_a_token_never_chooses_the_algorithm(project: Jwks) -> None:
    verify = configured(project.url, supabase_jwt_secret=SECRET)
    by_secret = jwt.encode(claims(project), SECRET, algorithm="HS256", headers={"kid": OURS.key_id})
    unsigned = jwt.encode(claims(project), "", algorithm="none", headers={"kid": OURS.key_id})
    for token in (by_secret, unsigned):
        assert await reason(verify, token) == "is not signed with ES256 or RS256"

    verify = configured(project.url, supabase_jwt_secret=SECRET, jwt_mode="hs256")
    assert await reason(verify, OURS.sign(claims(project))) == "is not signed with HS256"
    assert await reason(verify, unsigned) == "is not signed with HS256"


async def test_a_published_shared_secret_is_not_used(project: Jwks) -> None:
    project.keys = [key | {"kid": "oct"} for key in OURS.jwk_set()["keys"] if key["kty"] == "oct"] + project.keys
    token = jwt.encode(claims(project), OURS.jwt_secret, algorithm="HS256", headers={"kid": "oct"})
    assert await reason(configured(project.url), token) == "is not signed with ES256 or RS256"


async def test_the_legacy_secret_is_used_only_in_its_own_mode(project: Jwks) -> None:
    token = jwt.encode(claims(project), SECRET, algorithm="HS256")
    verify = configured(project.url, supabase_jwt_secret=SECRET, jwt_mode="hs256")
    assert (await verify.verify(token)).tenant_id == UUID(ACME)
    others = jwt.encode(claims(project), SECRET[::-1], algorithm="HS256")
    assert await reason(verify, others) == "has a signature that does not match"
    assert project.asked == 0


async def test_app_metadata_is_read_if_the_setting_allows_it_and_user_metadata_never(
    project: Jwks,
) -> None:
    verify = configured(project.url, tenant_from_app_metadata=True)
    told = claims(project, tenant_id=None, app_metadata={"tenant_id": ACME})
    assert (await verify.verify(OURS.sign(told))).tenant_id == UUID(ACME)
    both = claims(project, tenant_id=BOREALIS, app_metadata={"tenant_id": ACME})
    assert (await verify.verify(OURS.sign(both))).tenant_id == UUID(BOREALIS)
    theirs = claims(project, tenant_id=None, user_metadata={"tenant_id": ACME})
    assert (await reason(verify, OURS.sign(theirs))).startswith("lacks the claim tenant_id")
    odd = claims(project, tenant_id=None, app_metadata="acme")
    assert (await reason(verify, OURS.sign(odd))).startswith("lacks the claim tenant_id")


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "is not a JWT"),
        ("hello", "is not a JWT"),
        ("a.b.c", "is not a JWT"),
        ("é.é.é", "is not a JWT"),
        (jwt.utils.base64url_encode(b"[" * 5000).decode() + ".e30.e30", "is not a JWT"),
        ("e30.e30.e30", "is not signed with ES256 or RS256"),
        ("x" * 20_000, "is longer than 16384 characters"),
    ],
    ids=["empty", "a word", "three letters", "accents", "deep", "no header", "huge"],
)
async def test_a_text_that_is_not_a_token_is_refused(project: Jwks, token: str, why: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        await configured(project.url).verify(token)
    assert str(refused.value) == f"token: {why}"


async def test_a_token_without_a_key_id_is_refused(project: Jwks) -> None:
    for headers in ({}, {"kid": ["list"]}):
        parts = jwt.encode(claims(project), OURS.signing_key, algorithm="ES256").split(".")
        head = jwt.utils.base64url_encode(json.dumps({"alg": "ES256", **headers}).encode()).decode()
        with pytest.raises(NotAuthenticated):
            await configured(project.url).verify(".".join([head, *parts[1:]]))
    assert project.asked == 0


async def test_a_secret_in_a_short_token_is_not_repeated(project: Jwks) -> None:
    said = await reason(configured(project.url), OURS.sign(claims(project, tenant_id="hunter2")))
    assert "hunter2" not in said


def test_without_a_project_no_verifier_can_be_made() -> None:
    with pytest.raises(SettingsError, match="SUPABASE_URL: missing"):
        make_verifier(read_settings())


@dataclass
class Seconds:
    """A clock that stands still."""

    now: float = 0

    def __call__(self) -> float:
        return self.now


async def test_keys_are_fetched_when_first_needed_and_kept_for_a_while(project: Jwks) -> None:
    clock = Seconds()
    keys = PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=clock)
    assert project.asked == 0
    assert [await keys.find(OURS.key_id) is not None for _ in range(3)] == [True] * 3
    assert project.asked == 1
    clock.now += MAX_AGE + 1
    project.keys = OTHERS.public_jwks()["keys"]
    assert await keys.find(OURS.key_id) is None
    assert project.asked == 2


async def test_a_new_key_is_found_at_once_and_invented_key_ids_cause_no_requests(project: Jwks) -> None:
    clock = Seconds()
    keys = PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=clock)
    await keys.find(OURS.key_id)
    project.keys += OTHERS.public_jwks()["keys"]
    clock.now += MIN_FETCH_INTERVAL
    assert await keys.find(OTHERS.key_id) is not None
    for number in range(50):
        assert await keys.find(f"made up {number}") is None
    assert project.asked == 2
    clock.now += MIN_FETCH_INTERVAL
    assert await keys.find("made up") is None
    assert project.asked == 3


async def test_keys_stay_in_use_for_a_limited_time_while_the_project_does_not_answer(project: Jwks) -> None:
    clock = Seconds()
    keys = PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=clock)
    await keys.find(OURS.key_id)
    project.status = 500
    clock.now += MAX_AGE_WITHOUT_ANSWER
    assert await keys.find(OURS.key_id) is not None
    clock.now += MIN_FETCH_INTERVAL
    with pytest.raises(NotReady, match="cannot be fetched"):
        await keys.find(OURS.key_id)


async def test_an_unreachable_project_is_requested_only_at_intervals(project: Jwks) -> None:
    clock = Seconds()
    project.status = 503
    keys = PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=clock)
    for _ in range(5):
        with pytest.raises(NotReady):
            await keys.find(OURS.key_id)
    assert project.asked == 1
    project.status = 200
    clock.now += MIN_FETCH_INTERVAL
    assert await keys.find(OURS.key_id) is not None


async def test_an_unusable_key_does_not_hide_the_others(project: Jwks) -> None:
    odd: list[Any] = [
        "nonsense",
        None,
        {"kty": "EC"},
        {"kty": "new", "kid": "new"},
        {"kty": "oct", "k": "eA", "kid": "a"},
    ]
    project.keys = odd + project.keys
    keys = PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=Seconds())
    assert [await keys.find(kid) is not None for kid in ("a", "new", OURS.key_id)] == [False, False, True]


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"keys": null}', "{}"])
async def test_an_answer_that_is_not_a_jwks_counts_as_no_answer(project: Jwks, answer: str) -> None:
    project.answer = answer
    with pytest.raises(NotReady):
        await PublishedKeys(f"{project.url}/auth/v1/.well-known/jwks.json", clock=Seconds()).find("a")


async def test_the_error_for_an_unreachable_project_names_the_address() -> None:
    with pytest.raises(NotReady, match=r"http://127.0.0.1:9/auth/v1/.well-known/jwks.json: cannot be fetched"):
        await configured("http://127.0.0.1:9").verify(OURS.sign(claims(Jwks("http://127.0.0.1:9"))))


async def test_a_token_is_verified_again_after_a_while_and_at_once_when_it_has_expired(project: Jwks) -> None:
    clock, verified = Seconds(), list[tuple[str, float]]()
    [public] = OURS.public_jwks()["keys"]

    async def find_key(token: str) -> jwt.PyJWK:
        verified.append((token, clock.now))
        return jwt.PyJWK(public)

    verifier = Verifier(f"{project.url}/auth/v1", find_key, ("ES256",), clock=clock)
    valid, over = (OURS.sign(claims(project, exp=int(time.time()) + seconds)) for seconds in (3600, -1))
    for clock.now in (0, REMEMBER_FOR - 1, REMEMBER_FOR):
        for token in (valid, over):  # the clocks of issuer and verifier may differ, so the second one is accepted
            assert (await verifier.verify(token)).tenant_id == UUID(ACME)
    again = REMEMBER_FOR - 1, REMEMBER_FOR
    assert verified == [(valid, 0), (over, 0), (over, again[0]), (valid, again[1]), (over, again[1])]
