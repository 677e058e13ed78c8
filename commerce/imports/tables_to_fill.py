"""Which DuckDB query fills which table of the shop, in the order of loading. Not here: how the queries' tables are made."""

from commerce.imports.load import Copy
from commerce.imports.mapping import Mapping
from commerce.imports.sources import literal

NEW_ONLY = "on conflict do nothing"


def copies(mapping: Mapping) -> list[Copy]:
    """Every table that an import fills."""
    return [*_people(), *_goods(), *_stock(), *_orders(mapping), *_aftermath()]


def _people() -> list[Copy]:
    return [
        Copy(
            "identity.users",
            ("id", "kind", "full_name", "phone_encrypted", "phone_index", "password_hash", "district_code", "is_synthetic",
             "created_at"),
            """select id, 'shopper', full_name, phone_hex, phone_key, password_hash, district_code, is_synthetic,
                timezone('Asia/Dhaka', created_local_at + to_days(getvariable('shift_days')))
            from customers left join secrets on secrets.customer_id = customers.id order by id""",
            "on conflict (id) do nothing",
        ),
        Copy(
            "sellers.sellers",
            ("id", "code", "name", "district_code", "commission_bp", "is_synthetic"),
            "select id, code, name, district_code, commission_bp, is_synthetic from sellers where is_new order by id",
            NEW_ONLY,
        ),
    ]  # fmt: skip


def _goods() -> list[Copy]:
    return [
        Copy(
            "catalog.categories",
            ("id", "parent_id", "path", "name_en"),
            "select id, parent_id, path, name from categories where is_new order by path",
            NEW_ONLY,
        ),
        Copy(
            "catalog.products",
            ("id", "code", "category_id", "title_en", "brand", "package_size", "uom"),
            """select products.id, code, categories.id, title, brand, package_size, uom
            from products join categories using (path) where products.is_new order by products.id""",
            NEW_ONLY,
        ),
        Copy(
            "catalog.offers",
            ("id", "product_id", "seller_id", "price_poisha", "status"),
            """select id, product_id, seller_id, price_poisha, if(is_sellable, 'active', 'paused')
            from offers where is_new order by id""",
            NEW_ONLY,
        ),
    ]


def _stock() -> list[Copy]:
    return [
        Copy(
            "inventory.hubs",
            ("id", "code", "name", "district_code", "is_synthetic"),
            "select id, code, name, district_code, is_synthetic from hubs where is_new order by id",
            NEW_ONLY,
        ),
        Copy(
            "inventory.stock",
            ("offer_id", "hub_id", "received", "on_hand", "shipped", "is_synthetic"),
            """select offer_id, hub_id, on_hand + shipped, on_hand, shipped, true from stock
            where is_new or shipped > 0 order by offer_id""",
            """on conflict (offer_id, hub_id) do update set received = stock.received + excluded.shipped,
            shipped = stock.shipped + excluded.shipped""",
        ),
        Copy(
            "inventory.supply_terms",
            ("offer_id", "lead_time_days_mean", "lead_time_days_sd", "minimum_order_quantity", "pack_size",
             "unit_cost_poisha", "is_synthetic"),
            """select offer_id, lead_time_days_mean, lead_time_days_sd, pack_size * packs_at_least, pack_size,
                greatest(1, unit_cost_poisha), true from supply_terms order by offer_id""",
            NEW_ONLY,
        ),
    ]  # fmt: skip


def _orders(mapping: Mapping) -> list[Copy]:
    is_assigned = mapping.is_synthetic or mapping.assign.places or mapping.assign.payment_method is not None
    return [
        Copy(
            "orders.order_groups",
            ("id", "number", "buyer_id", "channel", "payment_method", "district_code", "device_index", "phone_index",
             "voucher_code", "subtotal_poisha", "discount_poisha", "shipping_poisha", "total_poisha", "source", "source_ref",
             "is_synthetic", "placed_at"),
            f"""select id, number, buyer_id, {literal(mapping.channel)}, payment_method, district_code, device_index,
                phone_index, voucher_code, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha, source,
                order_ref, {str(is_assigned).lower()}, placed_at from order_groups order by id""",
        ),
        Copy(
            "orders.orders",
            ("id", "group_id", "seller_id", "hub_id", "status", "courier", "subtotal_poisha", "discount_poisha",
             "shipping_poisha", "total_poisha", "commission_poisha", "vat_poisha", "placed_at", "shipped_at", "closed_at"),
            """select id, group_id, seller_id, hub_id, status, carrier, subtotal_poisha, discount_poisha, shipping_poisha,
                total_poisha, commission_poisha, vat_poisha, placed_at, shipped_at, closed_at from parcels order by id""",
        ),
        Copy(
            "orders.order_lines",
            ("order_id", "line_no", "offer_id", "product_id", "quantity", "subtotal_poisha", "discount_poisha",
             "total_poisha"),
            """select order_id, line_no, offer_id, product_id, cast(quantity_milli / 1000 as decimal(14, 3)),
                subtotal_poisha, subtotal_poisha - amount_poisha, amount_poisha from lines order by order_id, line_no""",
        ),
    ]  # fmt: skip


def _aftermath() -> list[Copy]:
    return [
        Copy(
            "payments.attempts",
            ("id", "group_id", "provider", "state", "amount_poisha", "merchant_reference", "payer_index", "created_at",
             "resolved_at"),
            """select id, group_id, provider, state, amount_poisha, merchant_reference, payer_index, created_at, resolved_at
            from attempts order by id""",
        ),
        Copy(
            "risk.labels",
            ("id", "group_id", "is_fraud", "origin", "occurred_at", "known_at"),
            "select id, group_id, is_fraud, origin, occurred_at, known_at from labels order by id",
        ),
        Copy(
            "ledger.accounts",
            ("code", "kind"),
            "select distinct account_code, split_part(account_code, ':', 1) from entries",
            NEW_ONLY,
        ),
        Copy(
            "ledger.transfers",
            ("id", "kind", "reference", "business_on"),
            "select id, 'import.daily', reference, business_on from transfers order by id",
        ),
        Copy(
            "ledger.entries",
            ("transfer_id", "entry_no", "account_code", "amount_poisha"),
            "select transfer_id, entry_no, account_code, amount_poisha from entries order by transfer_id, entry_no",
        ),
    ]  # fmt: skip


def rejects_copy(run_id: str, columns: list[str]) -> Copy:
    """Rows that were refused, with what stood in the file. Every value is kept as text: JSON has no NaN."""
    fields = ", ".join(f"{literal(name)}: cast(f.{_quoted(name)} as varchar)" for name in columns)
    row = f"if(rows.broken is null, to_json({{{fields}}}), to_json({{'record': string_split(rows.broken, chr(31))}}))"
    return Copy(
        "imports.rejects",
        ("run_id", "row_number", "reason", "quantity_milli", "amount_poisha", "row"),
        f"""select '{run_id}', rows.row_number, reason, quantity_milli, amount_poisha,
            replace({row}::varchar, '\\u0000', '')
        from rows join orders_file as f on f.row_number = rows.row_number where reason is not null order by 2""",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
