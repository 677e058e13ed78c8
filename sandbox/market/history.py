"""Ten weeks of the market before the shop opens: written as Parquet and brought in through the product's own importer.

Orders that would still be under way are left out when they will be refused, and taken as just delivered otherwise:
imported history is closed. Labels that nobody could know yet are missing, as in life.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commerce.imports.report import ImportReport
from commerce.imports.use_cases import import_orders
from commerce.orders.rules import shipping_fee
from foundation.clock import system_clock
from foundation.money import apportion
from foundation.security.fields import FieldCipher
from foundation.security.keys import root_secret
from foundation.security.passwords import PasswordVault
from foundation.settings import Settings
from sandbox.market import truth
from sandbox.market.behaviour import Intent, courier_of
from sandbox.market.goods import Good, load_shelf
from sandbox.market.people import HISTORY_DAYS, PASSWORD, build_town, dice_of
from sandbox.market.plan import plan_history

MAPPING = Path(__file__).parent / "history.yaml"
FOUND_BY = {"stolen_wallet": "wallet_dispute", "coupon_ring": "analyst", "parcel_refuser": "analyst"}

Progress = Callable[[float, str], None]
Row = dict[str, Any]


def import_history(
    settings: Settings, *, progress: Progress = lambda _fraction, _what: None, now: datetime | None = None
) -> ImportReport:
    """Write the history of this installation's market, once, and import it; a repetition finds it done."""
    progress(0.0, "planning ten weeks")
    path = settings.folder("market") / "history.parquet"
    truth.prepare(settings)
    if not path.exists():
        write_history(settings, path, now=now or system_clock())
    return import_orders(
        settings,
        mapping_path=MAPPING,
        files=(path,),
        progress=lambda part, what: progress(0.3 + 0.7 * part, what),
        now=now,
    )


def write_history(settings: Settings, path: Path, *, now: datetime) -> int:
    """Plan, write the Parquet file and keep the hidden truth; the number of order groups."""
    start = (now - timedelta(days=HISTORY_DAYS)).replace(hour=18, minute=0, second=0, microsecond=0)
    town = build_town(settings.market_seed, start=start, history_days=HISTORY_DAYS)
    shelf = load_shelf(settings, seed=settings.market_seed)
    intents = [
        intent
        for intent in plan_history(town, shelf, start=start, end=now - timedelta(minutes=30))
        if not (intent.outcome == "refused" and _closed_at(intent) > now)
    ]
    numbered = {f"MK{number:07d}": intent for number, intent in enumerate(intents, start=1)}
    truth.keep_history_start(settings, start)
    truth.keep_orders(
        settings,
        (
            (number, intent.account.ref, intent.is_fraud, intent.typology, intent.actor, intent.at)
            for number, intent in numbered.items()
        ),
    )
    rows = _rows(settings, numbered, now=now)
    unfinished = path.with_suffix(".unfinished")
    pq.write_table(pa.Table.from_pylist(list(rows)), unfinished, compression="zstd")
    unfinished.replace(path)
    return len(numbered)


def _closed_at(intent: Intent) -> datetime:
    return intent.at + timedelta(days=intent.days_to_close)


def _rows(settings: Settings, numbered: dict[str, Intent], *, now: datetime) -> Iterator[Row]:
    cipher = FieldCipher(root_secret(settings))
    encoded = asyncio.run(PasswordVault().hash(PASSWORD))
    dice = dice_of(settings.market_seed, "couriers")
    for number, intent in numbered.items():
        header = _header(intent, cipher, now) | {"number": number, "password_hash": encoded}
        parts = apportion(intent.discount_poisha, [good.price_poisha * quantity for good, quantity in intent.lines])
        couriers: dict[str, str] = {}
        for (good, quantity), discount in zip(intent.lines, parts, strict=True):
            courier = couriers.setdefault(good.seller_code, courier_of(dice))
            yield header | _line(intent, good, quantity, discount) | {"courier": courier}


def _header(intent: Intent, cipher: FieldCipher, now: datetime) -> Row:
    person = intent.account
    closed_at = min(_closed_at(intent), now)
    is_prepaid = intent.payment_method == "bkash"
    shipped_at = None if intent.outcome == "cancelled" else intent.at + (closed_at - intent.at) * 0.3
    return {
        "account": person.ref,
        "account_name": person.name,
        "account_phone": person.phone,
        "account_created_at": person.joined_at,
        "account_district": person.district_code,
        "placed_at": intent.at,
        "shipped_at": shipped_at,
        "closed_at": closed_at,
        "payment_method": intent.payment_method,
        "district_code": intent.district_code,
        "outcome": intent.outcome,
        "voucher_code": intent.voucher_code if intent.discount_poisha else None,
        "device_index": cipher.index(intent.device, "device"),
        "phone_index": cipher.index(intent.contact_phone, "phone"),
        "payer_index": cipher.index(intent.wallet, "wallet") if is_prepaid else None,
        **_labels(intent, now),
    }


def _labels(intent: Intent, now: datetime) -> Row:
    """What the courier reported and what was found out, as far as it is known by now."""
    closed_at = _closed_at(intent)
    is_told = intent.outcome != "cancelled" and closed_at <= now
    found_at = intent.at + timedelta(days=intent.found_out_days) if intent.found_out_days is not None else None
    is_found = found_at is not None and found_at <= now
    return {
        "courier_is_fraud": str(intent.outcome == "refused").lower() if is_told else None,
        "courier_origin": ("refused_parcel" if intent.outcome == "refused" else "delivered") if is_told else None,
        "courier_known_at": closed_at if is_told else None,
        "found_is_fraud": "true" if is_found else None,
        "found_origin": FOUND_BY[intent.typology] if is_found else None,
        "found_known_at": found_at if is_found else None,
    }


def _line(intent: Intent, good: Good, quantity: int, discount_poisha: int) -> Row:
    return {
        "seller_code": good.seller_code,
        "product_code": good.product_code,
        "hub_code": good.hub_code,
        "quantity": quantity,
        "total_taka": (good.price_poisha * quantity - discount_poisha) / 100,
        "discount_taka": discount_poisha / 100,
        "shipping_taka": shipping_fee(intent.district_code) / 100,
    }
