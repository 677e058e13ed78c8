"""Depth and age of commerce's queues, sampled at every ingest for the platform's reports. Not here: alerts."""

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

SAMPLES = """
select 'consumer ' || consumer, count(o.id), coalesce(extract(epoch from now() - min(o.recorded_at)), 0)::float8
from platform.consumer_cursors c left join platform.outbox o on (o.xid, o.seq) > (c.xid, c.seq) group by consumer
union all
select 'notifications', count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8
from notifications.messages where state in ('queued', 'submitted', 'unknown')
union all
select 'webhooks', count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8
from webhooks.deliveries where state = 'pending'
union all
select 'payments unresolved', count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8
from payments.attempts where state in ('submitted', 'unknown')
"""


def sample_queues(source_url: str, warehouse_url: str) -> int:
    """Write one sample of each queue; number of queues."""
    with psycopg.connect(source_url) as source, psycopg.connect(warehouse_url) as warehouse:
        rows = source.execute(SAMPLES).fetchall()
        with warehouse.cursor() as cursor:
            cursor.executemany(
                "insert into quality.queue_samples (queue, waiting, oldest_s) values (%s, %s, %s) on conflict do nothing",
                rows,
            )
        warehouse.execute("delete from quality.queue_samples where sampled_at < now() - interval '90 days'")
    return len(rows)
