"""The secrets of a local stack, generated once: API keys in the formats of Supabase, and keys that sign JWTs."""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import ECAlgorithm, HMACAlgorithm

from services.database.rest.tokens import mint_jwt
from services.errors import NotReady

KEYS_FILE = "rest-keys.json"
LEGACY_KEY_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class Keys:
    """The API keys and signing keys of one stack."""

    publishable: str = field(repr=False)
    """API key for role `anon`: an opaque string."""
    secret: str = field(repr=False)
    """API key for role `service_role`: an opaque string."""
    anon: str = field(repr=False)
    """Legacy API key for role `anon`: a JWT."""
    service_role: str = field(repr=False)
    """Legacy API key for role `service_role`: a JWT."""
    jwt_secret: str = field(repr=False)
    """Signs and verifies JWTs with HS256, as in projects that do not use signing keys yet."""
    signing_key: str = field(repr=False)
    """Private key in PEM format that signs JWTs with ES256, as Supabase Auth does now."""
    key_id: str

    @classmethod
    def generate(cls) -> Self:
        """New random keys."""
        jwt_secret = secrets.token_urlsafe(48)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(
            publishable=f"sb_publishable_{_random_key()}",
            secret=f"sb_secret_{_random_key()}",
            anon=mint_jwt(jwt_secret, role="anon", lives_for=LEGACY_KEY_LIFETIME, iss="supabase"),
            service_role=mint_jwt(jwt_secret, role="service_role", lives_for=LEGACY_KEY_LIFETIME, iss="supabase"),
            jwt_secret=jwt_secret,
            signing_key=pem.decode(),
            key_id=secrets.token_hex(16),
        )

    def jwt_of(self) -> dict[str, str]:
        """The JWT for each API key. A legacy key is its own JWT."""
        return {
            self.publishable: self.anon,
            self.secret: self.service_role,
            self.anon: self.anon,
            self.service_role: self.service_role,
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT signed with `signing_key`, in the format of Supabase Auth."""
        return jwt.encode(claims, self.signing_key, algorithm="ES256", headers={"kid": self.key_id})

    def public_jwks(self) -> dict[str, Any]:
        """The JWK set at `/auth/v1/.well-known/jwks.json`: the public half of `signing_key`."""
        private = load_pem_private_key(self.signing_key.encode(), password=None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101  # `generate` creates this type
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}]}

    def jwk_set(self) -> dict[str, Any]:
        """The JWK set with which PostgREST verifies JWTs: the public key, and the secret of the legacy keys."""
        shared = HMACAlgorithm.to_jwk(self.jwt_secret, as_dict=True)
        return {"keys": [*self.public_jwks()["keys"], {**shared, "alg": "HS256"}]}


def find_keys(folder: Path) -> Keys | None:
    """The keys of the stack in this folder; None if it has never run. Raises NotReady when the file is damaged."""
    file = folder / KEYS_FILE
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as exc:
        raise NotReady(f"{file}: cannot be read: remove it; the next start generates new keys") from exc


def load_or_create_keys(folder: Path) -> Keys:
    """The keys of the stack in this folder. New keys are generated if there are none."""
    keys = find_keys(folder)
    if keys is None:
        _create_file(folder / KEYS_FILE, json.dumps(asdict(Keys.generate())))
        keys = find_keys(folder)
        assert keys is not None  # noqa: S101  # the file was written in the line above
    return keys


def _create_file(file: Path, text: str) -> None:
    """Create a file atomically, readable only by its owner. If another process has created the file first, that file
    stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        os.link(temporary, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


def _random_key() -> str:
    return f"{secrets.token_urlsafe(16)}_{secrets.token_hex(4)}"
