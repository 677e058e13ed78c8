"""The lake in a store of your own (any fsspec URL), and the one call that reads it there or on local disk. Not here: what is in it.

    from pipelines.store import dataset
    orders = dataset("orders.orders")        # a table of commerce, newest rows; "fct_orders": a mart
    duckdb.sql("select status, count(*) from orders group by all")
    polars.scan_pyarrow_dataset(orders)

Files are published under names that carry their content, then one list of them is replaced: whoever reads by the list sees
one state whole. What the list before named is kept until the next one, for those who are still reading.
"""

import hashlib
import json
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.dataset as ds

from foundation.settings import Settings, load_settings

LIST = "getit-lake.json"
TABLES, MARTS = "tables", "marts"
PARTITIONS = ds.partitioning(pa.schema([("day", pa.string())]), flavor="hive")
Listing = dict[str, list[str]]


class NotInTheLake(LookupError):
    """No such table or mart; the message names those that are there."""


def dataset(name: str, settings: Settings | None = None) -> ds.Dataset:
    """A table ("orders.orders", newest rows) or mart ("fct_orders") of the lake, from the store if one is set, else local.

    DuckDB reads it as a variable of that name, polars by `scan_pyarrow_dataset`; both read only what a query needs.

    Raises:
        NotInTheLake.
    """
    settings = settings or load_settings()
    url = settings.lake_url
    filesystem, root = fsspec.core.url_to_fs(url or str(settings.folder("lake")), **_options(settings))
    listing = _listing(filesystem, root) if url else _local(Path(root))
    kind = TABLES if "." in name else MARTS
    found = listing.get(f"{kind}/{name}")
    if not found:
        there = ", ".join(sorted(key.partition("/")[2] for key in listing)) or "nothing yet"
        raise NotInTheLake(f"{name} is not in the lake; there is: {there}.")
    paths = [posixpath.join(root, path) for path in found]
    partitions = PARTITIONS if kind == TABLES else None
    return ds.dataset(paths, filesystem=filesystem, format="parquet", partitioning=partitions)


def publish(settings: Settings, kind: str) -> int:
    """Bring the store to what the local lake holds of a kind (`tables`, `marts`); files written, 0 without a store."""
    if settings.lake_url is None:
        return 0
    filesystem, root = fsspec.core.url_to_fs(settings.lake_url, **_options(settings))
    lake, before = settings.folder("lake"), _listing(filesystem, root)
    now = {key: paths for key, paths in before.items() if not key.startswith(f"{kind}/")}
    there, written = {path for paths in before.values() for path in paths}, 0
    for key, files in _local(lake, kind).items():
        now[key] = []
        for file in files:
            target = _published_name(lake / file, file)
            now[key].append(target)
            if target not in there:
                _put(filesystem, lake / file, posixpath.join(root, target))
                written += 1
    if now != before:
        _write_list(filesystem, root, now)
        _forget(filesystem, root, kept=there | {path for paths in now.values() for path in paths})
    return written


def _options(settings: Settings) -> Mapping[str, Any]:
    return dict(json.loads(settings.lake_options)) if settings.lake_url else {}


def _local(lake: Path, *kinds: str) -> Listing:
    """Files of each table and mart on local disk, relative to the lake."""
    found: Listing = {}
    if not kinds or TABLES in kinds:
        for file in sorted((lake / TABLES).glob("*/day=*/*.parquet")):
            if not file.parts[-3].endswith((".partial", ".old")):
                found.setdefault(f"{TABLES}/{file.parts[-3]}", []).append(str(file.relative_to(lake)))
    if not kinds or MARTS in kinds:
        for file in sorted((lake / MARTS).glob("*.parquet")):
            found[f"{MARTS}/{file.stem}"] = [str(file.relative_to(lake))]
    return found


def _published_name(file: Path, relative: str) -> str:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:16]
    return f"{relative.removesuffix('.parquet')}-{digest}.parquet"


def _put(filesystem: Any, file: Path, target: str) -> None:
    filesystem.makedirs(posixpath.dirname(target), exist_ok=True)
    filesystem.put_file(str(file), target)


def _listing(filesystem: Any, root: str) -> Listing:
    path = posixpath.join(root, LIST)
    return dict(json.loads(filesystem.cat_file(path))["files"]) if filesystem.exists(path) else {}


def _write_list(filesystem: Any, root: str, files: Listing) -> None:
    """Replace the list at once: an object store does so by itself, a disk by a rename."""
    target = posixpath.join(root, LIST)
    filesystem.makedirs(root, exist_ok=True)
    filesystem.pipe_file(f"{target}.new", json.dumps({"files": files}, indent=0).encode())
    filesystem.mv(f"{target}.new", target)


def _forget(filesystem: Any, root: str, *, kept: set[str]) -> None:
    for path in filesystem.find(root):
        relative = posixpath.relpath(path, root if path.startswith("/") == root.startswith("/") else f"/{root}")
        if relative.endswith(".parquet") and relative not in kept:
            filesystem.rm_file(path)
