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


DeviceId = Annotated[str, StringConstraints(min_length=8, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=24)]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LoginRequest(Request):
    phone: Phone | None = Field(None, examples=["01712345678"])
    email: Email | None = None
    password: Password
    device_id: DeviceId | None = Field(None, description="Made by the client once and kept; remembered as a hash.")


class RegisterRequest(LoginRequest):
    full_name: Name
    locale: Literal["en", "bn", "hi"] = "bn"
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")] | None = None


class Session(BaseModel):
    user_id: UUID
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int
    scopes: list[str]
    refresh_token: str | None = None
    is_guest: bool = False


class SecondFactorNeeded(BaseModel):
    """The first factor was right; send the code of the authenticator app."""

    challenge_id: UUID
    expires_in: int


class AccountChange(Request):
    """What is not given stays; `district_code` null forgets it."""

    full_name: Name | None = None
    locale: Literal["en", "bn", "hi"] | None = None
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")] | None = None


class PasswordChange(Request):
    new_password: Password
    current_password: Password | None = Field(
        None, description="Not needed for 15 minutes after logging in with a code by phone."
    )


class GuestRequest(Request):
    locale: Literal["en", "bn", "hi"] = "bn"
    device_id: DeviceId | None = None


class CodeRequest(Request):
    phone: Phone = Field(examples=["01712345678"])
    locale: Literal["en", "bn", "hi"] = "bn"


class CodeSent(BaseModel):
    """The same answer whether or not the number has an account."""

    challenge_id: UUID
    expires_in: int
    resend_in: int


class VerifyRequest(Request):
    code: Code
    full_name: Name | None = Field(None, description="For a new account.")
    locale: Literal["en", "bn", "hi"] = "bn"
    device_id: DeviceId | None = None


class SecondFactorRequest(Request):
    challenge_id: UUID
    code: Code = Field(description="Of the authenticator app, or a recovery code.")
    device_id: DeviceId | None = None


class RefreshRequest(Request):
    refresh_token: Annotated[str, StringConstraints(min_length=10, max_length=200)]


class SessionRow(BaseModel):
    id: UUID
    platform: str
    method: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool


class SessionPage(BaseModel):
    items: list[SessionRow]
    next_cursor: str | None


class DeviceRow(BaseModel):
    id: UUID
    platform: str
    first_seen_at: datetime
    last_seen_at: datetime


class DevicePage(BaseModel):
    items: list[DeviceRow]
    next_cursor: str | None


class AddressRequest(Request):
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = "home"
    recipient: Name
    phone: Phone
    line: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")]
    area_code: Annotated[str, StringConstraints(max_length=80)] | None = None
    post_code: Annotated[str, StringConstraints(max_length=8)] | None = None
    is_default: bool = False


class Address(BaseModel):
    id: UUID
    label: str
    recipient: str
    phone: str
    line: str
    district_code: str
    district_name: str
    division_name: str
    area_code: str | None
    area_name: str | None
    post_code: str | None
    is_default: bool
    created_at: datetime


class AddressPage(BaseModel):
    items: list[Address]
    next_cursor: str | None


class Place(BaseModel):
    code: str
    name: str
    name_en: str
    name_bn: str
    # The place above: a district's division, an area's or post office's district.
    parent_code: str | None = None
    kind: str


class PlacePage(BaseModel):
    items: list[Place]
    next_cursor: str | None


class KeyRequest(Request):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class KeyRow(BaseModel):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKey(KeyRow):
    key: str = Field(description="Shown this once.")


class KeyPage(BaseModel):
    items: list[KeyRow]
    next_cursor: str | None


class Enrolment(BaseModel):
    secret: str
    address: str = Field(description="otpauth:// address for the QR code.")


class ConfirmRequest(Request):
    code: Code


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each serves once; shown this once.")


class GrantRequest(Request):
    role: Annotated[str, StringConstraints(max_length=40)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]


class Grant(BaseModel):
    id: UUID
    user_id: UUID
    role: str
    scope_type: str
    scope_id: str
    granted_at: datetime


class GrantPage(BaseModel):
    items: list[Grant]
    next_cursor: str | None


class Account(BaseModel):
    id: UUID
    kind: str
    full_name: str
    locale: str
    district_code: str | None
    scopes: str
    created_at: datetime
    is_guest: bool = False
