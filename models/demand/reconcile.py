"""Makes expected units add up: products + the rest of their category = the category, exactly. Nothing else."""

import numpy as np
import numpy.typing as npt

from models.demand.panel import Matrix


def reconcile(products: Matrix, categories: Matrix, member: npt.NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """Scaled products and the rest of each category.

    Goods too rare to be forecast one by one make up the rest; where the products alone exceed their category, they
    shrink in proportion and the rest is zero.

    Args:
        products: expected units, products × weeks.
        categories: expected units, categories × weeks.
        member: index of each product's category.
    """
    sums = np.zeros_like(categories)
    np.add.at(sums, member, products)
    factor = np.where(sums > categories, categories / np.maximum(sums, 1e-12), 1.0)
    scaled = products * factor[member]
    kept = np.zeros_like(categories)
    np.add.at(kept, member, scaled)
    return scaled, categories - kept
