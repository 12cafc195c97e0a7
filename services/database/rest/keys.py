"""The secrets of a local stack, made once at random: API keys as a Supabase project has them, and what signs JWTs."""

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

from services.database.rest.tokens import mint
from services.errors import NotReady

FILE = "rest-keys.json"
LEGACY_FOR = timedelta(days=3650)


@dataclass(frozen=True)
class Keys:
    """Everything one stack signs with and lets in by."""

    publishable: str = field(repr=False)
    """Opaque; stands for role `anon`."""
    secret: str = field(repr=False)
    """Opaque; stands for role `service_role`."""
    anon: str = field(repr=False)
    """The legacy form of the publishable key: a JWT."""
    service_role: str = field(repr=False)
    """The legacy form of the secret key: a JWT."""
    jwt_secret: str = field(repr=False)
    """Signs and verifies HS256, as on projects that have not moved to signing keys."""
    signing_key: str = field(repr=False)
    """Private, PEM; signs ES256, as Supabase Auth does now."""
    key_id: str

    @classmethod
    def made(cls) -> Self:
        """Fresh ones."""
        jwt_secret = secrets.token_urlsafe(48)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(
            publishable=f"sb_publishable_{_opaque()}",
            secret=f"sb_secret_{_opaque()}",
            anon=mint(jwt_secret, role="anon", lives_for=LEGACY_FOR, iss="supabase"),
            service_role=mint(jwt_secret, role="service_role", lives_for=LEGACY_FOR, iss="supabase"),
            jwt_secret=jwt_secret,
            signing_key=pem.decode(),
            key_id=secrets.token_hex(16),
        )

    def jwt_of(self) -> dict[str, str]:
        """API key to the JWT it stands for; a legacy key stands for itself."""
        return {
            self.publishable: self.anon,
            self.secret: self.service_role,
            self.anon: self.anon,
            self.service_role: self.service_role,
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT as Supabase Auth makes them: ES256, by the key that the stack publishes."""
        return jwt.encode(claims, self.signing_key, algorithm="ES256", headers={"kid": self.key_id})

    def public_jwks(self) -> dict[str, Any]:
        """What `/auth/v1/.well-known/jwks.json` answers: how to verify, not how to sign."""
        private = load_pem_private_key(self.signing_key.encode(), password=None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101  # `made` makes no other
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}]}

    def jwk_set(self) -> dict[str, Any]:
        """What PostgREST verifies by: the public key, and the shared secret of the legacy keys."""
        shared = HMACAlgorithm.to_jwk(self.jwt_secret, as_dict=True)
        return {"keys": [*self.public_jwks()["keys"], {**shared, "alg": "HS256"}]}


def find_keys(folder: Path) -> Keys | None:
    """The keys of this folder's stack; None if it has never run. Raises NotReady when the file is damaged."""
    file = folder / FILE
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as exc:
        raise NotReady(f"{file}: cannot be read: remove it, and new keys are made at the next start") from exc


def keys_in(folder: Path) -> Keys:
    """The keys of this folder's stack, made if there are none."""
    found = find_keys(folder)
    if found is None:
        _write_once(folder / FILE, json.dumps(asdict(Keys.made())))
        found = find_keys(folder)
        assert found is not None  # noqa: S101  # just written
    return found


def _write_once(file: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only; whoever comes second leaves the first one's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def _opaque() -> str:
    return f"{secrets.token_urlsafe(16)}_{secrets.token_hex(4)}"
