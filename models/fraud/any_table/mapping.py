"""The mapping of a labelled table: which column is time, amount, label, key; everything else is looked at. Pure but for reading YAML.

Not here: the rows.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class TableRefused(ValueError):
    """The table or its mapping cannot be used; the message says what to change."""


def _span(value: object) -> object:
    """A duration like 7d, 12h, 90min, 30s."""
    found = re.fullmatch(r"(\d+)\s*(s|min|h|d)", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a duration like 7d, 12h, 90min or 30s")
    return int(found[1]) * UNITS[found[2]]


def _share(value: object) -> object:
    """A share like 20% or 0.2."""
    if isinstance(value, str) and value.endswith("%"):
        return float(value[:-1]) / 100
    return value


def _between(share: float) -> float:
    if not 0 < share < 1:
        raise ValueError("a share lies between 0 % and 100 %")
    return share


Span = Annotated[timedelta, BeforeValidator(_span)]
Share = Annotated[float, BeforeValidator(_share), AfterValidator(_between)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Part):
    """Columns with a meaning of their own. `time_unit`: of a time that is a number, since any beginning."""

    time: str
    label: str
    id: str | None = None
    amount: str | None = None
    time_unit: Literal["s", "min", "h", "d"] = "s"


class Label(_Part):
    """Which values mean fraud, which mean that nothing is known yet, and when a label is known: by a column or after a delay."""

    fraud: tuple[str, ...] = ("1", "true", "yes", "fraud")
    unknown: tuple[str, ...] = ("", "null", "none", "pending", "unknown")
    known_at: str | None = None
    delay: Span = timedelta(0)

    @model_validator(mode="before")
    @classmethod
    def _as_text(cls, found: object) -> object:
        """Values as text: YAML reads 1 and yes as other things than a table does."""
        if isinstance(found, dict):
            for name in ("fraud", "unknown"):
                values = found.get(name)
                if values is not None:
                    listed = values if isinstance(values, list) else [values]
                    found = {**found, name: [str(value).strip().lower() for value in listed]}
        return found


class Parts(_Part):
    """The newest rows judge, those before them calibrate; `test_from` instead of a share names the moment."""

    test: Share = 0.2
    calibrate: Share = 0.15
    test_from: datetime | None = None


class Costs(_Part):
    """What a look at a row costs and how much of a fraud it saves, in the unit of the amount."""

    review: float = Field(50.0, ge=0)
    caught: Share = 0.9


class Mapping(_Part):
    """What a labelled table means. `entities`: keys whose own past is followed, such as a card or an account."""

    files: tuple[str, ...] = Field(min_length=1)
    columns: Columns
    label: Label = Label()
    entities: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    split: Parts = Parts()
    capacity: Share = 0.005
    costs: Costs = Costs()
    folder: Path = Path()

    @property
    def reserved(self) -> set[str]:
        """Columns that are no inputs."""
        columns = self.columns
        named = {columns.time, columns.label, columns.id, self.label.known_at, *self.entities, *self.ignore}
        return {name for name in named if name is not None}

    @property
    def paths(self) -> list[str]:
        """Files as they are opened: relative to the mapping."""
        return [str(self.folder / name) for name in self.files]


def read_mapping(path: Path) -> Mapping:
    """Mapping of a YAML file.

    Raises:
        TableRefused: not there, no YAML, or a value that means nothing; the message names the place.
    """
    try:
        found = yaml.safe_load(path.read_text())
    except OSError as error:
        raise TableRefused(f"{path}: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise TableRefused(f"{path} is no YAML: {str(error)[:300]}") from error
    if not isinstance(found, dict):
        raise TableRefused(f"{path}: write `files:`, `columns:` with `time:` and `label:`.")
    try:
        return Mapping(**{**found, "folder": path.parent})
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise TableRefused(f"{path}: {told}.") from error
