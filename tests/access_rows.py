"""Who may do what: one row for every operation of the API, written by hand and compared with the code and with real answers.

`access`: public · member (anybody who is logged in) · the scopes of which one is needed.
`owner`: none (the same for everybody) · self (only what is the caller's own, by construction) · desk (staff see all) ·
the kind of thing in the path that must be the caller's own: somebody else's answers 404.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    access: str
    owner: str = "none"


ROWS: dict[str, Row] = {
    # identity
    "POST /v1/auth/register": Row("public"),
    "POST /v1/auth/login": Row("public"),
    "GET /v1/me": Row("member", "self"),
    # catalog and search
    "GET /v1/products": Row("public"),
    "GET /v1/products/{product_id}": Row("public"),
    "GET /v1/categories": Row("public"),
    # cart
    "GET /v1/cart": Row("member", "self"),
    "PUT /v1/cart/lines/{offer_id}": Row("member", "self"),
    "DELETE /v1/cart/lines/{offer_id}": Row("member", "self"),
    "DELETE /v1/cart": Row("member", "self"),
    "POST /v1/cart/seen": Row("member", "self"),
    "POST /v1/cart/merge": Row("member", "self"),
    # inventory
    "GET /v1/inventory/hubs": Row("inventory", "desk"),
    "POST /v1/inventory/hubs": Row("inventory", "desk"),
    "GET /v1/inventory/offers/{offer_id}": Row("inventory", "desk"),
    "GET /v1/inventory/offers/{offer_id}/movements": Row("inventory", "desk"),
    "POST /v1/inventory/offers/{offer_id}/receipts": Row("inventory", "desk"),
    "POST /v1/inventory/offers/{offer_id}/write-offs": Row("inventory", "desk"),
    "PUT /v1/inventory/offers/{offer_id}/watch": Row("inventory", "desk"),
    "GET /v1/inventory/transfers": Row("inventory", "desk"),
    "POST /v1/inventory/transfers": Row("inventory", "desk"),
    "POST /v1/inventory/transfers/{transfer_id}/end": Row("inventory", "desk"),
    "GET /v1/inventory/purchase-orders": Row("inventory", "desk"),
    "POST /v1/inventory/purchase-orders": Row("inventory", "desk"),
    "GET /v1/inventory/purchase-orders/{order_id}": Row("inventory", "desk"),
    "POST /v1/inventory/purchase-orders/{order_id}/actions": Row("inventory", "desk"),
    "POST /v1/inventory/purchase-orders/{order_id}/receipts": Row("inventory", "desk"),
    "GET /v1/seller/stock/{offer_id}": Row("sell", "offer"),
    "POST /v1/seller/stock/{offer_id}/receipts": Row("sell", "offer"),
    "POST /v1/seller/stock/{offer_id}/write-offs": Row("sell", "offer"),
    "PUT /v1/seller/stock/{offer_id}/watch": Row("sell", "offer"),
    # promotions
    "GET /v1/promotions/campaigns": Row("public"),
    "POST /v1/promotions/campaigns": Row("promote", "desk"),
    "GET /v1/promotions/flash-slots": Row("public"),
    "GET /v1/promotions/flash-slots/{slot_id}": Row("public"),
    "POST /v1/promotions/flash-slots/{slot_id}/ticket": Row("member", "self"),
    "GET /v1/promotions/vouchers": Row("promote", "desk"),
    "POST /v1/promotions/vouchers": Row("promote", "desk"),
    "DELETE /v1/promotions/vouchers/{code}": Row("promote", "desk"),
    "GET /v1/seller/promotions/vouchers": Row("sell", "self"),
    "POST /v1/seller/promotions/vouchers": Row("sell", "self"),
    "DELETE /v1/seller/promotions/vouchers/{code}": Row("sell", "voucher"),
    "GET /v1/seller/promotions/bundles": Row("sell", "self"),
    "POST /v1/seller/promotions/bundles": Row("sell", "self"),
    "GET /v1/seller/promotions/flash-slots": Row("sell", "self"),
    "POST /v1/seller/promotions/flash-slots": Row("sell", "self"),
    # orders
    "POST /v1/orders": Row("member", "self"),
    "POST /v1/orders/quote": Row("member", "self"),
    "GET /v1/orders": Row("member", "self"),
    "GET /v1/orders/open": Row("courier risk", "desk"),
    "GET /v1/orders/{group_id}": Row("member", "group"),
    "GET /v1/orders/{group_id}/invoice": Row("member", "group"),
    "POST /v1/orders/{group_id}/reorder": Row("member", "group"),
    "POST /v1/orders/{order_id}/cancel": Row("member", "order"),
    # The scope depends on the state asked for: couriers ship and deliver, the fraud team releases and cancels.
    "POST /v1/orders/{order_id}/transitions": Row("courier risk", "desk"),
    # payments: the provider's browser redirects carry no token; the attempt's random id is the secret
    "GET /v1/payments/bkash/callback": Row("public"),
    "GET /v1/payments/{attempt_id}/redirect": Row("public"),
    "GET /v1/payments/{attempt_id}": Row("member", "attempt"),
    # risk
    "POST /v1/risk/labels": Row("risk", "desk"),
    "GET /v1/risk/decisions": Row("risk", "desk"),
    "GET /v1/live/orders": Row("monitor risk", "desk"),
    # notifications
    "GET /v1/me/notifications": Row("member", "self"),
    "POST /v1/me/notifications/{notice_id}/read": Row("member", "notice"),
    "GET /v1/me/notification-preferences": Row("member", "self"),
    "PUT /v1/me/notification-preferences": Row("member", "self"),
    "POST /v1/me/notification-devices": Row("member", "self"),
    "DELETE /v1/me/notification-devices": Row("member", "self"),
    # webhooks
    "POST /v1/seller/webhooks": Row("sell", "self"),
    "GET /v1/seller/webhooks": Row("sell", "self"),
    "PATCH /v1/seller/webhooks/{endpoint_id}": Row("sell", "webhook"),
    "DELETE /v1/seller/webhooks/{endpoint_id}": Row("sell", "webhook"),
    "POST /v1/seller/webhooks/{endpoint_id}/secret": Row("sell", "webhook"),
    "POST /v1/seller/webhooks/{endpoint_id}/test": Row("sell", "webhook"),
    "GET /v1/seller/webhooks/{endpoint_id}/deliveries": Row("sell", "webhook"),
    "POST /v1/seller/webhooks/{endpoint_id}/replay": Row("sell", "webhook"),
    # engagement
    "GET /v1/me/wishlist": Row("member", "self"),
    "PUT /v1/me/wishlist/{product_id}": Row("member", "self"),
    "DELETE /v1/me/wishlist/{product_id}": Row("member", "self"),
    "GET /v1/me/following": Row("member", "self"),
    "PUT /v1/me/following/{seller_id}": Row("member", "self"),
    "DELETE /v1/me/following/{seller_id}": Row("member", "self"),
    "GET /v1/me/recently-viewed": Row("member", "self"),
    "POST /v1/me/recently-viewed": Row("member", "self"),
    "DELETE /v1/me/recently-viewed": Row("member", "self"),
    "GET /v1/me/coins": Row("member", "self"),
    # talk; the shop's side answers 404 for threads of other shops
    "POST /v1/messages/threads": Row("member", "self"),
    "GET /v1/messages/threads": Row("member", "self"),
    "GET /v1/messages/threads/{thread_id}": Row("member", "thread"),
    "POST /v1/messages/threads/{thread_id}": Row("member", "thread"),
    "GET /v1/messages/shop/threads": Row("sell", "self"),
    "GET /v1/messages/shop/threads/{thread_id}": Row("sell", "thread"),
    "POST /v1/messages/shop/threads/{thread_id}": Row("sell", "thread"),
    "GET /v1/messages/shop/response-time": Row("sell", "self"),
}
