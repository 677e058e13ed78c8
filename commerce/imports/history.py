"""What happened: order groups, parcels, lines, payments, labels, daily ledger entries, as DuckDB tables. Loads nothing.

A parcel is one seller's part of an order group (`orders.orders`). Imported history is closed: every parcel was
delivered, refused or cancelled.
"""

from datetime import datetime

from commerce.imports.entities import between, chosen, identifier
from commerce.imports.reader import OpenFile
from commerce.imports.sources import literal
from commerce.orders.rules import DHAKA_DISTRICT, VAT_BP


def make_groups(opened: OpenFile) -> None:
    """Make `headers`: one row an order group, header fields from its first accepted row."""
    mapping, of, columns = opened.mapping, opened.expressions, opened.mapping.columns
    fields = {
        "payment_method": of.text(columns.payment_method, "payment_method"),
        "stated_district": f"district_code({of.text(columns.district, 'district')})",
        "voucher_code": of.text(columns.voucher_code, "voucher_code"),
        "device_index": of.text(columns.device_index, "device_index"),
        "phone_index": of.text(columns.phone_index, "phone_index"),
        "payer_index": of.text(columns.payer_index, "payer_index"),
        **_label_fields(opened),
    }
    listed = ", ".join(f"{expression} as {name}" for name, expression in fields.items())
    method = chosen(mapping.assign.payment_method, "payment", "order_ref")
    opened.duck.execute(
        f"""create table headers as
        with firsts as (
            select order_ref, arg_min(customer_ref, row_number) as customer_ref, min(row_number) as row_number,
                {placed("min(local_at)")} as placed_at
            from rows where reason is null group by order_ref
        ), fields as (
            select firsts.*, {listed} from firsts join ({of.relation}) on orders_file.row_number = firsts.row_number
        )
        select fields.* replace (coalesce(payment_method, {method}) as payment_method),
            {identifier(literal(mapping.source), "'group'", "order_ref", instant_ms="epoch_ms(placed_at)")} as id,
            customers.id as buyer_id, coalesce(stated_district, customers.district_code) as district_code
        from fields join customers using (customer_ref)"""
    )


def _label_fields(opened: OpenFile) -> dict[str, str]:
    of = opened.expressions
    fields = {}
    for number, label in enumerate(opened.mapping.columns.labels):
        fields[f"is_fraud_{number}"] = f"try_cast({of.text(label.is_fraud, 'labels')} as boolean)"
        fields[f"origin_{number}"] = of.text(label.origin, "labels")
        fields[f"occurred_at_{number}"] = placed(of.instant(label.occurred_at, "labels"))
        fields[f"known_at_{number}"] = placed(of.instant(label.known_at, "labels"))
    return fields


def placed(local_at: str) -> str:
    """SQL of the instant of a wall-clock time, after the shift of a rebased history."""
    return f"timezone('Asia/Dhaka', {local_at} + to_days(getvariable('shift_days')))"


def make_parcels(opened: OpenFile, *, now: datetime) -> None:
    """Make `parcels`: one row a seller's order, with outcome, times and money."""
    opened.duck.execute(f"create table parcel_fields as {_parcel_fields(opened)}")
    opened.duck.execute(_parcels(opened, now))
    opened.duck.execute("drop table parcel_fields")


def _parcel_fields(opened: OpenFile) -> str:
    of, columns = opened.expressions, opened.mapping.columns
    sums = """select order_ref, seller_ref, min(row_number) as row_number,
        arg_min(shipping_poisha, row_number)::bigint as shipping_poisha,
        sum(subtotal_poisha)::bigint as subtotal_poisha, sum(subtotal_poisha - amount_poisha)::bigint as discount_poisha
        from rows where reason is null group by order_ref, seller_ref"""
    if not any((columns.courier, columns.outcome, columns.shipped_at, columns.closed_at)):
        blanks = "null::varchar as courier, null::varchar as outcome, null::timestamptz as shipped, null::timestamptz as closed"
        return f"select *, {blanks} from ({sums})"
    return f"""select sums.*, {of.text(columns.courier, "courier")} as courier, {of.text(columns.outcome, "outcome")} as outcome,
        {placed(of.instant(columns.shipped_at, "shipped_at"))} as shipped,
        {placed(of.instant(columns.closed_at, "closed_at"))} as closed
        from ({sums}) as sums join ({of.relation}) on orders_file.row_number = sums.row_number"""


def _parcels(opened: OpenFile, now: datetime) -> str:
    mapping = opened.mapping
    assign, source = mapping.assign, literal(mapping.source)
    days = between(*assign.delivery_days, "delivery-days", "f.order_ref || f.seller_ref")
    refused = f"payment_method = 'cod' and fraction('refused', f.order_ref || f.seller_ref) < {assign.refused_ratio}"
    present = f"timestamptz '{now.isoformat(timespec='seconds')}'"
    return f"""create table parcels as
    with dated as (
        select f.*, h.id as group_id, h.placed_at, h.payment_method, sellers.id as seller_id, sellers.commission_bp,
            hubs.id as hub_id, coalesce(f.courier, {chosen(assign.courier, "courier", "f.order_ref || f.seller_ref")}) as carrier,
            coalesce(f.outcome, if({refused}, 'refused', 'delivered')) as status,
            {days} * if(h.district_code = '{DHAKA_DISTRICT}', 0.6, 1.0) as days
        from parcel_fields as f join headers as h using (order_ref) join sellers on sellers.code = f.seller_ref
        join row_hubs on row_hubs.row_number = f.row_number join hubs on hubs.code = row_hubs.code
    ), charged as (
        select *, subtotal_poisha - discount_poisha as sold_poisha, subtotal_poisha - discount_poisha + shipping_poisha
            as total_poisha,
            ((subtotal_poisha - discount_poisha) * commission_bp + 5000) // 10000 as commission_poisha
        from dated
    )
    select * exclude (courier, outcome, shipped, closed, days),
        {identifier(source, "'order'", "order_ref", "seller_ref", instant_ms="epoch_ms(placed_at)")} as id,
        (commission_poisha * {VAT_BP} + 5000) // 10000 as vat_poisha,
        if(status = 'cancelled', null, date_trunc('second', least({present}, coalesce(shipped,
            placed_at + to_seconds(days * 21600))))) as shipped_at,
        date_trunc('second', greatest(placed_at, least({present}, coalesce(closed,
            placed_at + to_seconds(days * if(status = 'cancelled', 8640, 86400)))))) as closed_at
    from charged"""


