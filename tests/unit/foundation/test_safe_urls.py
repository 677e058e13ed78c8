"""Addresses of strangers: what is refused before anything is sent, and that a name cannot change its mind afterwards."""

import asyncio

import pytest
from aiohttp import web

from foundation import safe_urls
from foundation.safe_urls import CallFailed, UnsafeUrl, call, check_url, is_public, vet

INSIDE = (
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "2001:db8::1", "not an address", "",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "1.1.1.1", "103.4.145.245", "2606:4700:4700::1111", "::ffff:8.8.8.8")
BAD_FORMS = (
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https://", "https:///x",
    "https://user@example.com/", "https://user:pw@example.com/", "https://example.com:22/", "https://example.com:5432/",
    "https://example.com:99999/", "https://exam ple.com/", "https://example.com\\@inside/", "https://example.com/\r\nx: y",
    "//example.com", "javascript:alert(1)", "example.com",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_outside_pass(address):
    assert is_public(address)


@pytest.mark.parametrize("url", BAD_FORMS)
def test_odd_forms_are_refused(url):
    with pytest.raises(UnsafeUrl):
        check_url(url)


def answering(*addresses: str):
    async def lookup(host: str, port: int) -> list[str]:
        return list(addresses)

    return lookup


@pytest.mark.parametrize("addresses", [(), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:192.168.0.1",)])
def test_one_address_inside_is_enough_to_refuse_a_name(addresses):
    with pytest.raises(UnsafeUrl):
        asyncio.run(vet("https://shop.example/hook", lookup=answering(*addresses)))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost", "127.1"])  # fmt: skip
def test_spellings_of_this_machine_are_refused(host):
    """Through the real resolver: however the loop-back is written, its number tells."""
    with pytest.raises(UnsafeUrl):
        asyncio.run(vet(f"https://{host}/hook"))


async def serve(handler) -> tuple[web.AppRunner, int]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, site._server.sockets[0].getsockname()[1]


def test_a_name_that_answers_differently_the_second_time_gains_nothing():
    """DNS rebinding: vetted as public, then turned to the inside. The call goes to what was vetted, and asks no more."""
    asked = []

    async def turning(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    async def story():
        reached = []

        async def handler(request):
            reached.append(request.path)
            return web.Response()

        runner, port = await serve(handler)
        target = await vet(f"http://rebind.example:{port}/hook", allow_private=True, lookup=turning)
        with pytest.raises(CallFailed):
            await call(target, method="POST", content=b"{}", deadline_s=0.3)
        naive = await turning("rebind.example", port)
        await call(safe_urls.SafeUrl(target.url, target.host, port, tuple(naive)))
        await runner.cleanup()
        return reached

    assert asyncio.run(story()) == ["/hook"], "only the twin that looks the name up again gets inside"
    assert len(asked) == 2


def test_redirects_are_answers_and_bodies_are_bounded():
    async def story():
        seen = []

        async def handler(request):
            seen.append(request.path)
            if request.path == "/away":
                raise web.HTTPFound("/inside")
            return web.Response(body=b"x" * 100_000)

        runner, port = await serve(handler)
        away = await call(await vet(f"http://localhost:{port}/away", allow_private=True))
        big = await call(await vet(f"http://localhost:{port}/big", allow_private=True), limit=1000)
        await runner.cleanup()
        return seen, away, big

    seen, away, big = asyncio.run(story())
    assert away.status_code == 302
    assert seen == ["/away", "/big"]
    assert (big.status_code, len(big.body)) == (200, 1000)


def test_a_number_that_was_not_vetted_is_not_called():
    """The HTTP client asks no resolver about a number: another reading of the address must not slip through."""
    target = safe_urls.SafeUrl("http://127.0.0.1:9/", "shop.example", 9, ("8.8.8.8",))
    with pytest.raises(CallFailed, match="UnsafeUrl"):
        asyncio.run(call(target))
