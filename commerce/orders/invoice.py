"""An invoice as a page to print, in the caller's language: taka with lakh and crore, digits of the language.

Not here: what it says (see `use_cases.invoice`).
"""

from html import escape

from babel.dates import format_datetime

from commerce.orders.schemas import Invoice, InvoiceOrder
from foundation.clock import DHAKA
from foundation.i18n import digits, taka, translate

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{width:100%;border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.35rem .25rem;border-bottom:1px solid #ddd;text-align:left}
td.n,th.n{text-align:right;white-space:nowrap}tfoot td{border:0}h1{font-size:1.4rem}h2{font-size:1.05rem;margin-bottom:0}"""


def invoice_page(invoice: Invoice, locale: str) -> str:
    """HTML of an invoice; every text that people typed is escaped."""

    def say(text: str) -> str:
        return escape(translate(text, locale))

    placed = format_datetime(invoice.placed_at.astimezone(DHAKA), "d MMMM y, HH:mm", locale=locale)
    head = f"{say('Invoice')} {escape(invoice.number)}"
    orders = "".join(_order(order, locale) for order in invoice.orders)
    sums = [
        ("Goods", invoice.subtotal_poisha),
        ("Discount", -invoice.discount_poisha),
        ("Delivery", invoice.shipping_poisha),
        ("Total", invoice.total_poisha),
    ]
    total = "".join(
        f'<tr><td>{say(name)}</td><td class="n">{_money(amount, locale)}</td></tr>' for name, amount in sums
    )
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{head}</title><style>{STYLE}</style></head>'
        f"<body><h1>{head}</h1><p>{escape(digits(placed, locale))} · {say(METHODS[invoice.payment_method])}</p>{orders}"
        f"<table>{total}</table><p>{say('Prices include VAT.')}</p></body></html>"
    )


METHODS = {"cod": "Cash on delivery", "bkash": "bKash"}


def _order(order: InvoiceOrder, locale: str) -> str:
    heads = "".join(
        f"<th{css}>{escape(translate(name, locale))}</th>"
        for name, css in (
            ("Goods", ""),
            ("Quantity", ' class="n"'),
            ("Discount", ' class="n"'),
            ("Total", ' class="n"'),
        )
    )
    rows = "".join(
        f'<tr><td>{escape(line.title)}</td><td class="n">{digits(f"{line.quantity:g}", locale)}</td>'
        f'<td class="n">{_money(line.discount_poisha, locale)}</td><td class="n">{_money(line.total_poisha, locale)}</td></tr>'
        for line in order.lines
    )
    return f"<h2>{escape(order.seller_name)}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _money(amount_poisha: int, locale: str) -> str:
    return escape(taka(amount_poisha, locale, with_poisha=True))
