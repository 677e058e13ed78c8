"""Who holds which role: staff roles by an admin, sellers' roles by their shops. Not here: what a role allows (`roles`).

A change takes effect with the next access token.
"""

from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity.roles import STAFF_ROLES
from commerce.identity.schemas import Grant, GrantPage, GrantRequest
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import cursor_id, encode_cursor

SQL = load_statements(__file__, "grants.sql")


class NoStaffRole(InvalidInput):
    code = "no-staff-role"
    message = "There is no such staff role. Choose one of: {roles}."


class RoleHeld(Conflict):
    code = "role-held"
    message = "This account has the role already."


class LastAdmin(Conflict):
    code = "last-admin"
    message = "This is the last admin. Make somebody else admin first."


async def give(
    commerce: Commerce, connection: Connection, *, user_id: UUID, role: str, seller_id: UUID, by: UUID
) -> None:
    """A shop gives a role to one of its people; having it already is fine."""
    await execute(
        connection, SQL["grant"], id=uuid7(), user_id=user_id, role=role, scope_type="seller", scope_id=str(seller_id),
        granted_by=by, now=commerce.clock(),
    )  # fmt: skip


async def take_back(
    commerce: Commerce, connection: Connection, *, user_id: UUID, role: str, seller_id: UUID, by: UUID
) -> None:
    """A shop takes a role back."""
    await execute(
        connection, SQL["revoke"], user_id=user_id, role=role, scope_type="seller", scope_id=str(seller_id),
        revoked_by=by, now=commerce.clock(),
    )  # fmt: skip


async def grant_staff(commerce: Commerce, admin_id: UUID, user_id: UUID, request: GrantRequest) -> Grant:
    """Give a staff role.

    Raises:
        NoStaffRole, NotFound, RoleHeld.
    """
    if request.role not in STAFF_ROLES:
        raise NoStaffRole(roles=", ".join(sorted(STAFF_ROLES)))
    async with commerce.database.transaction() as connection:
        if await fetch_one(connection, SQL["user_exists"], user_id=user_id) is None:
            raise NotFound
        row = await fetch_one(
            connection, SQL["grant"], id=uuid7(), user_id=user_id, role=request.role, scope_type="platform",
            scope_id="", granted_by=admin_id, now=commerce.clock(),
        )  # fmt: skip
        if row is None:
            raise RoleHeld
        detail = {"role": request.role, "reason": request.reason}
        await audit.record(
            connection, actor_id=admin_id, action="role.granted", subject=("user", user_id), detail=detail
        )
    return Grant.model_validate(row)


async def revoke_staff(commerce: Commerce, admin_id: UUID, user_id: UUID, role: str) -> None:
    """Take a staff role back.

    Raises:
        NotFound: the account does not have it.
        LastAdmin: nobody could administer any more.
    """
    async with commerce.database.transaction() as connection:
        if role == "admin":
            await execute(connection, SQL["lock_admins"])
            row = await fetch_one(connection, SQL["other_admins"], user_id=user_id)
            if row is None or not row["others"]:
                raise LastAdmin
        done = await execute(
            connection, SQL["revoke"], user_id=user_id, role=role, scope_type="platform", scope_id="",
            revoked_by=admin_id, now=commerce.clock(),
        )  # fmt: skip
        if not done:
            raise NotFound
        await audit.record(
            connection, actor_id=admin_id, action="role.revoked", subject=("user", user_id), detail={"role": role}
        )


async def page(commerce: Commerce, user_id: UUID, *, cursor: str | None, limit: int) -> GrantPage:
    """An account's live roles, newest first."""
    async with commerce.database.connection() as connection:
        rows: list[dict[str, Any]] = await fetch_all(
            connection, SQL["list_grants"], user_id=user_id, before=cursor_id(cursor), limit=limit
        )
    following = encode_cursor([rows[-1]["id"]]) if len(rows) == limit else None
    return GrantPage(items=[Grant.model_validate(row) for row in rows], next_cursor=following)
