"""Judges every row: the first rule it breaks is the reason for its rejection. Not here: reading, loading.

Afterwards `rows.reason` is NULL for rows that will be imported and a sentence for all others.
"""

from datetime import datetime

from commerce.imports.reader import OpenFile

# Ten crore taka for a line, a hundred thousand pieces: beyond it somebody mistyped.
LARGEST_POISHA = 100_000_000_00
LARGEST_MILLI = 100_000_000

# In order: the first that holds names the reason.
_RULES: tuple[tuple[str, str], ...] = (
    ("broken record: the number of fields is not that of the header", "broken is not null"),
    ("order id missing", "order_ref is null and customer_ref is not null and local_at is not null"),
    ("customer missing", "customer_ref is null"),
    ("seller missing", "seller_ref is null"),
    ("product missing", "product_ref is null"),
    ("time missing or unreadable", "local_at is null"),
    ("time lies in the future", "local_at > {now}"),
    ("time before the year 2000", "local_at < timestamp '2000-01-01'"),
    ("quantity missing or unreadable", "quantity_milli is null"),
    ("quantity is zero", "quantity_milli = 0"),
    ("quantity is negative: returns are not imported", "quantity_milli < 0"),
    ("quantity is finer than a thousandth", "is_too_fine"),
    ("quantity is larger than 100,000", f"quantity_milli > {LARGEST_MILLI}"),
    ("discount unreadable", "has_discount and discount_poisha is null"),
    ("discount is negative", "discount_poisha < 0"),
    ("money missing or unreadable", "amount_poisha is null"),
    ("money is negative: returns are not imported", "amount_poisha < 0 or subtotal_poisha < 0"),
    ("money is larger than 10 crore taka", f"subtotal_poisha > {LARGEST_POISHA}"),
    ("shipping unreadable or negative", "shipping_poisha is null or shipping_poisha < 0"),
)
_MAPPED_RULES: dict[str, tuple[str, str]] = {
    "payment_method": (
        "payment method is neither cod nor bkash",
        "coalesce(payment_method not in ('cod', 'bkash'), true)",
    ),
    "district": (
        "district unknown",
        "district is not null and district_code(district) is null",
    ),
    "outcome": (
        "outcome is none of delivered, refused, cancelled",
        "coalesce(outcome not in ('delivered', 'refused', 'cancelled'), true)",
    ),
}
_LABEL_RULES: tuple[tuple[str, str], ...] = (
    (
        "fraud label is neither true nor false",
        "is_fraud_{number} is not null and try_cast(is_fraud_{number} as boolean) is null",
    ),
    (
        "label origin unknown",
        "label_origin_{number} not in ('refused_parcel', 'wallet_dispute', 'analyst', 'delivered')",
    ),
)


def judge(opened: OpenFile, *, now_local: datetime) -> None:
    """Set `rows.reason`. `now_local` is the present on the file's wall clock, before any shift."""
    rules = list(_RULES)
    for column, rule in _MAPPED_RULES.items():
        if getattr(opened.mapping.columns, column) is not None:
            rules.append(rule)
    for number in range(len(opened.mapping.columns.labels)):
        rules += [(reason, condition.format(number=number)) for reason, condition in _LABEL_RULES]
    now = f"timestamp '{now_local:%Y-%m-%d %H:%M:%S}'"
    whens = " ".join(f"when {condition.format(now=now)} then '{reason}'" for reason, condition in rules)
    duck = opened.duck
    duck.execute(f"create table judged as select *, case {whens} end as reason from rows")
    duck.execute("drop table rows")
    duck.execute("alter table judged rename to rows")
    duck.execute(_OTHER_CUSTOMER)
    if opened.mapping.columns.line_id is not None:
        duck.execute(_SAME_LINE)
    duck.execute(_ALREADY_IMPORTED)


_OTHER_CUSTOMER = """
update rows set reason = 'customer differs within the order'
from (
    select order_ref, arg_min(customer_ref, row_number) as customer_ref from rows where reason is null
    group by order_ref having min(customer_ref) <> max(customer_ref)
) as header
where rows.order_ref = header.order_ref and rows.customer_ref <> header.customer_ref and rows.reason is null
"""
_SAME_LINE = """
update rows set reason = 'line id given twice in the order'
from (
    select row_number from rows where reason is null and line_ref is not null
    qualify row_number() over (partition by order_ref, line_ref order by row_number) > 1
) as again
where rows.row_number = again.row_number
"""
# `imported_orders` holds the orders of this source that the shop has already.
_ALREADY_IMPORTED = """
update rows set reason = 'order already imported'
from imported_orders where rows.order_ref = imported_orders.order_ref and rows.reason is null
"""
