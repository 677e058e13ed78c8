"""Use cases of verification: what a shop must show, what it has shown, decisions by rules and by people.

Completion is computed when it is asked for and never stored. What the rules cannot settle waits for a person, with a
clock of 24 hours. Not here: the checks themselves (`checks`), weights (`rules`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.sellers import shops
from commerce.sellers.checks import Finding, Shown, check
from commerce.sellers.rules import (
    MET,
    REASONS,
    REQUIREMENTS,
    REVIEW_CLOCK,
    SUBMITTED,
    TERMS_VERSION,
    Decision,
    decide,
    missing,
    risk_score,
)
from commerce.sellers.schemas import Reason, Requirements, RequirementState, ShopStatus, Submission, SubmissionRequest
from commerce.sellers.shops import SQL
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.i18n import translate
from foundation.ids import uuid7

# What may change after it was accepted.
CHANGEABLE = "payout_account"
STATUS: dict[Decision, str] = {"approve": "accepted", "review": "pending", "reject": "rejected"}
NUMBER, NAME = "sellers.submissions.number", "sellers.submissions.name"


class NotToSubmit(InvalidInput):
    code = "not-to-submit"
    message = "This requirement is not met by a submission, or not in this way. See GET /v1/seller/requirements."


class WrongTerms(InvalidInput):
    code = "wrong-terms"
    message = "Accept the terms in force: version {version}."


class AlreadyAccepted(Conflict):
    code = "already-accepted"
    message = "This requirement is settled already."


class AccountRefused(InvalidInput):
    code = "account-refused"
    message = "This account cannot take the place of the present one, which stays in force."


class NotReady(Conflict):
    code = "not-ready"
    message = "Some requirements are still open. Settle them, then ask again."


def texts(codes: list[str], locale: str) -> list[Reason]:
    """Reasons in the caller's language."""
    return [Reason(code=code, text=translate(REASONS[code][1], locale)) for code in codes]


@dataclass(frozen=True)
class Case:
    """Who shows what for which shop."""

    seller_id: UUID
    user_id: UUID
    requirement: str
    request: SubmissionRequest


async def states(connection: Connection, seller_id: UUID) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """State of each requirement now, and the last submission of each that has one."""
    facts = await fetch_one(connection, SQL["facts"], seller_id=seller_id)
    rows = await fetch_all(connection, SQL["submissions"], seller_id=seller_id)
    last = {row["requirement"]: dict(row) for row in rows}
    found = {}
    for name, requirement in REQUIREMENTS.items():
        if name in last and (requirement.family != "computed" or last[name]["status"] == "waived"):
            found[name] = str(last[name]["status"])
        elif requirement.family == "computed":
            found[name] = "met" if facts and facts[name] else "open"
        else:
            found[name] = "open"
    return found, last


async def requirements(commerce: Commerce, seller_id: UUID, locale: str) -> Requirements:
    """What the shop must and may show, and how far it is."""
    async with commerce.database.connection() as connection:
        found, last = await states(connection, seller_id)
    items = []
    for name, requirement in REQUIREMENTS.items():
        row = last.get(name, {})
        items.append(
            RequirementState.model_validate(
                {
                    "requirement": name,
                    "family": requirement.family,
                    "is_required": requirement.is_required,
                    "methods": list(requirement.methods),
                    "state": found[name],
                    "number_tail": row.get("number_tail"),
                    "reasons": texts(row.get("reasons", []), locale),
                    "due_at": row.get("due_at") if found[name] == "pending" else None,
                }
            )
        )
    return Requirements(
        items=items,
        missing_for_review=missing(found, allowed=SUBMITTED),
        missing_for_approval=missing(found, allowed=MET),
    )


async def submit(commerce: Commerce, case: Case, locale: str) -> Submission:
    """Show something: checked at once, and decided at once where the rules suffice.

    Raises:
        NotToSubmit, WrongTerms, AlreadyAccepted, AccountRefused, NotFound: a document of somebody else.
    """
    name, request = case.requirement, case.request
    requirement = REQUIREMENTS.get(name)
    if requirement is None or request.method not in requirement.methods:
        raise NotToSubmit
    if name == "terms" and request.terms_version != TERMS_VERSION:
        raise WrongTerms(version=TERMS_VERSION)
    async with commerce.database.transaction() as connection:
        row = await shops.lock(connection, case.seller_id)
        found, _ = await states(connection, case.seller_id)
        is_change = name == CHANGEABLE and found[name] == "accepted"
        if found[name] in {"accepted", "waived"} and not is_change:
            raise AlreadyAccepted
        is_attested = requirement.family == "attested"
        finding = Finding(None, None, ()) if is_attested else await _examine(commerce, connection, case)
        if is_change:
            await _replace_account(connection, case.seller_id, finding)
        submission = await _keep(commerce, connection, case, finding)
        await _settle(commerce, connection, row)
    return submission.model_copy(update={"reasons": texts(list(finding.reasons), locale)})


async def _replace_account(connection: Connection, seller_id: UUID, finding: Finding) -> None:
    """A better account takes the old one's place; one that is refused leaves it as it is.

    Raises:
        AccountRefused.
    """
    if decide(finding.reasons) == "reject":
        raise AccountRefused(reasons=list(finding.reasons))
    await execute(connection, SQL["replace_account"], seller_id=seller_id)
    await shops.tell(connection, seller_id, "sellers.payout_account_changed", {})


