"""Sellers' files and pictures over HTTP: every bad row named, every good one applied, twice the same changes nothing."""

import asyncio
import csv
import io
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from commerce.catalog import bulk
from foundation import public_fetch, safe_urls

HEADER = "sku,product_code,parent_sku,title_en,title_bn,category,price,list_price,handling_days,status,attribute:colour,attribute:size,attribute:material"
GOOD = [
    "A-1,,,Linen shirt,লিনেন শার্ট,Clothing > Shirts,৳১,২৫০.৫০,,২,,blue,M,linen".replace("৳১,২৫০.৫০", '"৳১,২৫০.৫০"'),
    "A-2,,A-1,,,,1300,1500,,paused,red,XL,",
]
BAD = [
    "A-1,,,Twice,,Clothing > Shirts,10,,,,,,x",
    ",,,No sku,,Clothing > Shirts,10,,,,,,x",
    "B-1,,,No price,,Clothing > Shirts,twelve,,99,gone,,,x",
    "B-2,no-such-code,,,,,10,,,,,,",
    "B-3,,,No category,,Nowhere,10,,,,,,x",
    "B-4,,,No material,,Clothing > Shirts,10,,,,,,",
    "B-5,,,Green,,Clothing > Shirts,10,,,,green,,x",
]


def file_of(*rows):
    return {"file": ("offers.csv", "\n".join([HEADER, *rows]).encode("utf-8-sig"), "text/csv")}


async def work(api):
    while await bulk.work_once(api.app.state.commerce):
        pass


def test_good_rows_come_in_and_bad_rows_are_named(run, open_api, settings, shop, shopkeepers, shirts):
    async def story():
        async with open_api(settings) as api:
            seller, rival = shopkeepers[0].client(api), shopkeepers[1].client(api)
            dry = (await seller.post("/v1/seller/catalog/imports?dry_run=true", files=file_of(*GOOD, *BAD))).json()
            await work(api)
            nothing = shop.sql("select count(*) from catalog.offers where sku like 'A-%%'")
            dry = (await seller.get(f"/v1/seller/catalog/imports/{dry['job_id']}")).json()
            sent = (await seller.post("/v1/seller/catalog/imports", files=file_of(*GOOD, *BAD))).json()
            await work(api)
            path = f"/v1/seller/catalog/imports/{sent['job_id']}"
            done = (await seller.get(path)).json()
            errors = (await seller.get(f"{path}/errors")).json()["items"]
            bangla = (await seller.get(f"{path}/errors", headers={"accept-language": "bn"})).json()["items"]
            foreign = await rival.get(path)
            again = (await seller.post("/v1/seller/catalog/imports", files=file_of(*GOOD))).json()
            before = shop.sql("select id, version, updated_at from catalog.offers order by id")
            await work(api)
            again = (await seller.get(f"/v1/seller/catalog/imports/{again['job_id']}")).json()
            same = before == shop.sql("select id, version, updated_at from catalog.offers order by id")
            return dry, nothing, sent, done, errors, bangla, foreign, again, same

    dry, nothing, sent, done, errors, bangla, foreign, again, same = run(story())

    assert (sent["state"], sent["rows"]) == ("waiting", 9)
    assert nothing == [(0,)], "a dry run changes nothing"
    assert (dry["rows_created"], dry["rows_refused"]) == (2, 7)
    assert (done["state"], done["rows_created"], done["rows_refused"]) == ("done", 2, 7)
    assert {(one["row_number"], one["column"]) for one in errors} == {
        (4, "sku"), (5, "sku"), (6, "price"), (6, "handling_days"), (6, "status"), (7, "product_code"), (8, "category"),
        (9, "category"), (10, "attribute:colour"),
    }  # fmt: skip
    assert all(own["reason"] != other["reason"] for own, other in zip(errors, bangla, strict=True))
    assert foreign.status_code == 404
    assert (again["rows_unchanged"], same) == (2, True)
    rows = shop.sql(
        "select sku, price_poisha, list_price_poisha, status, handling_days, product_id from catalog.offers where sku like 'A-%%' order by sku"
    )
    assert [row[:5] for row in rows] == [("A-1", 125_050, None, "active", 2), ("A-2", 130_000, 150_000, "paused", 1)]
    assert rows[0][5] == rows[1][5], "a row with a parent is a variant of its product"


def test_an_export_imported_again_changes_nothing(run, open_api, settings, shop, shopkeepers):
    shop.sql(
        "update catalog.offers set sku = 'S-' || right(id::text, 6) where sku is null and seller_id = %s",
        shopkeepers[0].seller_id,
    )
    shop.sql("update catalog.products set title_en = '=SUM(A1)' where id = (select product_id from catalog.offers where seller_id = %s limit 1)",
             shopkeepers[0].seller_id)  # fmt: skip

    async def story():
        async with open_api(settings) as api:
            seller = shopkeepers[0].client(api)
            exported = (await seller.get("/v1/seller/catalog/export")).content
            job = await seller.post("/v1/seller/catalog/imports", files={"file": ("x.csv", exported, "text/csv")})
            await work(api)
            return exported, (await seller.get(f"/v1/seller/catalog/imports/{job.json()['job_id']}")).json()

    exported, job = run(story())

    rows = list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
    assert rows
    assert job["rows_unchanged"] == len(rows) == job["rows"]
    assert "'=SUM(A1)" in exported.decode(), "no cell is run as a formula"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"price\n1", b"sku,price,bogus\n1,2,3", b"sku,price\n", b"sku,sku,price\n1,2,3"]
)
def test_a_file_that_is_none_is_refused(run, open_api, settings, shopkeepers, body):
    async def story():
        async with open_api(settings) as api:
            seller = shopkeepers[0].client(api)
            return await seller.post("/v1/seller/catalog/imports", files={"file": ("x.csv", body, "text/csv")})

    answer = run(story())
    assert answer.status_code == 422, answer.text


