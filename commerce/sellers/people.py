"""Use cases of a shop's people: who works here, invitations, roles; a shop never loses its last owner.

Rights follow membership: joining gives the role's grant in identity, leaving takes it back. Not here: what roles allow.
"""

import secrets
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity import grants, sessions
from commerce.identity.messages import Message, hand_over
from commerce.identity.use_cases import LoginMissing, canonical_phone
from commerce.sellers import shops
from commerce.sellers.rules import INVITE_LIFETIME, MOST_MEMBERS
from commerce.sellers.schemas import Invite, InvitePage, InviteRequest, Member, MemberPage, Opened
from commerce.sellers.shops import SQL
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, Forbidden, NotFound
from foundation.ids import uuid7
from foundation.security.tokens import Principal
from foundation.web.pages import cursor_id, encode_cursor

CONTACT = "sellers.invites.contact"


class LastOwner(Conflict):
    code = "last-owner"
    message = "This is the last owner of the shop. Make somebody else owner first."


class OwnersOnly(Forbidden):
    code = "owners-only"
    message = "Only an owner of the shop may do this."


class TooManyMembers(Conflict):
    code = "too-many-members"
    message = "A shop can have at most {most} people."


class BadInvite(NotFound):
    code = "bad-invite"
    message = "This invitation is not valid any more. Ask the shop for a new one."


async def check_owner(commerce: Commerce, seller_id: UUID, user_id: UUID) -> None:
    """Whether the user owns this very shop; the scope alone may come from another.

    Raises:
        OwnersOnly.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["membership"], seller_id=seller_id, user_id=user_id)
    if row is None or row["role"] != "seller_owner":
        raise OwnersOnly


async def members(commerce: Commerce, seller_id: UUID, *, cursor: str | None, limit: int) -> MemberPage:
    """Who works for the shop."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["members"], seller_id=seller_id, after=cursor_id(cursor), limit=limit)
    following = encode_cursor([rows[-1]["user_id"]]) if len(rows) == limit else None
    return MemberPage(items=[Member.model_validate(row) for row in rows], next_cursor=following)


async def _check_not_last(connection: Connection, seller_id: UUID, user_id: UUID) -> None:
    row = await fetch_one(connection, SQL["other_owners"], seller_id=seller_id, user_id=user_id)
    if row is None or not row["others"]:
        raise LastOwner


async def change_role(commerce: Commerce, seller_id: UUID, owner_id: UUID, user_id: UUID, role: str) -> None:
    """Give somebody another role in the shop.

    Raises:
        NotFound, LastOwner.
    """
    async with commerce.database.transaction() as connection:
        await shops.lock(connection, seller_id)
        row = await fetch_one(connection, SQL["membership"], seller_id=seller_id, user_id=user_id)
        if row is None:
            raise NotFound
        if row["role"] == role:
            return
        if row["role"] == "seller_owner":
            await _check_not_last(connection, seller_id, user_id)
        await execute(connection, SQL["change_role"], seller_id=seller_id, user_id=user_id, role=role)
        await grants.take_back(
            commerce, connection, user_id=user_id, role=row["role"], seller_id=seller_id, by=owner_id
        )
        await grants.give(commerce, connection, user_id=user_id, role=role, seller_id=seller_id, by=owner_id)
        await _record(connection, seller_id, owner_id, "seller.member_changed", {"user_id": str(user_id), "role": role})


async def remove(commerce: Commerce, seller_id: UUID, actor_id: UUID, user_id: UUID) -> None:
    """Somebody works here no more: sent away by an owner, or leaving by himself.

    Raises:
        NotFound, LastOwner.
    """
    async with commerce.database.transaction() as connection:
        await shops.lock(connection, seller_id)
        row = await fetch_one(connection, SQL["membership"], seller_id=seller_id, user_id=user_id)
        if row is None:
            raise NotFound
        if row["role"] == "seller_owner":
            await _check_not_last(connection, seller_id, user_id)
        await execute(connection, SQL["leave"], seller_id=seller_id, user_id=user_id, now=commerce.clock())
        await grants.take_back(
            commerce, connection, user_id=user_id, role=row["role"], seller_id=seller_id, by=actor_id
        )
        await _record(connection, seller_id, actor_id, "seller.member_left", {"user_id": str(user_id)})


