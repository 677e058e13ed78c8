"""Use cases of the audit chain: append what is decided, sign checkpoints, verify all of it. Not here: what is recorded."""

from dataclasses import dataclass

from commerce.audit.rules import START, Signer, link_hash
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.security.keys import root_secret
from foundation.statements import load_statements

SQL = load_statements(__file__, "chain.sql")
PIECE = 500
SIGN_EVERY = 100


async def link_new(commerce: Commerce) -> bool:
    """Append decided records to the chain and sign its end when a checkpoint is due; True if more may wait."""
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["lock_chain"])
        last = await fetch_one(connection, SQL["last_link"])
        number, link, xid, seq = (
            (int(last["link_no"]), str(last["hash"]), last["xid"], last["seq"]) if last else (0, START, "0", 0)
        )
        records = await fetch_all(connection, SQL["unlinked"], xid=xid, seq=seq, limit=PIECE)
        links: list[str] = []
        for record in records:
            link = link_hash(link, number + len(links) + 1, record)
            links.append(link)
        if not records:
            return False
        numbers = [number + place for place in range(1, len(links) + 1)]
        ids = [record["id"] for record in records]
        await execute(
            connection, SQL["add_links"], numbers=numbers, record_ids=ids, hashes=links,
            xids=[record["xid"] for record in records], seqs=[record["seq"] for record in records],
        )  # fmt: skip
        await _sign(commerce, connection, numbers[-1], link)
    return len(records) == PIECE


async def _sign(commerce: Commerce, connection: Connection, number: int, link: str) -> None:
    signed = await fetch_one(connection, SQL["last_checkpoint"])
    # The first link is signed at once: from then on the chain cannot be made to look as if it had never been.
    if signed is None or signed["link_no"] == 0 or number - int(signed["link_no"]) >= SIGN_EVERY:
        signature = Signer(root_secret(commerce.settings)).sign(number, link)
        await execute(connection, SQL["add_checkpoint"], link_no=number, hash=link, signature=signature)


@dataclass(frozen=True)
class Verdict:
    """What verifying found: how many links hold, how many checkpoints, and the first thing that is wrong."""

    links: int
    checkpoints: int
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.problem is None


async def verify(commerce: Commerce) -> Verdict:
    """Recompute the chain from its start and check every signature."""
    signer, number, link, checkpoints = Signer(root_secret(commerce.settings)), 0, START, 0
    async with commerce.database.connection() as connection:
        newest = await fetch_one(connection, SQL["newest_checkpoint"])
        while rows := await fetch_all(connection, SQL["read_links"], after=number, limit=PIECE):
            for row in rows:
                if row["link_no"] != number + 1:
                    return Verdict(number, checkpoints, f"link {number + 1} is missing")
                if row["id"] is None:
                    return Verdict(number, checkpoints, f"the record of link {row['link_no']} is gone")
                link = link_hash(link, row["link_no"], row)
                if link != row["hash"]:
                    return Verdict(number, checkpoints, f"link {row['link_no']} does not fit its record {row['id']}")
                if row["signature"] is not None:
                    if row["signed_hash"] != link or not signer.is_valid(row["link_no"], link, row["signature"]):
                        return Verdict(number, checkpoints, f"the checkpoint at link {row['link_no']} is not ours")
                    checkpoints += 1
                number = row["link_no"]
    if newest is not None and newest["link_no"] > number:
        return Verdict(number, checkpoints, f"the chain ends at {number}, but link {newest['link_no']} was signed")
    return Verdict(number, checkpoints)
