"""Which role may do what: roles and the scopes that an access token of such a person carries. Pure.

Not here: who holds which role (tables of identity), ownership of single things (each use case).
"""

from collections.abc import Iterable

# Scopes: `shop` buys; `sell` runs a shop's daily business, `sell.manage` its people, bank details and API keys;
# `courier` moves parcels; the others are the desks of GetIt's own staff.
ROLES: dict[str, frozenset[str]] = {
    "shopper": frozenset({"shop"}),
    "seller_owner": frozenset({"shop", "sell", "sell.manage"}),
    "seller_staff": frozenset({"shop", "sell"}),
    "courier": frozenset({"courier"}),
    "support": frozenset({"support"}),
    "fraud_analyst": frozenset({"risk"}),
    "planner": frozenset({"inventory"}),
    "finance": frozenset({"finance"}),
    "manager": frozenset({"report", "moderate", "promote"}),
    "admin": frozenset(
        {"admin", "support", "risk", "inventory", "finance", "report", "moderate", "promote", "monitor"}
    ),
    "monitor": frozenset({"monitor"}),
}
STAFF_ROLES = frozenset({"support", "fraud_analyst", "planner", "finance", "manager", "admin", "monitor"})


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """Scopes of somebody who holds these roles."""
    return frozenset().union(*(ROLES[role] for role in roles))
