"""Tokens open what they should, are known by hash only, and say why they open nothing."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from storyarn_pipelines.errors import TokenError, UnknownNameError, UsageError
from storyarn_pipelines.store.jobs import SCOPES, Connections, TokenStore


@pytest.fixture
def tokens(connections: Connections) -> TokenStore:
    """No tokens yet."""
    return TokenStore(connections)


def test_a_token_is_found_by_its_secret(tokens: TokenStore) -> None:
    secret, made = tokens.create(
        1, "olga@x.test", scopes=("read", "export"), label="CI", lifetime=timedelta(days=30)
    )
    found = tokens.find(secret)
    assert found == made
    assert (found.owner_id, found.owner_email, found.label) == (1, "olga@x.test", "CI")
    assert found.scopes == ("read", "export")
    assert found.expires_at == found.created_at + timedelta(days=30)
    assert found.last_used_at is None
    assert tokens.create(1, "olga@x.test")[1].scopes == SCOPES


def test_a_secret_has_256_bits_and_none_is_like_another(tokens: TokenStore) -> None:
    made = [tokens.create(1, "olga@x.test")[0] for _ in range(20)]
    assert all(re.fullmatch(r"sty_[A-Za-z0-9_-]{43}", secret) for secret in made)
    assert len({secret[:12] for secret in made}) == 20


def test_the_database_holds_nothing_but_the_hash(
    tokens: TokenStore, admin: psycopg.Connection[Any]
) -> None:
    secret, made = tokens.create(1, "olga@x.test")
    row = admin.execute("SELECT t::text, hash FROM storyarn_pipelines.api_tokens t").fetchone()
    assert row
    assert row[1] == hashlib.sha256(secret.encode()).digest()
    assert secret not in row[0]
    assert secret.removeprefix("sty_")[:8] not in row[0]
    assert secret not in repr(made)


@pytest.mark.parametrize(
    "secret",
    ["", "sty_", "x", "sty_" + "a" * 42, "sty_" + "a" * 44, "STY_" + "a" * 43,
     "sty_" + "a" * 42 + "=", "sty_" + "a" * 42 + "é", "sty_" + "a" * 42 + "\n", "' OR 1=1 --",
     "sty_" + "a" * 42 + "\0", "\ud800", "sty_" + "a" * 43 + "\n"],
)  # fmt: skip
def test_a_malformed_token_is_refused_without_being_repeated(
    tokens: TokenStore, secret: str
) -> None:
    with pytest.raises(TokenError, match="malformed") as raised:
        tokens.find(secret)
    assert len(secret) < 5 or secret not in str(raised.value)


def test_an_unknown_token_is_refused(tokens: TokenStore) -> None:
    secret, _ = tokens.create(1, "olga@x.test")
    other = secret[:-2] + ("AA" if secret[-2:] != "AA" else "BA")
    with pytest.raises(TokenError, match=r"unknown; make another") as raised:
        tokens.find(other)
    assert other not in str(raised.value)


def test_a_token_whose_time_is_over_is_refused(
    tokens: TokenStore, admin: psycopg.Connection[Any]
) -> None:
    secret, made = tokens.create(1, "olga@x.test", lifetime=timedelta(days=1))
    assert tokens.find(secret) == made
    admin.execute("UPDATE storyarn_pipelines.api_tokens SET expires_at = now()")
    with pytest.raises(TokenError, match=f"token {made.id}: it has expired"):
        tokens.find(secret)


def test_a_revoked_token_is_refused_and_stays_so(tokens: TokenStore) -> None:
    secret, made = tokens.create(1, "olga@x.test")
    other, _ = tokens.create(1, "olga@x.test")
    revoked = tokens.revoke(made.id)
    assert revoked.revoked_at
    assert tokens.revoke(made.id) == revoked
    with pytest.raises(TokenError, match=f"token {made.id}: it has been revoked"):
        tokens.find(secret)
    assert tokens.find(other)


@pytest.mark.parametrize("number", [99, 2**63 - 1])
def test_no_token_that_is_not_there_is_revoked(tokens: TokenStore, number: int) -> None:
    with pytest.raises(UnknownNameError, match=f"token {number} does not exist"):
        tokens.revoke(number)


def test_the_last_use_is_noted_once_a_minute(
    tokens: TokenStore, admin: psycopg.Connection[Any]
) -> None:
    secret, _ = tokens.create(1, "olga@x.test")
    tokens.find(secret)
    first = tokens.find(secret).last_used_at
    assert first
    assert tokens.list()[0].last_used_at == first
    admin.execute(
        "UPDATE storyarn_pipelines.api_tokens SET last_used_at = now() - interval '2 min'"
    )
    tokens.find(secret)
    found = tokens.list()[0].last_used_at
    assert found
    assert found > first


def test_tokens_are_listed_by_owner(tokens: TokenStore) -> None:
    made = [tokens.create(owner, f"{owner}@x.test")[1] for owner in (1, 2, 1)]
    assert tokens.list() == tuple(made)
    assert tokens.list(1) == (made[0], made[2])
    assert tokens.list(3) == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"scopes": ("read", "dance")}, "scope 'dance' does not exist; the scopes are read, exp"),
        ({"scopes": ()}, "no scope is given"),
        ({"lifetime": timedelta(0)}, "a lifetime is"),
        ({"lifetime": timedelta(days=-1)}, "a lifetime is"),
        ({"lifetime": timedelta.max}, "a lifetime is"),
        ({"label": "x" * 201}, "label: at most 200"),
        ({"label": "a\0b"}, "label"),
        ({"owner_id": 0}, "is not an id"),
        ({"owner_email": "\ud800"}, "owner e-mail"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    tokens: TokenStore, values: dict[str, Any], reason: str
) -> None:
    asked: dict[str, Any] = {"owner_id": 1, "owner_email": "olga@x.test"} | values
    with pytest.raises(UsageError, match=reason):
        tokens.create(**asked)
    assert tokens.list() == ()
