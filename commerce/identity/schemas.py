"""Requests and answers of the identity API. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
]
Phone = Annotated[str, StringConstraints(min_length=6, max_length=24)]
# Length is what makes a password strong (NIST SP 800-63B).
Password = Annotated[str, StringConstraints(min_length=10, max_length=128)]


class LoginRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    phone: Phone | None = Field(None, examples=["01712345678"])
    email: Email | None = None
    password: Password


class RegisterRequest(LoginRequest):
    full_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    locale: Literal["en", "bn", "hi"] = "bn"
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")] | None = None


class Session(BaseModel):
    user_id: UUID
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int
    scopes: list[str]


class Account(BaseModel):
    id: UUID
    kind: str
    full_name: str
    locale: str
    district_code: str | None
    scopes: str
    created_at: datetime
