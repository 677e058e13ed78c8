"""The audit chain: whole when untouched; a record changed, removed or the whole chain rewritten is found."""

import asyncio
import subprocess
import sys

import pytest

from commerce.audit import use_cases as audit
from commerce.audit.chain import link_new, verify
from commerce.audit.rules import START, Signer, link_hash
from commerce.context import Commerce
from foundation.ids import uuid7

RECORDS = 250


@pytest.fixture(scope="module")
def chained(settings, shop):
    """A log of deeds, written by many at once, with its chain."""

    async def story():
        commerce = Commerce.build(settings)
        await commerce.open()

        at_once = asyncio.Semaphore(settings.pool_size)

        async def deed(number):
            async with at_once, commerce.database.transaction() as connection:
                await audit.record(
                    connection, actor_id=uuid7(), action="voucher.created", subject=("voucher", f"V{number}"),
                    detail={"limit_total": number, "name": "ঈদ"},
                )  # fmt: skip

        await asyncio.gather(*(deed(number) for number in range(RECORDS)))
        while await link_new(commerce):
            pass
        await commerce.close()

    asyncio.run(story())
    return settings


def verdict(settings):
    async def story():
        commerce = Commerce.build(settings)
        await commerce.open()
        found = await verify(commerce)
        await commerce.close()
        return found

    return asyncio.run(story())


def test_an_untouched_log_is_whole(chained, shop):
    found = verdict(chained)
    assert (found.is_whole, found.links) == (True, RECORDS)
    assert found.checkpoints >= 1


def test_linking_again_adds_nothing(chained, shop):
    before = shop.sql("select count(*) from audit.links")

    async def story():
        commerce = Commerce.build(chained)
        await commerce.open()
        more = await link_new(commerce)
        await commerce.close()
        return more

    assert asyncio.run(story()) is False
    assert shop.sql("select count(*) from audit.links") == before


@pytest.mark.parametrize(
    ("change", "undo", "problem"),
    [
        (
            "update audit.records set detail = '{\"limit_total\": 9999}' where subject_id = 'V7'",
            "update audit.records set detail = jsonb_build_object('limit_total', 7, 'name', 'ঈদ') where subject_id = 'V7'",
            "does not fit",
        ),
        (
            "create table audit.kept as select * from audit.records where subject_id = 'V9'; "
            "delete from audit.records where subject_id = 'V9'",
            "insert into audit.records overriding system value select * from audit.kept; drop table audit.kept",
            "is gone",
        ),
        (
            "create table audit.kept as select * from audit.links where link_no > 200; delete from audit.links where link_no > 200",
            "insert into audit.links select * from audit.kept; drop table audit.kept",
            "was signed",
        ),
    ],
)
def test_what_was_tampered_with_is_found(chained, shop, change, undo, problem):
    for statement in change.split("; "):
        shop.sql(statement)
    found = verdict(chained)
    for statement in undo.split("; "):
        shop.sql(statement)
    assert problem in (found.problem or "")
    assert verdict(chained).is_whole


def test_whoever_rewrites_the_whole_chain_cannot_sign_it(chained, shop):
    """An intruder with every right in the database, but without the key."""
    names = ("id", "actor_id", "action", "subject_kind", "subject_id", "detail", "recorded_at")
    shop.sql("create table audit.kept as select * from audit.links")
    shop.sql("update audit.records set action = 'voucher.ended' where subject_id = 'V3'")
    rows = shop.sql(
        f"select l.link_no, {', '.join('r.' + name for name in names)} from audit.links l join audit.records r "
        "on r.id = l.record_id order by l.link_no"
    )
    link = START
    for number, *values in rows:
        link = link_hash(link, number, dict(zip(names, values, strict=True)))
        shop.sql("update audit.links set hash = %s where link_no = %s", link, number)
    unsigned = verdict(chained)
    forged = Signer(b"another root secret of thirty-two bytes").sign(rows[-1][0], link)
    assert "not ours" in (unsigned.problem or "")
    assert not Signer(b"the real one").is_valid(rows[-1][0], link, forged)
    shop.sql("update audit.records set action = 'voucher.created' where subject_id = 'V3'")
    shop.sql("update audit.links l set hash = k.hash from audit.kept k where k.link_no = l.link_no")
    shop.sql("drop table audit.kept")
    assert verdict(chained).is_whole


def test_the_application_itself_may_not_change_the_log(chained, shop):
    rights = shop.sql(
        "select has_table_privilege('getit_app', t, p) from unnest(array['audit.records', 'audit.links', 'audit.checkpoints']) t, "
        "unnest(array['update', 'delete', 'truncate']) p"
    )
    assert {granted for (granted,) in rights} == {False}


def test_the_command_says_whether_it_is_whole(chained, shop):
    from conftest import environment_of

    def run_command():
        return subprocess.run(
            [sys.executable, "-m", "getit", "audit", "verify"],
            env=environment_of(chained),
            capture_output=True,
            text=True,
            check=False,
        )

    whole = run_command()
    shop.sql("update audit.records set subject_id = 'X' where subject_id = 'V5'")
    changed = run_command()
    shop.sql("update audit.records set subject_id = 'V5' where subject_id = 'X'")
    assert (whole.returncode, changed.returncode) == (0, 1), whole.stdout + whole.stderr
    assert "whole" in whole.stdout
    assert "was changed" in changed.stdout
