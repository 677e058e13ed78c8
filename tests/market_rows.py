"""A small seeded market as mart exports: honest shoppers, wallet bursts, cash refusers, coupon rings, late labels."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

END = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 70


@dataclass
class Market:
    seed: int
    groups: list[dict[str, object]] = field(default_factory=list)
    orders: list[dict[str, object]] = field(default_factory=list)
    payments: list[dict[str, object]] = field(default_factory=list)
    labels: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.start = END - timedelta(days=DAYS)

    def uuid(self) -> str:
        return str(UUID(bytes=self.rng.bytes(16)))

    def order(
        self, at: datetime, buyer: str, *, device, phone, payer=None, voucher=None, amount: int, fraud=None
    ) -> None:
        group, cod = self.uuid(), payer is None
        discount = amount // 5 if voucher else 0
        self.groups.append(
            {"group_id": group, "number": group[:8], "buyer_id": buyer, "channel": "market", "payment_method": "cod" if cod else "bkash",
             "district_code": f"{1 + hash(buyer) % 1 + int(buyer[:4], 16) % 64:02d}", "device_index": device, "phone_index": phone,
             "payer_index": payer, "voucher_code": voucher, "placed_at": at, "subtotal_poisha": amount, "discount_poisha": discount,
             "shipping_poisha": 6000, "total_poisha": amount - discount + 6000, "item_count": int(self.rng.integers(1, 6)),
             "seller_count": 1, "max_line_poisha": int(amount * self.rng.uniform(0.4, 1.0))}
        )  # fmt: skip
        is_refused = fraud == "refuser" or (cod and fraud is None and self.rng.random() < 0.03)
        closed = at + timedelta(hours=float(self.rng.uniform(48, 140)))
        self.orders.append({"order_id": self.uuid(), "group_id": group, "status": "refused" if is_refused else "delivered",
                            "closed_at": closed, "total_poisha": amount})  # fmt: skip
        declined = payer is not None and self.rng.random() < (0.4 if fraud == "burst" else 0.05)
        self.payments.append({"attempt_id": self.uuid(), "group_id": group, "provider": "cod" if cod else "bkash", "state": "declined" if declined else "captured",
                              "amount_poisha": amount, "resolved_at": at + timedelta(minutes=1)})  # fmt: skip
        if fraud in {"burst", "ring"}:
            known = at + timedelta(days=float(self.rng.uniform(3, 16)))
            origin = "wallet_dispute" if fraud == "burst" else "analyst"
            self.label(group, True, origin, at, known)
        self.label(group, fraud == "refuser", "refused_parcel" if is_refused else "delivered", closed, closed)

    def label(self, group: str, is_fraud: bool, origin: str, occurred: datetime, known: datetime) -> None:
        if known <= END:
            self.labels.append(
                {"group_id": group, "is_fraud": is_fraud, "origin": origin, "occurred_at": occurred, "known_at": known}
            )

    def moment(self) -> datetime:
        return self.start + timedelta(seconds=float(self.rng.uniform(0, DAYS * 86400)))

    def amount(self, median: float = 900_00) -> int:
        return int(median * np.exp(self.rng.normal(0, 0.7)))


def make_market(seed: int = 5, honest_orders: int = 6000) -> Market:
    market = Market(seed)
    rng = market.rng
    buyers = [(market.uuid(), f"d{i}", f"p{i}", f"w{i}") for i in range(900)]
    for _ in range(honest_orders):
        buyer, device, phone, wallet = buyers[int(rng.integers(len(buyers)))]
        prepaid = rng.random() < 0.4
        voucher = f"SALE{rng.integers(4)}" if rng.random() < 0.1 else None
        market.order(market.moment(), buyer, device=device if rng.random() > 0.1 else None, phone=phone,
                     payer=wallet if prepaid else None, voucher=voucher, amount=market.amount())  # fmt: skip
    for burst in range(45):
        at, device, wallet = market.moment(), f"bd{burst}", f"bw{burst}"
        for step in range(int(rng.integers(2, 6))):
            market.order(at + timedelta(minutes=12 * step), market.uuid(), device=device, phone=f"bp{burst}-{step % 2}",
                         payer=wallet, amount=market.amount(3500_00), fraud="burst")  # fmt: skip
    for refuser in range(40):
        phone, device, buyer = f"rp{refuser}", f"rd{refuser}", market.uuid()
        for _ in range(int(rng.integers(2, 5))):
            market.order(
                market.moment(), buyer, device=device, phone=phone, amount=market.amount(1800_00), fraud="refuser"
            )
    for ring in range(12):
        at, device = market.moment(), f"cd{ring}"
        for step in range(int(rng.integers(5, 12))):
            market.order(at + timedelta(minutes=25 * step), market.uuid(), device=device, phone=f"cp{ring}-{step}",
                         voucher=f"SALE{ring % 4}", amount=market.amount(700_00), fraud="ring")  # fmt: skip
    return market


def write_market(lake: Path, market: Market) -> Path:
    folder = lake / "marts"
    folder.mkdir(parents=True, exist_ok=True)
    instant = pa.timestamp("us", tz="UTC")
    for mart, rows in {"fct_order_groups": market.groups, "fct_orders": market.orders, "fct_payments": market.payments,
                       "fct_labels": market.labels}.items():  # fmt: skip
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        arrays = {
            name: pa.array([v.astimezone(UTC) for v in values], instant) if name.endswith("_at") else pa.array(values)
            for name, values in columns.items()
        }
        pq.write_table(pa.table(arrays), folder / f"{mart}.parquet")
    return lake
