"""What is wrong with a field, in plain words that can be translated: pydantic's kinds of errors → texts. Not here: answers.

Source of the kinds: pydantic_core.core_schema.ErrorType.
"""

from collections.abc import Mapping
from typing import Any

from foundation.i18n import translate

NUMBER, WHOLE = "This must be a number.", "This must be a whole number."
DATE, INSTANT = "This must be a date like 2026-11-23.", "This must be an instant like 2026-11-23T10:00:00+06:00."
ANYTHING = "This is not valid here."
TEXTS: Mapping[str, str] = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field: leave it out.",
    "json_invalid": "The body is not valid JSON.",
    "string_type": "This must be text.",
    "string_too_short": "This needs at least {min_length} characters.",
    "string_too_long": "This may have at most {max_length} characters.",
    "string_pattern_mismatch": "This is not written in the form that is expected.",
    "too_short": "This needs at least {min_length} entries.",
    "too_long": "This may have at most {max_length} entries.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This may be at most {le}.",
    "literal_error": "This must be one of: {expected}.",
    "enum": "This must be one of: {expected}.",
    "int_type": WHOLE, "int_parsing": WHOLE, "int_parsing_size": WHOLE, "int_from_float": WHOLE,
    "float_type": NUMBER, "float_parsing": NUMBER, "finite_number": NUMBER, "decimal_type": NUMBER, "decimal_parsing": NUMBER,
    "bool_type": "This must be true or false.", "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.", "set_type": "This must be a list.", "tuple_type": "This must be a list.",
    "dict_type": "This must be an object.", "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "date_type": DATE, "date_parsing": DATE, "date_from_datetime_parsing": DATE, "date_from_datetime_inexact": DATE,
    "datetime_type": INSTANT, "datetime_parsing": INSTANT, "datetime_from_date_parsing": INSTANT,
    "datetime_object_invalid": INSTANT,
    "timezone_naive": "This instant needs its time zone, such as +06:00.",
    "timezone_aware": "This instant needs its time zone, such as +06:00.",
    "uuid_type": "This must be an identifier (UUID).", "uuid_parsing": "This must be an identifier (UUID).",
    "url_type": "This must be an address that begins with https://.",
    "url_parsing": "This must be an address that begins with https://.",
    "url_scheme": "This must be an address that begins with https://.",
}  # fmt: skip


def told(kind: str, context: Mapping[str, Any], locale: str) -> str:
    """What is wrong, in a language.

    Args:
        kind: pydantic's kind of error.
        context: its numbers and words; `error` holds what a validator of ours has raised.
        locale: one of `foundation.i18n.LOCALES`.
    """
    if kind == "value_error" and "error" in context:
        return translate(str(context["error"]), locale)
    words = {name: value for name, value in context.items() if isinstance(value, str | int | float)}
    try:
        return translate(TEXTS.get(kind, ANYTHING), locale, **words)
    except KeyError:
        return translate(ANYTHING, locale)
