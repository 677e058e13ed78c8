"""Use cases of couriers' payments: read them, match them parcel by parcel with the cash due, keep what does not fit.

The courier owes what it collected (account courier_clearing) until it has paid. Its fees are our cost.
Not here: what is expected of a line (pure, see `rules.judge_line`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import Entry
from commerce.shipping.events import remittance_imported
from commerce.shipping.parcels import SQL
from commerce.shipping.ports import CourierRefused, CourierSilent, Remittance
from commerce.shipping.rules import Expected, Verdict, judge_line
from commerce.shipping.schemas import ResolvedBreak, ResolveRequest
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict
from foundation.ids import uuid7
from foundation.logging import get_logger
from foundation.money import POISHA_PER_TAKA
from foundation.outbox import record_events

_log = get_logger(component="shipping")


class BreakResolved(Conflict):
    code = "break-resolved"
    message = "There is no such open difference: it is resolved already."


async def import_new(commerce: Commerce) -> bool:
    """Read the payments of every courier since the last; True if there were any."""
    count = 0
    for name, courier in commerce.couriers.items():
        async with commerce.database.connection() as connection:
            row = await fetch_one(connection, SQL["remitted_until"], courier=name)
        try:
            found = await courier.remittances((row or {}).get("position") or "")
        except (CourierSilent, CourierRefused) as error:
            _log.warning("payments could not be read", courier=name, error=str(error))
            continue
        for remittance in found:
            async with commerce.database.transaction() as connection:
                count += await take(commerce, connection, name, remittance)
    return count > 0


async def take(commerce: Commerce, connection: Connection, courier: str, remittance: Remittance) -> bool:
    """Book one payment of a courier; False if it was booked before."""
    now, remittance_id = commerce.clock(), uuid7()
    lines = remittance.lines
    collected = sum(line.collected_poisha for line in lines)
    fees = sum(line.delivery_fee_poisha + line.cod_fee_poisha for line in lines)
    added = await fetch_one(
        connection, SQL["add_remittance"], id=remittance_id, courier=courier, invoice_id=remittance.invoice_id,
        position=remittance.position, collected_poisha=collected, fee_poisha=fees, paid_poisha=remittance.paid_poisha,
        paid_at=remittance.paid_at, now=now,
    )  # fmt: skip
    if added is None:
        return False
    judged = await _judge(connection, courier, remittance)
    await _keep_lines(connection, remittance_id, remittance, judged)
    breaks = [
        (line.consignment_id, parcel, found)
        for line, (parcel, verdict) in zip(lines, judged, strict=True)
        for found in verdict.breaks
    ]
    if remittance.paid_poisha != collected - fees:
        breaks.append((remittance.invoice_id, None, ("sum", collected - fees, remittance.paid_poisha)))
    for consignment, parcel, (kind, expected, got) in breaks:
        await execute(
            connection, SQL["add_break"], id=uuid7(), remittance_id=remittance_id, shipment_id=parcel["id"] if parcel else None,
            consignment_id=consignment, kind=kind, expected_poisha=expected, got_poisha=got, now=now,
        )  # fmt: skip
    await ledger.post(
        connection, kind="cash.remitted", reference=str(remittance_id), business_on=business_date(remittance.paid_at),
        entries=remittance_entries(courier, judged, fees_poisha=fees, paid_poisha=remittance.paid_poisha),
    )  # fmt: skip
    event = remittance_imported(remittance_id, courier, paid_poisha=remittance.paid_poisha, breaks=len(breaks))
    await record_events(connection, [event])
    await audit.record(
        connection, actor_id=None, action="remittance.imported", subject=("remittance", remittance_id),
        detail={"courier": courier, "invoice_id": remittance.invoice_id, "breaks": len(breaks)},
    )  # fmt: skip
    return True


Judged = list[tuple[Mapping[str, Any] | None, Verdict]]


async def _judge(connection: Connection, courier: str, remittance: Remittance) -> Judged:
    rows = await fetch_all(
        connection,
        SQL["expected_cash"],
        courier=courier,
        consignments=[line.consignment_id for line in remittance.lines],
    )
    parcels = {row["consignment_id"]: row for row in rows}
    seen: set[str] = set()
    judged: Judged = []
    for line in remittance.lines:
        parcel = parcels.get(line.consignment_id)
        expected = None
        if parcel is not None:
            expected = Expected(
                parcel["state"], parcel["cod_poisha"], parcel["collect_taka"] * POISHA_PER_TAKA,
                parcel["delivery_fee_poisha"], parcel["is_remitted"] or line.consignment_id in seen,
            )  # fmt: skip
        seen.add(line.consignment_id)
        verdict = judge_line(
            expected, collected_poisha=line.collected_poisha, delivery_fee_poisha=line.delivery_fee_poisha
        )
        judged.append((parcel, verdict))
    return judged


async def _keep_lines(connection: Connection, remittance_id: UUID, remittance: Remittance, judged: Judged) -> None:
    lines = remittance.lines
    claims = [
        parcel["id"] if parcel and not any(kind == "paid_twice" for kind, _, _ in verdict.breaks) else None
        for parcel, verdict in judged
    ]
    await execute(
        connection, SQL["add_remittance_lines"], remittance_id=remittance_id, shipment_ids=claims,
        consignments=[line.consignment_id for line in lines], collected=[line.collected_poisha for line in lines],
        delivery_fees=[line.delivery_fee_poisha for line in lines], cod_fees=[line.cod_fee_poisha for line in lines],
        cleared=[verdict.cleared_poisha for _, verdict in judged],
    )  # fmt: skip


def remittance_entries(courier: str, judged: Judged, *, fees_poisha: int, paid_poisha: int) -> list[Entry]:
    """Postings of a payment: bank and fees against the cash each parcel brought; what fits nothing waits apart."""
    cleared = [
        Entry(f"courier_clearing:{courier}", -verdict.cleared_poisha, parcel["order_id"])
        for parcel, verdict in judged
        if parcel is not None
    ]
    rounding = sum(verdict.rounding_poisha for _, verdict in judged)
    known = paid_poisha + fees_poisha + rounding + sum(entry.amount_poisha for entry in cleared)
    entries = [
        Entry("bank", paid_poisha),
        Entry("courier_fee", fees_poisha),
        Entry("cash_rounding", rounding),
        *cleared,
        Entry("unmatched_receipts", -known),
    ]
    return [entry for entry in entries if entry.amount_poisha != 0]


async def resolve(
    commerce: Commerce, connection: Connection, actor_id: UUID, *, break_id: UUID, request: ResolveRequest
) -> ResolvedBreak:
    """Finance has explained a difference, and writes it off if nobody will pay it.

    Raises:
        BreakResolved.
    """
    now = commerce.clock()
    row = await fetch_one(
        connection, SQL["resolve_break"], id=break_id, resolution=request.resolution, actor_id=actor_id, now=now
    )
    if row is None:
        raise BreakResolved
    missing = row["expected_poisha"] - row["got_poisha"]
    if request.is_written_off and row["kind"] != "fee" and missing != 0:
        account = f"courier_clearing:{row['courier']}" if row["kind"] == "short" else "unmatched_receipts"
        entries = [Entry("courier_difference", missing, row["order_id"]), Entry(account, -missing, row["order_id"])]
        await ledger.post(
            connection,
            kind="break.written_off",
            reference=str(break_id),
            business_on=business_date(now),
            entries=entries,
        )
    await audit.record(
        connection, actor_id=actor_id, action="break.resolved", subject=("break", break_id),
        detail={"kind": row["kind"], "is_written_off": request.is_written_off},
    )  # fmt: skip
    return ResolvedBreak(id=break_id)
