"""Money in integer poisha: rounding, shares, formatting of amounts. Not here: currencies' rates, prices, taxes' rates."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

POISHA_PER_TAKA = 100


def share(amount_poisha: int, rate_bp: int) -> int:
    """Part of an amount at a rate in basis points, rounded half up (away from zero)."""
    scaled = abs(amount_poisha) * rate_bp * 2 + 10_000
    part = scaled // 20_000
    return part if amount_poisha >= 0 else -part


def apportion(amount_poisha: int, weights: list[int]) -> list[int]:
    """Split an amount in proportion to weights so that the parts sum to it exactly (largest remainder method).

    Ties go to the earlier part. Equal parts when all weights are zero.

    Raises:
        ValueError: no weights, or a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("apportion needs at least one weight and none below zero")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    sign = 1 if amount_poisha >= 0 else -1
    exact = [abs(amount_poisha) * weight for weight in weights]
    parts = [value // total for value in exact]
    left = abs(amount_poisha) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(exact[i] % total), i))
    for index in by_remainder[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def to_taka(amount_poisha: int) -> str:
    """Amount as providers print it: taka with two decimals, such as "1250.00"."""
    sign = "-" if amount_poisha < 0 else ""
    whole, rest = divmod(abs(amount_poisha), POISHA_PER_TAKA)
    return f"{sign}{whole}.{rest:02d}"


def from_taka(text: str | float | Decimal) -> int:
    """Poisha in an amount of taka as a provider prints it.

    Raises:
        ValueError: not a number, or finer than one poisha.
    """
    try:
        poisha = Decimal(str(text)) * POISHA_PER_TAKA
        rounded = poisha.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount of taka: write it like 1250.00") from None
    if rounded != poisha:
        raise ValueError(f"{text!r} is finer than one poisha: give at most two decimals")
    return int(rounded)
