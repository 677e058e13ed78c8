"""The published proposals as serving reads them. Not here: how they were made, HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.bundle import BundleRefused, read_bundle

FAMILY = "supply"
PROPOSALS = "proposals.json"


@dataclass(frozen=True)
class ProposalBook:
    """A loaded champion: proposals by worth, all and by seller."""

    version: str
    as_of_on: str
    proposals: Sequence[Mapping[str, Any]]
    by_seller: Mapping[str, Sequence[Mapping[str, Any]]]

    @classmethod
    def load(cls, folder: Path) -> "ProposalBook":
        """Book of a bundle.

        Raises:
            BundleRefused: the bundle cannot be trusted or read.
        """
        bundle = read_bundle(folder, family=FAMILY)
        try:
            proposals = bundle.read_json(PROPOSALS)
            by_seller: dict[str, list[Mapping[str, Any]]] = {}
            for proposal in proposals:
                by_seller.setdefault(proposal["seller_id"], []).append(proposal)
            return cls(bundle.version, str(bundle.manifest["as_of_on"]), proposals, by_seller)
        except (KeyError, ValueError, TypeError) as error:
            raise BundleRefused(f"{folder} cannot be loaded ({error}): roll back or publish again.") from error

    def page(self, seller_id: str | None, *, start: int, size: int) -> Sequence[Mapping[str, Any]]:
        """Proposals from a place on."""
        found = self.proposals if seller_id is None else self.by_seller.get(seller_id, ())
        return found[start : start + size]