def make_lines(opened: OpenFile) -> None:
    """Make `lines` and complete the groups with their sums: `order_groups`."""
    opened.duck.execute(_LINES)
    opened.duck.execute(
        _GROUPS.format(prefix=literal(opened.mapping.number_prefix), source=literal(opened.mapping.source))
    )


_LINES = """
create table lines as
select parcels.id as order_id, row_number() over (partition by parcels.id order by rows.row_number) as line_no,
    offers.id as offer_id, offers.product_id, rows.quantity_milli, rows.subtotal_poisha, rows.amount_poisha
from rows join parcels on parcels.order_ref = rows.order_ref and parcels.seller_ref = rows.seller_ref
join products on products.code = rows.product_ref
join offers on offers.product_id = products.id and offers.seller_id = parcels.seller_id
where rows.reason is null
"""
_GROUPS = """
create table order_groups as
select headers.*, {source} as source, {prefix} || headers.order_ref as number, sums.*
from headers join (
    select group_id, sum(subtotal_poisha)::bigint as subtotal_poisha, sum(discount_poisha)::bigint as discount_poisha,
        sum(shipping_poisha)::bigint as shipping_poisha, sum(total_poisha)::bigint as total_poisha,
        coalesce(sum(total_poisha) filter (status = 'delivered'), 0)::bigint as delivered_poisha, max(closed_at) as closed_at
    from parcels group by group_id
) as sums on sums.group_id = headers.id
"""


def make_payments(opened: OpenFile) -> None:
    """Make `attempts`: what the buyer of each group paid. A wallet that was not charged is a declined attempt."""
    opened.duck.execute(
        f"""create table attempts as
        select {identifier("'attempt'", "number", instant_ms="epoch_ms(placed_at)")} as id, id as group_id,
            payment_method as provider, if(delivered_poisha > 0, 'captured', 'declined') as state,
            if(delivered_poisha > 0, delivered_poisha, total_poisha) as amount_poisha, 'import:' || number as merchant_reference,
            payer_index, placed_at as created_at,
            if(payment_method = 'cod', closed_at, placed_at + interval 1 minute) as resolved_at
        from order_groups where delivered_poisha > 0 or (payment_method = 'bkash' and total_poisha > 0)"""
    )


def make_labels(opened: OpenFile) -> None:
    """Make `labels`: what became known of each group, and when. The first word of each origin stands."""
    opened.duck.execute(
        "create table said (group_id uuid, is_fraud boolean, origin text, occurred_at timestamptz, known_at timestamptz)"
    )
    for number in range(len(opened.mapping.columns.labels)):
        opened.duck.execute(
            f"""insert into said select id, is_fraud_{number}, origin_{number}, occurred_at_{number}, known_at_{number}
            from order_groups where is_fraud_{number} is not null and origin_{number} is not null
                and occurred_at_{number} is not null and known_at_{number} is not null"""
        )
    opened.duck.execute(
        f"""create table labels as
        select {identifier("'label'", "group_id::varchar", "origin", instant_ms="epoch_ms(known_at)")} as id, * from said
        qualify row_number() over (partition by group_id, origin order by known_at) = 1"""
    )


def make_ledger(opened: OpenFile, run_id: str) -> None:
    """Make `transfers` and `entries`: one balanced transfer for each day on which parcels were delivered.

    Debit opening balance; credit sellers, commission, VAT on it and delivery fees.
    """
    reference = f"{literal(opened.mapping.source)} || ':' || {literal(run_id)} || ':' || business_on::varchar"
    opened.duck.execute(
        f"""create table transfers as
        with days as (
            select timezone('Asia/Dhaka', closed_at)::date as business_on, sum(total_poisha)::bigint as total,
                sum(commission_poisha)::bigint as commission, sum(vat_poisha)::bigint as vat,
                sum(shipping_poisha)::bigint as shipping
            from parcels where status = 'delivered' group by 1
        )
        select *, {reference} as reference, v7(epoch_ms(business_on::timestamp), md5({reference})) as id from days
        where total > 0"""
    )
    opened.duck.execute(
        """create table entries as
        select id as transfer_id, entry_no, account_code, amount_poisha from transfers, lateral (values
            (1, 'opening_balance', total), (2, 'seller_payable:imported', -(total - commission - vat - shipping)),
            (3, 'commission', -commission), (4, 'vat_payable', -vat), (5, 'shipping_income', -shipping)
        ) as posted (entry_no, account_code, amount_poisha) where amount_poisha <> 0"""
    )
