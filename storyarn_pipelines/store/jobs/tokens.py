"""Bearer tokens: the database knows only their hashes."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec
import sqlalchemy as sa

from storyarn_pipelines.domain.jobs import check_id, check_text
from storyarn_pipelines.errors import TokenError, UnknownNameError, UsageError
from storyarn_pipelines.store.jobs.connections import Connections

Scope = Literal["read", "export", "import", "restore"]
"""What a token may be used for, besides what its owner may do: nothing, or any of these."""

SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "sty_"
_SECRET_BYTES = 32
_SECRET = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_TABLE = "storyarn_pipelines.api_tokens"
_LONGEST_LIFE = timedelta(days=3650)
_MORE = "make another with `storyarn token create`"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a token; ``last_used_at`` is exact to a minute."""

    id: int
    owner_id: int
    owner_email: str
    scopes: tuple[Scope, ...]
    label: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = ", ".join(Token.__struct_fields__)
_INSERT = f"""
INSERT INTO {_TABLE} (hash, owner_id, owner_email, scopes, label, expires_at)
VALUES (:hash, :owner_id, :owner_email, :scopes, :label, now() + CAST(:lifetime AS interval))
RETURNING {_COLUMNS}
"""
_FIND = f"""
SELECT {_COLUMNS}, hash, expires_at <= now() AS over,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS stale
  FROM {_TABLE} WHERE hash = :hash
"""
_USED = f"UPDATE {_TABLE} SET last_used_at = now() WHERE id = :id"
_REVOKE = f"""
UPDATE {_TABLE} SET revoked_at = COALESCE(revoked_at, now()) WHERE id = :id RETURNING {_COLUMNS}
"""


class TokenStore:
    """The table of tokens; only the service has rights on it."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def create(
        self,
        owner_id: int,
        owner_email: str,
        *,
        scopes: Collection[Scope] = SCOPES,
        label: str = "",
        lifetime: timedelta | None = None,
    ) -> tuple[str, Token]:
        """A new token and its secret, which nobody can be told again.

        ``lifetime`` is at most ten years; None for no end.
        """
        check_id("owner", owner_id)
        check_text("owner e-mail", owner_email)
        check_text("label", label, longest=200)
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            named = f"scope {unknown[0]!r} does not exist" if unknown else "no scope is given"
            raise UsageError(f"token: {named}; the scopes are {', '.join(SCOPES)}")
        if lifetime is not None and not timedelta(0) < lifetime <= _LONGEST_LIFE:
            raise UsageError(f"token: a lifetime is 1 to {_LONGEST_LIFE.days} days")
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        values = {
            "hash": _hash(secret),
            "owner_id": owner_id,
            "owner_email": owner_email,
            "scopes": [scope for scope in SCOPES if scope in scopes],
            "label": label,
            "lifetime": lifetime,
        }
        with self._connections.transaction() as connection:
            made = connection.execute(sa.text(_INSERT), values).mappings().one()
            return secret, msgspec.convert(dict(made), Token)

    def find(self, secret: str) -> Token:
        """The token that a secret opens; raises TokenError, which says why it opens nothing."""
        if not _SECRET.fullmatch(secret):
            raise TokenError(f"token: it is malformed, a token reads {PREFIX} and 43 characters")
        digest = _hash(secret)
        with self._connections.transaction() as connection:
            found = connection.execute(sa.text(_FIND), {"hash": digest}).mappings().first()
            if found is None or not hmac.compare_digest(bytes(found["hash"]), digest):
                raise TokenError(f"token: it is unknown; {_MORE}")
            row = dict(found)
            over, stale = row.pop("over"), row.pop("stale")
            del row["hash"]
            token = msgspec.convert(row, Token)
            if token.revoked_at is not None:
                raise TokenError(f"token {token.id}: it has been revoked; {_MORE}")
            if over:
                raise TokenError(f"token {token.id}: it has expired; {_MORE}")
            if stale:
                connection.execute(sa.text(_USED), {"id": token.id})
            return token

    def revoke(self, token_id: int) -> Token:
        """Make a token useless; a second time changes nothing. Raises UnknownNameError."""
        check_id("token", token_id)
        with self._connections.transaction() as connection:
            found = connection.execute(sa.text(_REVOKE), {"id": token_id}).mappings().first()
        if found is None:
            raise UnknownNameError(f"token {token_id} does not exist")
        return msgspec.convert(dict(found), Token)

    def list(self, owner_id: int | None = None) -> tuple[Token, ...]:
        """All tokens of a person, or of everybody, in the order of their making."""
        query = (
            f"SELECT {_COLUMNS} FROM {_TABLE} "
            "WHERE CAST(:owner AS bigint) IS NULL OR owner_id = :owner ORDER BY id"
        )
        with self._connections.transaction() as connection:
            found = connection.execute(sa.text(query), {"owner": owner_id}).mappings()
            return tuple(msgspec.convert(dict(row), Token) for row in found)


def _hash(secret: str) -> bytes:
    """A secret of 256 random bits needs no salt and no slow hash: nobody guesses it."""
    return hashlib.sha256(secret.encode()).digest()
