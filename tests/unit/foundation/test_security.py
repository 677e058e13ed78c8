"""Tokens, encrypted fields, blind indexes, secrets: what is forged, moved or old is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import ValidationError

from foundation.errors import Unauthenticated
from foundation.ids import uuid7
from foundation.security.fields import FieldCipher
from foundation.security.tokens import TokenAuthority
from foundation.settings import Settings

ROOT = b"0" * 64


class TestTokens:
    def test_carries_user_and_scopes(self):
        user = uuid7()
        principal = TokenAuthority(ROOT).verify(TokenAuthority(ROOT).issue(user, ["shop", "risk"]))
        assert principal.user_id == user
        assert principal.may("risk")
        assert not principal.may("courier")

    def test_refuses_the_expired(self):
        late = TokenAuthority(ROOT, clock=lambda: datetime.now(UTC) + timedelta(hours=3))
        with pytest.raises(Unauthenticated):
            late.verify(TokenAuthority(ROOT).issue(uuid7(), ["shop"]))

    def test_refuses_another_key_and_garbage_and_none(self):
        token = TokenAuthority(b"1" * 64).issue(uuid7(), ["shop"])
        for forged in (token, "garbage", "", "a.b.c", token[:-4] + "AAAA"):
            with pytest.raises(Unauthenticated):
                TokenAuthority(ROOT).verify(forged)

    def test_refuses_a_swapped_algorithm(self):
        claims = {"sub": str(uuid7()), "iss": "getit", "aud": "getit", "exp": 9_999_999_999, "nbf": 0, "scope": "admin"}
        forged = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(ROOT), algorithms=["HS256"])
        with pytest.raises(Unauthenticated):
            TokenAuthority(ROOT).verify(forged)


class TestFields:
    def test_goes_there_and_back_and_is_never_the_same_twice(self):
        cipher = FieldCipher(ROOT)
        first, second = (cipher.encrypt("8801712345678", "users.phone") for _ in range(2))
        assert first != second
        assert b"8801712345678" not in first
        assert cipher.decrypt(first, "users.phone") == "8801712345678"

    def test_a_value_moved_to_another_column_does_not_open(self):
        cipher = FieldCipher(ROOT)
        with pytest.raises(InvalidTag):
            cipher.decrypt(cipher.encrypt("secret", "users.phone"), "users.email")

    def test_index_is_equal_for_equals_and_differs_by_kind_and_key(self):
        cipher = FieldCipher(ROOT)
        assert cipher.index("x", "phone") == cipher.index("x", "phone")
        assert cipher.index("x", "phone") != cipher.index("x", "device")
        assert cipher.index("x", "phone") != FieldCipher(b"1" * 64).index("x", "phone")


def test_defaults_are_refused_outside_local():
    with pytest.raises(ValidationError, match="GETIT_SECRET_KEY"):
        Settings(environment="production")


def test_a_role_gives_up_all_other_rights():
    url = Settings(database_url="postgresql://u:p@db:5432/x?sslmode=require").postgres("getit", role="getit_pipelines")
    assert url == "postgresql://u:p@db:5432/getit?sslmode=require&options=-c%20role%3Dgetit_pipelines"
