"""Single rules of fraud in the reader's language: "phone: known outcomes in 60 days ≤ 0". Not here: the rules."""

import re

from dashboards.words import Words

WHO = {
    "buyer": "buyer",
    "device": "device",
    "phone": "phone",
    "payer": "payer",
    "district": "district",
    "voucher": "voucher",
}
WHAT = {
    "placed_count": "orders",
    "placed_sum": "taka ordered",
    "placed_mean": "mean order",
    "labelled_count": "orders with known outcome",
    "labelled_flagged": "known frauds",
    "refused_count": "refused parcels",
    "cancelled_count": "cancelled orders",
    "placed_distinct_buyer": "different buyers",
    "placed_distinct_device": "different devices",
    "placed_distinct_phone": "different phones",
    "placed_distinct_payer": "different payers",
    "placed_distinct_district": "different districts",
    "placed_distinct_voucher": "different vouchers",
    "placed_seconds_since_first": "hours since the first order",
    "placed_seconds_since_last": "hours since the last order",
}
_RULE = re.compile(r"(?P<who>[a-z]+)_(?P<what>.+?)(?:_(?P<size>\d+)(?P<unit>[hd]))? (?P<sign><=|>=|<|>) (?P<limit>\S+)")


def rule_name(words: Words, rule: str) -> str:
    """What a rule looks at; a rule of an unknown shape keeps its own name."""
    found = _RULE.fullmatch(rule)
    if found is None or found["who"] not in WHO or found["what"] not in WHAT:
        return rule.replace("_", " ")
    limit = float(found["limit"])
    if "seconds" in found["what"]:
        limit /= 3600
    sign = found["sign"].replace("<=", "≤").replace(">=", "≥")
    parts = [f"{words(WHO[found['who']])}: {words(WHAT[found['what']])}"]
    if found["size"]:
        number = words.number(int(found["size"]))
        is_hours = found["unit"] == "h"
        parts.append(
            words("in {number} hours", number=number) if is_hours else words("in {number} days", number=number)
        )
    return f"{' '.join(parts)} {sign} {words.number(limit, 0 if limit.is_integer() else 1)}"