async def _examine(commerce: Commerce, connection: Connection, case: Case) -> Finding:
    """What rules and other shops' papers say of it."""
    request = case.request
    own = await fetch_one(connection, SQL["find_own"], id=case.seller_id)
    if request.document_id is not None:
        mine = await fetch_one(connection, SQL["find_document"], id=request.document_id, seller_id=case.seller_id)
        if mine is None:
            raise NotFound
    sealed = own["legal_name_encrypted"] if own else None
    legal_name = commerce.cipher.decrypt(bytes(sealed), shops.LEGAL_NAME) if sealed else ""
    shown = Shown(
        method=request.method, number=request.number, name=request.name, routing_number=request.routing_number,
        expires_on=request.expires_on, issuer=request.issuer, has_document=request.document_id is not None,
    )  # fmt: skip
    today: date = business_date(commerce.clock())
    needs_document = REQUIREMENTS[case.requirement].needs_document
    finding = check(shown, legal_name=legal_name, today=today, needs_document=needs_document)
    reasons = [*finding.reasons, *await _elsewhere(commerce, connection, case, finding)]
    if request.method == "wallet" and finding.number is not None:
        owner = await fetch_one(connection, SQL["own_phone"], user_id=case.user_id)
        if owner is None or owner["phone_index"] != commerce.cipher.index(finding.number, "phone"):
            reasons.append("wallet_of_other_phone")
    return Finding(finding.number, finding.identity, tuple(reasons))


async def _elsewhere(commerce: Commerce, connection: Connection, case: Case, finding: Finding) -> list[str]:
    """Whether another shop showed the same number or the same document."""
    # Two shops that show the same number at the same moment take turns: one of them sees the other.
    await execute(connection, SQL["take_turn"], what=f"{case.request.method} {finding.identity}")
    row = await fetch_one(
        connection, SQL["used_elsewhere"], seller_id=case.seller_id, document_id=case.request.document_id,
        number_index=_index(commerce, case.request.method, finding),
    )  # fmt: skip
    return [code for code in ("number_elsewhere", "document_elsewhere") if row and row[code]]


def _index(commerce: Commerce, method: str, finding: Finding) -> str | None:
    return commerce.cipher.index(finding.identity, f"kyc-{method}") if finding.identity else None


async def _keep(commerce: Commerce, connection: Connection, case: Case, finding: Finding) -> Submission:
    request, now, cipher = case.request, commerce.clock(), commerce.cipher
    decision, score = decide(finding.reasons), risk_score(finding.reasons)
    submission = Submission(
        id=uuid7(), requirement=case.requirement, status=STATUS[decision], decision=decision, risk_score=score,
        reasons=[], due_at=now + REVIEW_CLOCK if decision == "review" else None,
    )  # fmt: skip
    await execute(connection, SQL["withdraw_pending"], seller_id=case.seller_id, requirement=case.requirement, now=now)
    await execute(
        connection, SQL["add_submission"], id=submission.id, seller_id=case.seller_id, requirement=case.requirement,
        status=submission.status, method=request.method, number_index=_index(commerce, request.method, finding),
        number_encrypted=cipher.encrypt(finding.number, NUMBER) if finding.number else None,
        number_tail=finding.number[-4:] if finding.number else None, issuer=request.issuer,
        name_encrypted=cipher.encrypt(request.name, NAME) if request.name else None,
        expires_on=request.expires_on, document_id=request.document_id, reasons=Jsonb(list(finding.reasons)),
        risk_score=score, decision=decision, submitted_by=case.user_id, now=now, due_at=submission.due_at,
        decided_at=None if decision == "review" else now, note=request.terms_version,
    )  # fmt: skip
    told = {"submission_id": str(submission.id), "requirement": case.requirement, "decision": decision}
    detail = {**told, "score": score, "reasons": list(finding.reasons)}
    await audit.record(
        connection, actor_id=case.user_id, action="seller.submitted", subject=("seller", case.seller_id), detail=detail
    )
    await shops.tell(connection, case.seller_id, "sellers.submission_checked", told)
    return submission


async def ask_for_review(commerce: Commerce, seller_id: UUID, user_id: UUID) -> ShopStatus:
    """The owner has shown everything; if the rules settled it all, the shop opens at once.

    Raises:
        NotReady: `missing` names what is open.
        IllegalStep.
    """
    async with commerce.database.transaction() as connection:
        row = await shops.lock(connection, seller_id)
        found, _ = await states(connection, seller_id)
        still_open = missing(found, allowed=SUBMITTED)
        if still_open:
            raise NotReady(missing=still_open)
        row = await shops.move(commerce, connection, row, "in_review", actor_id=user_id)
        return shops.status_of(await _settle(commerce, connection, row))


async def _settle(commerce: Commerce, connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A shop in review opens once everything required is met; one whose paper was refused goes back to its owner."""
    if row["status"] != "in_review":
        return row
    found, _ = await states(connection, row["id"])
    if not missing(found, allowed=MET):
        return await shops.move(commerce, connection, row, "approved", actor_id=None, reason="requirements met")
    if missing(found, allowed=SUBMITTED):
        return await shops.move(commerce, connection, row, "onboarding", actor_id=None, reason="requirement open")
    return row


async def settle(commerce: Commerce, connection: Connection, seller_id: UUID) -> None:
    """As `_settle`, for a decision of staff."""
    await _settle(commerce, connection, await shops.lock(connection, seller_id))
