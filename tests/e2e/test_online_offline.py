"""What a live decision saw is what the warehouse says was known then: online = offline on the running market."""

import math
from datetime import datetime, timedelta

import duckdb

from models.features.catalogue import CHECKOUT, mart_sources
from models.features.offline import point_in_time_sql

KEYS = {
    "buyer": "buyer_id",
    "device": "device_index",
    "phone": "phone_index",
    "payer": "payer_index",
    "voucher": "voucher_code",
}
COLUMNS = (*KEYS.values(), "district_code")
DECISIONS = "select event_id::text, features, request from scoring.decisions where source = 'model' order by decided_at"
#: Events reach the online store within this time, also while the rest of the suite has the other core; a decision closer
#: to an event of the same entity may lawfully miss it.
LAG_S = 5.0


def settled(rows):
    """Decisions without an event of a shared entity in the moment before them."""
    last = {}
    for event_id, features, request in rows:
        at = datetime.fromisoformat(request["occurred_at"]).timestamp()
        keys = [(name, request[name]) for name in KEYS.values() if request[name]]
        if all(at - last.get(key, 0.0) > LAG_S for key in keys):
            yield event_id, features, request
        last.update(dict.fromkeys(keys, at))


def offline(busy, decisions):
    lake = busy.settings.folder("lake")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            "create table asked (decision_id varchar, decided_at timestamptz, buyer varchar, device varchar, phone varchar,"
            " payer varchar, voucher varchar, district varchar, amount_poisha double)"
        )
        for event_id, features, request in decisions:
            values = [request[name] for name in COLUMNS]
            row = [event_id, request["occurred_at"], *values, features["amount_poisha"]]
            connection.execute(f"insert into asked values ({', '.join('?' * len(row))})", row)
        sql = point_in_time_sql(CHECKOUT, mart_sources(lake), "select * from asked", request=["amount_poisha"])
        names = [name for name, *_ in connection.execute(sql).description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in connection.execute(sql).fetchall()}


def a_day_later(instant: str) -> str:
    return (datetime.fromisoformat(instant) + timedelta(days=1)).isoformat()


def differs(ours, theirs) -> bool:
    theirs = None if theirs is None or math.isnan(theirs) else theirs
    if ours is None or theirs is None:
        return ours is not theirs
    return abs(ours - theirs) > 1e-9 * max(1.0, abs(theirs))


def test_online_features_are_the_offline_features(busy):
    decisions = list(settled(busy.sql("getit", DECISIONS)))
    assert len(decisions) > 20
    run = busy.module("pipelines.run")
    assert run.returncode == 0, run.stdout[-3000:]

    found = offline(busy, decisions)

    wrong = [
        (event_id, name, features[name], value)
        for event_id, features, _ in decisions
        for name, value in found[event_id].items()
        if name != "decision_id" and differs(features[name], value)
    ]
    assert wrong == []


def test_another_moment_gives_other_features(busy):
    """The broken twin: features as of one day later know more than the decision could."""
    decisions = list(settled(busy.sql("getit", DECISIONS)))[:50]
    later = [
        (event_id, features, {**request, "occurred_at": a_day_later(request["occurred_at"])})
        for event_id, features, request in decisions
    ]
    found = offline(busy, later)
    assert any(
        differs(features[name], value)
        for event_id, features, _ in later
        for name, value in found[event_id].items()
        if name != "decision_id"
    )
