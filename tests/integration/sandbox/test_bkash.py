"""The sandbox provider over real HTTP: create, authorise, execute, query, refund; faults on demand; who may call."""

import contextlib
import re
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from conftest import free_port, wait_for_port

from foundation.settings import Settings

CHECKOUT = "/bkash/v1.2.0-beta/tokenized/checkout"
WALLET, LOW_BALANCE, LOCKED = "01712345678", "01770000001", "01770000003"


class Provider:
    """A merchant's and a customer's view of the provider."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{settings.sandbox_port}", timeout=5, trust_env=False)

    def grant(self, **wrong: str) -> dict:
        settings = self.settings
        given = {"username": settings.bkash_username, "password": settings.bkash_password,
                 "app_key": settings.bkash_app_key, "app_secret": settings.bkash_app_secret} | wrong  # fmt: skip
        headers = {name: given.pop(name) for name in ("username", "password")}
        return self.client.post(f"{CHECKOUT}/token/grant", headers=headers, json=given).json()

    def call(self, path: str, **body: str) -> dict:
        if "authorization" not in self.client.headers:
            token = self.grant()["id_token"]
            self.client.headers.update({"authorization": token, "x-app-key": self.settings.bkash_app_key})
        answer = self.client.post(f"{CHECKOUT}/{path}", json=body)
        return answer.json() | {"http": answer.status_code} if answer.content else {"http": answer.status_code}

    def create(self, amount: str = "1250.00", invoice: str | None = None, **more: str) -> dict:
        return self.call("create", amount=amount, currency=more.pop("currency", "BDT"), mode="0011", intent="sale",
                         payerReference="buyer", callbackURL="http://shop/callback?key=1",
                         merchantInvoiceNumber=invoice or f"INV{uuid.uuid4().hex}", **more)  # fmt: skip

    def type_in(self, payment: dict, *values: str) -> httpx.Response:
        """What the customer types on the page: wallet, code, PIN."""
        path = re.sub(r"^https?://[^/]+", "", payment["bkashURL"])
        for step, value in zip(("wallet", "otp", "pin"), values, strict=False):
            answer = self.client.post(path, data={"step": step, "value": value})
        return answer

    def authorised(self) -> dict:
        payment = self.create()
        assert self.type_in(payment, WALLET, "123456", "12121").status_code == 303
        return payment

    def execute(self, payment: dict) -> dict:
        return self.call("execute", paymentID=payment["paymentID"])

    def query(self, payment: dict) -> dict:
        return self.call("payment/status", paymentID=payment["paymentID"])

    def captures(self, payment: dict) -> list[dict]:
        found = self.client.get("/admin/captures").json()
        return [one for one in found if one["invoice"] == payment["merchantInvoiceNumber"]]

    def faults(self, **script: object) -> None:
        self.client.put("/admin/faults", json=script).raise_for_status()


@pytest.fixture(scope="module")
def world(base_settings, tmp_path_factory) -> Settings:
    return base_settings.model_copy(update={"home": tmp_path_factory.mktemp("bkash"), "sandbox_port": free_port()})


@pytest.fixture
def provider(world, launch) -> Iterator[Provider]:
    start(world, launch)
    provider = Provider(world)
    provider.faults()
    with contextlib.closing(provider.client):
        yield provider


def start(world: Settings, launch: Callable):
    process = launch(world, "-m", "uvicorn", "sandbox.bkash.app:create_app", "--factory", "--log-level", "error",
                     "--port", str(world.sandbox_port))  # fmt: skip
    wait_for_port(world.sandbox_port)
    return process


def test_a_payment_from_creation_to_refund(provider):
    payment = provider.create("1250.00")
    assert payment["statusCode"] == "0000"
    assert payment["transactionStatus"] == "Initiated"
    assert provider.execute(payment)["statusCode"] == "2060", "nobody has authorised it"
    back = provider.type_in(payment, WALLET, "123456", "12121")
    assert back.headers["location"] == f"http://shop/callback?key=1&paymentID={payment['paymentID']}&status=success"
    assert provider.captures(payment) == [], "authorising takes no money"

    done = provider.execute(payment)
    assert (done["statusCode"], done["transactionStatus"], done["amount"]) == ("0000", "Completed", "1250.00")
    assert provider.query(payment)["trxID"] == done["trxID"]
    found = provider.call("general/searchTransaction", trxID=done["trxID"])
    assert found["paymentID"] == payment["paymentID"]

    refund = {"paymentID": payment["paymentID"], "trxID": done["trxID"], "sku": "x", "reason": "x"}
    assert provider.call("payment/refund", amount="1000.00", **refund)["statusCode"] == "0000"
    assert provider.call("payment/refund", amount="250.01", **refund)["statusCode"] == "2026", "more than is left"
    assert provider.call("payment/refund", amount="250.00", **refund)["statusCode"] == "0000"


def test_a_repeated_execute_does_not_charge_twice(provider):
    payment = provider.authorised()
    first = provider.execute(payment)
    codes = [provider.execute(payment)["statusCode"] for _ in range(3)]
    assert first["statusCode"] == "0000"
    assert set(codes) == {"2062"}
    (capture,) = provider.captures(payment)
    assert (capture["amount_poisha"], capture["executes"]) == (125_000, 1)


def test_an_invoice_number_counts_once(provider):
    assert provider.create(invoice="TWICE")["statusCode"] == "0000"
    assert provider.create(invoice="TWICE")["statusCode"] == "2029"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"currency": "USD"}, "2007"), ({"amount": "1.005"}, "2006"), ({"amount": "much"}, "2006")],
)
def test_what_cannot_be_created(provider, change, code):
    assert provider.create(**change)["statusCode"] == code


def test_the_customer_may_err_give_up_or_be_poor(provider):
    wrong = provider.create()
    assert provider.type_in(wrong, "12345").status_code == 400
    assert provider.type_in(wrong, WALLET, "000000").status_code == 400
    assert provider.type_in(wrong, WALLET, "123456", "99999").status_code == 400
    assert provider.execute(wrong)["statusCode"] == "2060"

    left = provider.create()
    path = re.sub(r"^https?://[^/]+", "", left["bkashURL"])
    assert "status=cancel" in provider.client.post(path, data={"step": "otp", "action": "cancel"}).headers["location"]
    assert provider.execute(left)["statusCode"] == "2056"

    locked = provider.create()
    assert "status=failure" in provider.type_in(locked, LOCKED, "123456", "12121").headers["location"]

    poor = provider.create()
    provider.type_in(poor, LOW_BALANCE, "123456", "12121")
    assert provider.execute(poor)["statusCode"] == "2023"
    assert provider.captures(poor) == []


@pytest.mark.parametrize("wrong", ["username", "password", "app_key", "app_secret"])
def test_wrong_credentials_get_no_token(provider, wrong):
    answer = provider.grant(**{wrong: "guess"})
    assert answer["statusCode"] == "2001"
    assert "id_token" not in answer


@pytest.mark.parametrize("who", ["nobody", "a made-up token", "the token without the app key"])
def test_without_a_token_nothing_is_answered(provider, who):
    token = provider.grant()["id_token"]
    headers = {
        "nobody": {},
        "a made-up token": {"authorization": "x", "x-app-key": provider.settings.bkash_app_key},
        "the token without the app key": {"authorization": token},
    }[who]
    for path in ("create", "execute", "payment/status", "payment/refund", "general/searchTransaction"):
        answer = provider.client.post(f"{CHECKOUT}/{path}", headers=headers, json={"paymentID": "x"})
        assert answer.status_code == 401, path


@pytest.mark.parametrize(
    ("fault", "status", "is_charged"),
    [("act_then_503", 503, True), ("act_then_empty", 200, True), ("fail_503", 503, False), ("fail_401", 401, False)],
)
def test_a_fault_on_execute(provider, fault, status, is_charged):
    payment = provider.authorised()
    provider.faults(execute={fault: 1.0})
    assert provider.execute(payment)["http"] == status
    provider.faults()
    assert len(provider.captures(payment)) == is_charged
    assert provider.query(payment)["transactionStatus"] == ("Completed" if is_charged else "Initiated")


def test_a_connection_that_breaks_or_hangs_after_the_charge(provider):
    for fault in ("act_then_reset", "act_then_hang"):
        payment = provider.authorised()
        provider.faults(execute={fault: 1.0})
        with pytest.raises(httpx.TransportError):
            provider.client.post(f"{CHECKOUT}/execute", json={"paymentID": payment["paymentID"]}, timeout=0.5)
        provider.faults()
        assert len(provider.captures(payment)) == 1
        assert provider.execute(payment)["statusCode"] == "2062"


def test_the_books_survive_a_kill(world, provider, launch):
    payment = provider.authorised()
    provider.execute(payment)
    provider.faults(query={"fail_503": 1.0})
    other = world.model_copy(update={"sandbox_port": free_port()})
    process = start(other, launch)
    process.kill()
    process.wait()
    start(other, launch)
    again = Provider(other)
    with contextlib.closing(again.client):
        assert again.query(payment)["http"] == 503, "the fault script is kept too"
        again.faults()
        assert again.query(payment)["transactionStatus"] == "Completed"
        assert again.execute(payment)["statusCode"] == "2062"