async def _record(connection: Connection, seller_id: UUID, actor_id: UUID, action: str, detail: dict[str, str]) -> None:
    await audit.record(connection, actor_id=actor_id, action=action, subject=("seller", seller_id), detail=detail)


async def invite(commerce: Commerce, seller_id: UUID, owner_id: UUID, request: InviteRequest) -> Invite:
    """Invite somebody by phone or e-mail; only the message holds the token.

    Raises:
        LoginMissing, BadPhone, TooManyMembers.
    """
    if request.phone is None and request.email is None:
        raise LoginMissing
    kind = "phone" if request.phone is not None else "email"
    contact = canonical_phone(request.phone) if request.phone is not None else str(request.email)
    token, now, invite_id = secrets.token_urlsafe(24), commerce.clock(), uuid7()
    async with commerce.database.transaction() as connection:
        seller = await shops.lock(connection, seller_id)
        await _check_room(connection, seller_id)
        await execute(
            connection, SQL["add_invite"], id=invite_id, seller_id=seller_id, role=request.role, contact_kind=kind,
            contact_encrypted=commerce.cipher.encrypt(contact, CONTACT), now=now, expires_at=now + INVITE_LIFETIME,
            contact_index=commerce.cipher.index(contact, kind), invited_by=owner_id,
            token_hash=commerce.cipher.index(token, "invite"),
        )  # fmt: skip
        message = Message(
            "sellers.invite", recipient=contact, params={"token": token, "shop": seller["name"]}, locale=request.locale
        )
        await hand_over(commerce, connection, invite_id, message)
        await shops.tell(connection, seller_id, "sellers.invited", {"invite_id": str(invite_id)})
        await _record(
            connection, seller_id, owner_id, "seller.invited", {"invite_id": str(invite_id), "role": request.role}
        )
    return Invite(id=invite_id, role=request.role, contact_kind=kind, created_at=now, expires_at=now + INVITE_LIFETIME)


async def _check_room(connection: Connection, seller_id: UUID) -> None:
    row = await fetch_one(connection, SQL["count_members"], seller_id=seller_id)
    if row is None or row["people"] >= MOST_MEMBERS:
        raise TooManyMembers(most=MOST_MEMBERS)


async def invites(commerce: Commerce, seller_id: UUID, *, cursor: str | None, limit: int) -> InvitePage:
    """Invitations that can still be accepted, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["open_invites"], seller_id=seller_id, now=commerce.clock(), before=cursor_id(cursor),
            limit=limit,
        )  # fmt: skip
    following = encode_cursor([rows[-1]["id"]]) if len(rows) == limit else None
    return InvitePage(items=[Invite.model_validate(row) for row in rows], next_cursor=following)


async def revoke_invite(commerce: Commerce, seller_id: UUID, invite_id: UUID) -> None:
    """Take an invitation back.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        if not await execute(connection, SQL["revoke_invite"], id=invite_id, seller_id=seller_id, now=commerce.clock()):
            raise NotFound


async def accept(commerce: Commerce, caller: Principal, token: str) -> Opened:
    """The caller joins the shop that sent the token, which serves once.

    Raises:
        BadInvite, TooManyMembers, Forbidden: a guest.
    """
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        if (await sessions.rights_of(connection, caller.user_id)).is_guest:
            raise Forbidden
        row = await fetch_one(
            connection, SQL["accept_invite"], token_hash=commerce.cipher.index(token, "invite"), now=now,
            user_id=caller.user_id,
        )  # fmt: skip
        if row is None:
            raise BadInvite
        seller = await shops.lock(connection, row["seller_id"])
        await _check_room(connection, row["seller_id"])
        joined = await execute(
            connection, SQL["join"], seller_id=row["seller_id"], user_id=caller.user_id, role=row["role"], now=now
        )
        if joined:
            await grants.give(
                commerce, connection, user_id=caller.user_id, role=row["role"], seller_id=row["seller_id"],
                by=caller.user_id,
            )  # fmt: skip
        await _record(connection, row["seller_id"], caller.user_id, "seller.member_joined", {"role": row["role"]})
        rights = await sessions.rights_of(connection, caller.user_id)
    session = sessions.answer(commerce, rights, session_id=caller.session_id, refresh_token=None)
    return Opened(
        seller_id=row["seller_id"], status=seller["status"], access_token=session.access_token,
        expires_in=session.expires_in, scopes=session.scopes,
    )  # fmt: skip
