"""From the mapping's column descriptions to DuckDB expressions over the open file. Writes SQL text; runs nothing.

Every expression is NULL where the file's value is missing or unreadable; what that means is for `validate` to say.
"""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass

from commerce.imports.mapping import Condition, Instant, Mapping, Quantity, Text
from commerce.imports.sources import literal, lookup_table, quoted
from foundation.errors import InvalidInput

# Texts hold digits of either script; numbers, dates and phones are compared after this.
BANGLA_DIGITS = "০১২৩৪৫৬৭৮৯"
# Money and quantities beyond this are mistakes, and would not fit the sums.
LARGEST = 1_000_000_000_000


class UnknownColumn(InvalidInput):
    code = "unknown-column"
    message = "The mapping names the column {column!r} in {key}, but the file has: {known}. Correct the mapping."


@dataclass(frozen=True)
class Expressions:
    """Expressions over one open file and its lookups."""

    mapping: Mapping
    # Type of every column, by the name that mappings use.
    types: MappingOf[str, str]

    @property
    def relation(self) -> str:
        """FROM clause: the file's rows with their lookups."""
        joins = [
            f"left join {lookup_table(name)} on {self._join_key(name)}"
            for name in self.mapping.lookups
            if self._is_used(name)
        ]
        return " ".join(["orders_file", *joins])

    def _join_key(self, name: str) -> str:
        lookup = self.mapping.lookups[name]
        left, right = f"orders_file.{quoted(lookup.column)}", f"{lookup_table(name)}.{quoted(lookup.key)}"
        if self.types.get(lookup.column) == self.types.get(f"{name}.{lookup.key}"):
            return f"{left} = {right}"
        return f"cast({left} as varchar) = cast({right} as varchar)"

    def _is_used(self, name: str) -> bool:
        return f"{name}." in self.mapping.columns.model_dump_json()

    def column(self, name: str, key: str = "columns") -> str:
        """A column as SQL.

        Raises:
            UnknownColumn: neither the file nor a lookup has it.
        """
        if name not in self.types:
            raise UnknownColumn(column=name, key=key, known=", ".join(sorted(self.types)))
        table, _, inner = name.partition(".")
        if inner and table in self.mapping.lookups:
            return f"{lookup_table(table)}.{quoted(inner)}"
        return f"orders_file.{quoted(name)}"

    def text(self, source: Text | None, key: str) -> str:
        """A text; NULL if it is blank and has no substitute."""
        if source is None:
            return "null::varchar"
        if source.constant is not None:
            return literal(source.prefix + source.constant)
        parts = ", ".join(self._plain(name, key) for name in source.columns)
        value = parts if source.column else f"nullif(concat_ws({literal(source.separator)}, {parts}), '')"
        if source.values:
            whens = " ".join(f"when {literal(theirs)} then {literal(ours)}" for theirs, ours in source.values.items())
            value = f"case {value} {whens} else {value} end"
        value = _cased(value, source.case)
        if source.missing is not None:
            value = f"coalesce({value}, {literal(source.missing)})"
        return f"{literal(source.prefix)} || {value}" if source.prefix else value

    def _plain(self, name: str, key: str) -> str:
        column = self.column(name, key)
        if self.types[name] == "VARCHAR":
            return f"nullif(trim(replace({column}, chr(0), '')), '')"
        return f"cast({column} as varchar)"

    def number(self, name: str, key: str) -> str:
        """A number with six decimals, or NULL."""
        column = self.column(name, key)
        if self.types[name] == "VARCHAR":
            money = self.mapping.money
            column = f"translate({column}, {literal(BANGLA_DIGITS)}, '0123456789')"
            if money.thousands:
                column = f"replace({column}, {literal(money.thousands)}, '')"
            if money.decimal != ".":
                column = f"replace({column}, {literal(money.decimal)}, '.')"
        return f"within(try_cast({column} as double), try_cast({column} as decimal(38, 6)))"

    def money(self, names: Sequence[str], key: str, *, times: str = "") -> str:
        """A sum of columns (times a number) in poisha, rounded half up. NULL when one of them is unreadable."""
        total = " + ".join(self.number(name, key) for name in names)
        if times:
            total = f"({total})::double * ({times})"
        return f"poisha({total}, {self.mapping.money.poisha_per_unit})"

    def instant(self, source: Instant | None, key: str) -> str:
        """Wall-clock time of Dhaka (a naive timestamp), or NULL. Rebased histories keep the wall clock of their zone."""
        if source is None:
            return "null::timestamp"
        column, kind = self.column(source.column, key), self.types[source.column]
        wall = self.mapping.rebase.wall_zone if self.mapping.rebase else "Asia/Dhaka"
        if kind == "DATE":
            return f"({column} + interval 12 hour)"
        if source.formats in (("epoch_s",), ("epoch_ms",)):
            scale = 1000 if source.formats == ("epoch_s",) else 1
            return f"timezone({literal(wall)}, to_timestamp(try_cast({column} as double) * {scale} / 1000))"
        if kind == "VARCHAR":
            return self._parsed(column, source, wall)
        return _moved(column, kind, source.zone, wall)

    def _parsed(self, column: str, source: Instant, wall: str) -> str:
        text = f"translate({column}, {literal(BANGLA_DIGITS)}, '0123456789')"
        if not source.formats:
            aware = f"try_cast({text} as timestamptz)"
            has_zone = f"regexp_matches({text}, '([zZ]|[+-][0-9]{{2}}:?([0-9]{{2}})?)$') and length({text}) > 10"
            naive = f"try_cast({text} as timestamp)"
            naive = f"case when length({text}) <= 10 then {naive} + interval 12 hour else {naive} end"
            moved = _moved(f"({naive})", "TIMESTAMP", source.zone, wall)
            return f"case when {has_zone} then timezone({literal(wall)}, {aware}) else {moved} end"
        tried = []
        for form in source.formats:
            parsed = f"try_strptime({text}, {literal(form)})"
            if "%z" in form:
                tried.append(f"timezone({literal(wall)}, {parsed})")
            elif "%H" in form or "%I" in form:
                tried.append(_moved(parsed, "TIMESTAMP", source.zone, wall))
            else:
                tried.append(f"({parsed} + interval 12 hour)")
        return f"coalesce({', '.join(tried)})"

    def condition(self, condition: Condition, key: str) -> str:
        """Whether a rule is for the row; never NULL."""
        value = self._plain(condition.column, key)
        if condition.starts_with is not None:
            return f"coalesce(starts_with({value}, {literal(condition.starts_with)}), false)"
        return f"coalesce({value} in ({', '.join(map(literal, condition.equals))}), false)"

    def uom(self, quantity: Quantity) -> str:
        """Unit of measure of the product."""
        whens = [f"when {self.condition(rule.when, 'quantity')} then {literal(rule.uom)}" for rule in quantity.rules]
        return _case(whens, literal(quantity.uom))

    def is_sellable(self, quantity: Quantity) -> str:
        """Whether a shopper may buy the product from now on."""
        whens = [
            f"when {self.condition(rule.when, 'quantity')} then {str(rule.is_sellable).lower()}"
            for rule in quantity.rules
        ]
        return _case(whens, "true")

    def divisor(self, quantity: Quantity) -> str:
        """What the file's quantity is divided by."""
        raw = self.number(quantity.column, "quantity")
        whens = [
            f"when {self.condition(rule.when, 'quantity')} and {raw} >= {rule.at_least} then {rule.divisor}"
            for rule in quantity.rules
        ]
        return _case(whens, "1")