def test_a_large_file_comes_in_whole(run, open_api, settings, shop, shopkeepers):
    body = ("sku,price\n" + "\n".join(f"L-{n},{n}" for n in range(1, 50_001))).encode()
    over = body + b"\nL-x,1"

    async def story():
        async with open_api(settings) as api:
            seller = shopkeepers[1].client(api)
            sent = await seller.post(
                "/v1/seller/catalog/imports?dry_run=true", files={"file": ("x.csv", body, "text/csv")}
            )
            refused = await seller.post("/v1/seller/catalog/imports", files={"file": ("x.csv", over, "text/csv")})
            for _ in range(3):
                await bulk.work_once(api.app.state.commerce)
            progress = (await seller.get(f"/v1/seller/catalog/imports/{sent.json()['job_id']}")).json()
            shop.sql("update catalog.bulk_jobs set state = 'failed' where state = 'waiting'")
            return sent, refused, progress

    sent, refused, progress = run(story())

    assert sent.json()["rows"] == 50_000
    assert refused.status_code == 422
    assert (progress["rows_done"], progress["state"]) == (300, "waiting")


def png(width=64, height=64):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * (width + 1) * height))
        + chunk(b"IEND", b"")
    )


class TestPictures:
    def test_a_picture_is_kept_once_and_never_changes(self, run, open_api, settings, shop, shopkeepers):
        async def story():
            async with open_api(settings) as api:
                first, second = shopkeepers[0].client(api), shopkeepers[1].client(api)
                kept = [await one.post("/v1/media", files={"file": ("a.png", png())}) for one in (first, second)]
                shown = await api.client.get(kept[0].json()["url"])
                fake = await first.post("/v1/media", files={"file": ("a.png", b"<svg onload=alert(1)>", "image/png")})
                tiny = await first.post("/v1/media", files={"file": ("a.png", png(8, 8))})
                huge = await first.post("/v1/media", files={"file": ("a.png", png() + b"\0" * (5 * 2**20))})
                flood = await first.post("/v1/media", files={"file": ("a.png", b"\0" * (7 * 2**20))})
                stranger = await api.client.post("/v1/media", files={"file": ("a.png", png())})
                missing = await api.client.get("/v1/media/" + "0" * 64)
                return kept, shown, fake, tiny, huge, flood, stranger, missing

        kept, shown, *refused = run(story())

        assert [one.status_code for one in kept] == [201, 201]
        assert kept[0].json() == kept[1].json()
        assert shown.content == png()
        assert "immutable" in shown.headers["cache-control"]
        assert shown.headers["content-type"] == "image/png"
        assert [one.status_code for one in refused] == [422, 422, 422, 413, 401, 404]
        assert shop.sql("select count(*) from catalog.media") == [(1,)]

    @pytest.mark.parametrize(
        "url",
        ["https://127.0.0.1/x.png", "https://localhost/x", "https://169.254.169.254/latest", "https://[::1]/", "https://10.0.0.8/",
         "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://user@example.com/", "https://2130706433/",
         "https://[64:ff9b::7f00:1]/", "https://example.com:22/", "http://example.com/"],
    )  # fmt: skip
    def test_an_address_inside_is_not_fetched(self, run, open_api, settings, shopkeepers, url):
        async def story():
            async with open_api(settings) as api:
                return await shopkeepers[0].client(api).post("/v1/media/from-url", json={"url": url})

        answer = run(story())
        assert (answer.status_code, answer.json()["code"]) == (422, "unsafe-url")


class _Outside(BaseHTTPRequestHandler):
    def do_GET(self):
        bodies = {"/ok.png": png(), "/big": b"\0" * 200_000}
        if self.path == "/inside":
            self.send_response(302)
            self.send_header("location", "http://192.168.0.1/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bodies.get(self.path, b""))

    def log_message(self, *_):
        pass


@pytest.fixture
def outside():
    server = HTTPServer(("127.0.0.1", 0), _Outside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_redirects_are_checked_again_and_size_has_an_end(outside, monkeypatch):
    seen = []
    real = safe_urls.vet

    async def vet(url, *, allow_private):
        """This machine plays the public internet for its own address only."""
        seen.append(url)
        return await real(url, allow_private=url.startswith(outside))

    monkeypatch.setattr(safe_urls, "vet", vet)

    assert asyncio.run(public_fetch.fetch_public(f"{outside}/ok.png", limit_bytes=100_000)) == png()
    with pytest.raises(safe_urls.UnsafeUrl):
        asyncio.run(public_fetch.fetch_public(f"{outside}/inside", limit_bytes=100_000))
    assert seen[-1] == "http://192.168.0.1/secret", "the guard looked at where the redirect led"
    with pytest.raises(public_fetch.FetchFailed):
        asyncio.run(public_fetch.fetch_public(f"{outside}/big", limit_bytes=100_000))
