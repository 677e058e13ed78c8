"""Reasons in words: feature contributions → a few codes → texts in the caller's language (catalogue `reasons.json`).

Not here: how contributions are computed.
"""

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_REASONS = 3
DEFAULT = "en"
LITTLE_HISTORY = "little_history"
_ACCUSING = ("labelled", "fraud_ratio", "refused", "unpaid")
_LEAST_TO_ACCUSE = 1e-9
_COUNTING = ("_placed_count_", "_distinct_")

#: First match wins; patterns are prefixes of feature names.
_BY_PREFIX: tuple[tuple[str, str], ...] = (
    ("payer_labelled", "known_fraud_payer"),
    ("payer_fraud", "known_fraud_payer"),
    ("device_labelled", "known_fraud_device"),
    ("device_fraud", "known_fraud_device"),
    ("phone_labelled", "known_fraud_phone"),
    ("phone_fraud", "known_fraud_phone"),
    ("buyer_labelled", "known_fraud_buyer"),
    ("buyer_fraud", "known_fraud_buyer"),
    ("phone_refused", "refused_parcels"),
    ("buyer_refused", "refused_parcels"),
    ("device_refused", "refused_parcels"),
    ("district", "district_refusals"),
    ("device_placed_distinct", "many_accounts_device"),
    ("payer_placed_distinct", "shared_payer"),
    ("phone_placed_distinct", "shared_phone"),
    ("buyer_placed_distinct", "many_identities"),
    ("payer_unpaid", "failed_payments"),
    ("buyer_unpaid", "failed_payments"),
    ("device_unpaid", "failed_payments"),
    ("payer_placed", "payer_burst"),
    ("device_placed_seconds_since_first", "new_device"),
    ("device_placed", "device_burst"),
    ("phone_placed", "phone_history"),
    ("buyer_placed_seconds_since_first", "new_buyer"),
    ("buyer_placed_mean", "unusual_amount"),
    ("buyer_placed", "buyer_pace"),
    ("voucher", "voucher_pattern"),
    ("has_voucher", "voucher_pattern"),
    ("discount", "voucher_pattern"),
    ("amount", "unusual_amount"),
    ("subtotal", "unusual_amount"),
    ("max_line", "unusual_amount"),
    ("item", "unusual_basket"),
    ("seller", "unusual_basket"),
    ("is_cod", "payment_method"),
    ("hour", "unusual_time"),
    ("day", "unusual_time"),
    ("has_device", "new_device"),
)


@dataclass(frozen=True)
class Reason:
    """A reason as answers carry it."""

    code: str
    text: str


def code_of(feature: str, value: float) -> str:
    """Reason code of a feature with a value. A history that is not there never accuses: it is little history."""
    if math.isnan(value) or (value < _LEAST_TO_ACCUSE and any(mark in feature for mark in _ACCUSING)):
        return LITTLE_HISTORY
    if value <= 1 and any(mark in feature for mark in _COUNTING):
        return LITTLE_HISTORY
    return next((code for prefix, code in _BY_PREFIX if feature.startswith(prefix)), "pattern")


def codes_of_contributions(
    names: Sequence[str], values: Sequence[float], contributions: Sequence[float]
) -> tuple[str, ...]:
    """Codes of the features that raised the score most, strongest first; features of one code count together."""
    totals: dict[str, float] = {}
    for name, value, contribution in zip(names, values, contributions, strict=True):
        code = code_of(name, value)
        totals[code] = totals.get(code, 0.0) + contribution
    raising = sorted((code for code in totals if totals[code] > 0), key=lambda code: -totals[code])
    return tuple(raising[:MOST_REASONS])


@functools.cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Texts by code and language."""
    found: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "reasons.json").read_text("utf-8"))
    return found


def spell(codes: Sequence[str], locale: str) -> list[Reason]:
    """Reasons in a language; English where a text is missing."""
    return [Reason(code, catalogue()[code].get(locale) or catalogue()[code][DEFAULT]) for code in codes]
