"""The list of model families: a new one appears in the pipelines by standing here. Not here: what a family is (family).

For training only: scoring loads each champion by its own class and must not reach the training stack.
"""

from models.demand.family import DemandFamily
from models.family import Family
from models.fraud.family import FraudFamily
from models.supply.family import SupplyFamily


def families() -> tuple[Family, ...]:
    """All families, in an order that respects `needs`."""
    return (FraudFamily(), DemandFamily(), SupplyFamily())
