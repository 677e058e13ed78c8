"""Who and what an import needs: customers, sellers, categories, products, offers, hubs, stock, supply terms.

Makes DuckDB tables shaped like the shop's. What the shop has already keeps its id; the rest gets one that depends only
on its name, so a second import finds the same. Not here: orders, loading.
"""

from commerce.imports.mapping import Mapping, Names, Weights
from commerce.imports.reader import OpenFile
from commerce.imports.sources import literal, lookup_table, quoted

# Entities have no instant of their own: their ids carry the first millisecond of 2000.
ENTITY_MS = 946_684_800_000


def identifier(*parts: str, instant_ms: str = str(ENTITY_MS)) -> str:
    """SQL of a version-7 shaped id that depends on the parts (SQL expressions) alone."""
    return f"v7({instant_ms}, md5(concat_ws(chr(31), {', '.join(parts)})))"


def chosen(weights: Weights | None, rule: str, name: str) -> str:
    """SQL of a seeded choice between words by their shares; NULL without a rule."""
    if weights is None:
        return "null::varchar"
    total = sum(weights.choices.values())
    edge, whens = 0.0, []
    for word, weight in weights.choices.items():
        edge += weight / total
        whens.append(f"when fraction({literal(rule)}, {name}) < {min(edge, 1.0) + 1e-12} then {literal(word)}")
    return f"case {' '.join(whens)} else {literal(next(iter(weights.choices)))} end"


def named(names: Names | None, rule: str, name: str, otherwise: str) -> str:
    """SQL of a seeded name out of two lists."""
    if names is None:
        return otherwise
    parts = [
        f"list_extract([{', '.join(map(literal, words))}], 1 + cast(floor(fraction({literal(rule + suffix)}, {name})"
        f" * {len(words)}) as int))"
        for words, suffix in ((names.first, "-1"), (names.second, "-2"))
    ]
    return f"{parts[0]} || ' ' || {parts[1]}"


def between(low: float, high: float, rule: str, name: str) -> str:
    """SQL of a seeded number in a range."""
    return f"({low} + {high - low} * fraction({literal(rule)}, {name}))"


def make_entities(opened: OpenFile) -> None:
    """Make all entity tables from the accepted rows."""
    _make_hubs(opened)
    _make_customers(opened)
    _make_sellers(opened)
    _make_products(opened)
    _make_categories(opened)
    _make_offers(opened)


def _place(mapping: Mapping, rule: str, name: str, otherwise: str) -> str:
    return f"drawn_district(fraction({literal(rule)}, {name}))" if mapping.assign.places else otherwise


def _make_hubs(opened: OpenFile) -> None:
    mapping, of = opened.mapping, opened.expressions
    hub = of.text(mapping.columns.hub, "hub") if mapping.columns.hub else "'hub-central'"
    opened.duck.execute(
        f"create table row_hubs as select orders_file.row_number, coalesce({hub}, 'hub-central') as code "
        f"from {of.relation} join rows on rows.row_number = orders_file.row_number and rows.reason is null"
    )
    place = _place(mapping, "hub-place", "code", "'BD-13'")
    opened.duck.execute(
        f"""create table hubs as
        with named as (
            select code, coalesce(known.district_code, {place}) as district_code, known.id as known_id
            from (select distinct code from row_hubs) left join known_hubs as known using (code)
        )
        select code, coalesce(known_id, {identifier("'hub'", "code")}) as id, known_id is null as is_new, district_code,
            'GetIt hub ' || code as name, {str(mapping.assign.places).lower()} as is_synthetic
        from named"""
    )


def _make_customers(opened: OpenFile) -> None:
    mapping, of, columns = opened.mapping, opened.expressions, opened.mapping.columns
    stated_name = of.text(columns.customer_name, "customer_name")
    stated_district = f"district_code({of.text(columns.customer_district or columns.district, 'customer_district')})"
    rule_name = named(mapping.assign.customer_name, "customer-name", "customer_ref", "'Customer ' || customer_ref")
    opened.duck.execute(
        f"""create table customers as
        with firsts as (
            select customer_ref, min(row_number) as row_number, min(local_at) as first_at
            from rows where reason is null group by customer_ref
        )
        select customer_ref, {identifier(literal(mapping.source), "'customer'", "customer_ref")} as id,
            coalesce({stated_name}, {rule_name}) as full_name,
            coalesce({stated_district}, {_place(mapping, "customer-place", "customer_ref", "null")}) as district_code,
            {of.text(columns.customer_phone, "customer_phone")} as phone,
            {of.text(columns.customer_password_hash, "customer_password_hash")} as password_hash,
            least(first_at, {of.instant(columns.buyer_created_at, "buyer_created_at")}) as created_local_at,
            {str(mapping.is_synthetic or mapping.assign.customer_name is not None).lower()} as is_synthetic
        from firsts join ({of.relation}) on orders_file.row_number = firsts.row_number"""
    )


