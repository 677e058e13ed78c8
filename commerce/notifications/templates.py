"""Everything the shop says by itself, as data: code → category, urgency, English title and body (the keys of translation).

`{name_poisha}` parameters are shown as taka under `{name}`. Not here: who is told, channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.i18n import digits, taka, translate

CATEGORIES = ("order", "payment", "promotion", "message", "account")


@dataclass(frozen=True)
class Template:
    """One text. An urgent one waits for no morning and no digest."""

    category: str
    title: str
    body: str
    is_urgent: bool = False


@dataclass(frozen=True)
class Text:
    """A text as one person reads it."""

    title: str
    body: str


TEMPLATES: dict[str, Template] = {
    "order.placed": Template(
        "order", "Order {number} is in", "We have your order {number} for {total}. We tell you when it is on its way."
    ),
    "order.shipped": Template(
        "order", "Order {number} is on its way", "A parcel of order {number} has been handed to the courier."
    ),
    "order.delivered": Template(
        "order", "Order {number} has arrived", "A parcel of order {number} was delivered. Is anything wrong? Tell us within 7 days."
    ),
    "order.cancelled": Template(
        "order", "Order {number} is cancelled", "A part of order {number} worth {total} was cancelled. What you paid for it comes back to you."
    ),
    "order.refused": Template(
        "order", "Parcel of order {number} came back", "The parcel of order {number} was refused at the door and is on its way back."
    ),
    "return.requested": Template(
        "order", "Return asked for", "A buyer wants to send goods of order {number} back. Answer within 48 hours: silence approves.",
        is_urgent=True,
    ),
    "return.approved": Template(
        "order", "Return of order {number} approved", "Send the goods of order {number} back within 14 days. We tell you when they have arrived."
    ),
    "return.rejected": Template(
        "order", "Return of order {number} rejected", "The shop does not take the goods of order {number} back. If that is wrong, open a dispute within 72 hours."
    ),
    "return.refused": Template(
        "order", "Returned goods not accepted", "The shop did not accept what came back of order {number}. If that is wrong, open a dispute within 72 hours."
    ),
    "return.refunded": Template(
        "payment", "Return of order {number} accepted", "{worth} for order {number} is on its way back to you."
    ),
    "return.exchanged": Template(
        "order", "Exchange for order {number}", "What you sent back of order {number} was accepted. The same goods are on their way to you."
    ),
    "return.lapsed": Template(
        "order", "Return of order {number} has ended", "The goods of order {number} did not come back within 14 days, so the return has ended."
    ),
    "dispute.opened": Template(
        "order", "A buyer disputes order {number}", "Answer the dispute about order {number} within 72 hours: silence decides for the buyer.",
        is_urgent=True,
    ),
    "dispute.answered": Template(
        "order", "The shop has answered your dispute", "The shop sees order {number} differently. We decide within 72 hours."
    ),
    "dispute.for_buyer": Template(
        "payment", "Dispute decided for you", "You were right about order {number}. What you are owed for it comes back to you."
    ),
    "dispute.for_seller": Template(
        "order", "Dispute decided for the shop", "We looked at order {number} and decided for the shop. Read why in GetIt."
    ),
    "payment.captured": Template(
        "payment", "Payment received", "We received {amount} for order {number}. Thank you.", is_urgent=True
    ),
    "payment.declined": Template(
        "payment", "Payment failed", "The payment of {amount} for order {number} failed. No money was taken; the order is cancelled.",
        is_urgent=True,
    ),
    "payout.paid": Template("payment", "Payout sent", "We sent you {amount}. It stands on your statement in GetIt."),
    "payout.failed": Template(
        "payment", "Payout not possible", "{amount} could not be sent to your account and stays with us for you. Check your payout account in GetIt."
    ),
    "payout.returned": Template(
        "payment", "Payout not possible", "{amount} could not be sent to your account and stays with us for you. Check your payout account in GetIt."
    ),
    "sellers.payout_account_changed": Template(
        "account", "Payout account changed",
        "The account that your payouts go to was changed. Nothing is sent there for 48 hours. If it was not you, tell us at once.",
        is_urgent=True,
    ),
    "message.written": Template("message", "{shop} has answered", "{shop} has written to you. Read and answer in GetIt."),
    "identity.one_time_code": Template(
        "account", "Your GetIt code", "{code} is your GetIt code. It is valid for 5 minutes. Tell it to nobody.", is_urgent=True
    ),
    "sellers.invite": Template(
        "account", "Work for {shop}", "{shop} invites you to work with it on GetIt. Accept with this code: {token}", is_urgent=True
    ),
    "digest": Template("account", "Your day at GetIt", "{count} news since yesterday:\n{lines}"),
}  # fmt: skip


def render(code: str, params: Mapping[str, object], locale: str) -> Text:
    """Text of a template in a language.

    Raises:
        KeyError: no such template, or a placeholder without its parameter.
    """
    template = TEMPLATES[code]
    shown: dict[str, object] = {}
    for name, value in params.items():
        if name.endswith("_poisha"):
            shown[name.removesuffix("_poisha")] = taka(int(str(value)), locale)
        else:
            shown[name] = digits(str(value), locale) if isinstance(value, int) else value
    return Text(translate(template.title, locale, **shown), translate(template.body, locale, **shown))