def _case(whens: Sequence[str], otherwise: str) -> str:
    return f"case {' '.join(whens)} else {otherwise} end" if whens else otherwise


def _cased(value: str, case: str) -> str:
    if case == "title":
        return f"title_case({value})"
    return f"lower({value})" if case == "lower" else value


def _moved(column: str, kind: str, zone: str, wall: str) -> str:
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"timezone({literal(wall)}, {column})"
    naive = f"cast({column} as timestamp)"
    return naive if zone == wall else f"timezone({literal(wall)}, timezone({literal(zone)}, {naive}))"


MACROS = f"""
create or replace macro within(size, exact) as case when abs(size) < {LARGEST} then exact end;
create or replace macro poisha(amount, per_unit) as
    case when abs(amount) < {LARGEST} then cast(round(cast(amount as decimal(24, 6)) * per_unit) as bigint) end;
create or replace macro title_case(words) as array_to_string(list_transform(string_split(lower(words), ' '),
    lambda w: upper(w[1]) || w[2:]), ' ');
create or replace macro district_code(name) as getvariable('districts')[
    regexp_replace(lower(nfc_normalize(name)), '[^a-z0-9\u0980-\u09ff]', '', 'g')];
create or replace macro drawn_district(chance) as getvariable('district_codes')[
    1 + len(list_filter(getvariable('district_edges'), lambda edge: edge <= chance))];
create or replace macro fraction(rule, name) as
    (md5_number_lower(concat_ws(':', getvariable('seed'), rule, name)) % 1000000) / 1000000.0;
create or replace macro v7(instant_ms, digest) as cast(lpad(lower(to_hex(cast(instant_ms as bigint))), 12, '0') || '7'
    || substr(digest, 1, 3) || substr('89ab', 1 + ascii(substr(digest, 4, 1)) % 4, 1) || substr(digest, 5, 15) as uuid);
"""