def _make_sellers(opened: OpenFile) -> None:
    mapping, of = opened.mapping, opened.expressions
    rates = ", ".join(str(rate) for rate in mapping.assign.commission_bp)
    rate = f"list_extract([{rates}], 1 + cast(floor(fraction('commission', code) * {len(mapping.assign.commission_bp)}) as int))"
    rule_name = named(mapping.assign.seller_name, "seller-name", "code", "code")
    stated = of.text(mapping.columns.seller_name, "seller_name")
    opened.duck.execute(
        f"""create table seller_names as
        select seller_ref as code, any_value(stated) as stated from (
            select firsts.seller_ref, {stated} as stated
            from (select seller_ref, min(row_number) as row_number from rows where reason is null group by seller_ref) as firsts
            join ({of.relation}) on orders_file.row_number = firsts.row_number
        ) group by seller_ref"""
    )
    if mapping.catalog is not None:
        seller = of.text(mapping.columns.seller, "seller")
        opened.duck.execute(
            f"insert into seller_names select distinct {seller}, null from {_catalog_relation(opened)} "
            f"where {seller} is not null and {seller} not in (select code from seller_names)"
        )
    opened.duck.execute(
        f"""create table sellers as
        select code, coalesce(known.id, {identifier("'seller'", "code")}) as id, known.id is null as is_new,
            coalesce(stated, {rule_name}) as name, coalesce(known.commission_bp, {rate}) as commission_bp,
            {_place(mapping, "seller-place", "code", "null")} as district_code,
            {str(mapping.is_synthetic or mapping.assign.seller_name is not None).lower()} as is_synthetic
        from seller_names left join known_sellers as known using (code)"""
    )


def _catalog_relation(opened: OpenFile) -> str:
    """FROM clause over every product of the catalog lookup, as if each were one row of the orders file."""
    name = str(opened.mapping.catalog)
    lookup, types = opened.mapping.lookups[name], opened.expressions.types
    columns = ", ".join(
        f"{quoted(lookup.key)} as {quoted(column)}"
        if column == lookup.column
        else f"null::{types[column]} as {quoted(column)}"
        for column in opened.columns
    )
    stand_in = f"(select row_number, {columns} from {lookup_table(name)}) as orders_file"
    return opened.expressions.relation.replace("orders_file", stand_in, 1)


def _make_products(opened: OpenFile) -> None:
    mapping, of, columns = opened.mapping, opened.expressions, opened.mapping.columns
    levels = [of.text(level, "category") for level in columns.category] or ["'Unknown'"]
    described = f"""
        coalesce({of.text(columns.title, "title")}, 'Product') as title,
        {of.text(columns.brand, "brand")} as brand, {of.text(columns.package_size, "package_size")} as package_size,
        [level for level in [{", ".join(levels)}] if level is not null] as levels,
        {of.uom(columns.quantity)} as uom, {of.is_sellable(columns.quantity)} as is_sellable"""
    opened.duck.execute(
        f"""create table described as
        with firsts as (
            select product_ref, min(row_number) as row_number from rows where reason is null group by product_ref
        )
        select product_ref as code, null::varchar as seller_ref, {described}
        from firsts join ({of.relation}) on orders_file.row_number = firsts.row_number"""
    )
    if mapping.catalog is not None:
        product, seller = of.text(columns.product, "product"), of.text(columns.seller, "seller")
        opened.duck.execute(
            f"insert into described select {product}, {seller}, {described} from {_catalog_relation(opened)} "
            f"where {product} is not null and {product} not in (select code from described)"
        )
    opened.duck.execute(
        f"""create table products as
        select d.* replace (if(len(levels) = 0, ['Unknown'], levels) as levels),
            array_to_string(if(len(levels) = 0, ['Unknown'], levels), ' > ') as path,
            coalesce(known.id, {identifier("'product'", "d.code")}) as id, known.id is null as is_new
        from described as d left join known_products as known on known.code = d.code"""
    )


def _make_categories(opened: OpenFile) -> None:
    opened.duck.execute(
        f"""create table categories as
        with paths as (
            select distinct unnest([array_to_string(levels[1:n], ' > ') for n in range(1, len(levels) + 1)]) as path,
                unnest([levels[n] for n in range(1, len(levels) + 1)]) as name,
                unnest([array_to_string(levels[1:n - 1], ' > ') for n in range(1, len(levels) + 1)]) as parent_path
            from (select distinct levels from products)
        ), ids as (
            select paths.*, coalesce(known.id, {identifier("'category'", "path")}) as id, known.id is null as is_new
            from paths left join known_categories as known using (path)
        )
        select ids.*, parents.id as parent_id from ids left join ids as parents on parents.path = ids.parent_path"""
    )


def _make_offers(opened: OpenFile) -> None:
    """Offers of all accepted rows and of the catalog; the price is the last list price in whole taka."""
    opened.duck.execute(
        f"""create table offers as
        with pieces as (
            select product_ref, seller_ref, local_at, row_number,
                cast(round(subtotal_poisha * 10.0 / quantity_milli) * 100 as bigint) as price_poisha
            from rows where reason is null
        ), sold as (
            select product_ref, seller_ref, min(local_at) as first_at,
                arg_max(price_poisha, (local_at, row_number)) filter (price_poisha > 0) as price_poisha
            from pieces group by product_ref, seller_ref
            union all
            select code, seller_ref, null, null from products where seller_ref is not null
        ), placed as (
            select sold.*, products.path, products.levels, products.is_sellable, products.id as product_id,
                sellers.id as seller_id
            from sold join products on products.code = sold.product_ref join sellers on sellers.code = sold.seller_ref
        ), typical as (
            select path, levels, median(price_poisha) as price from placed where price_poisha is not null group by path, levels
        ), departments as (
            select levels[1] as department, median(price) as price from typical group by 1
        )
        select placed.* exclude (price_poisha), coalesce(known.id,
                {identifier("'offer'", "placed.product_id::varchar", "placed.seller_id::varchar")}) as id,
            known.id is null as is_new, placed.first_at is not null as is_sold,
            greatest(100, cast(round(coalesce(known.price_poisha, placed.price_poisha, typical.price, departments.price,
                10000) / 100) * 100 as bigint)) as price_poisha
        from placed left join typical using (path, levels)
        left join departments on departments.department = placed.levels[1]
        left join known_offers as known on known.product_id = placed.product_id and known.seller_id = placed.seller_id"""
    )
