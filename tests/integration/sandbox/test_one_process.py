"""The providers of the sandbox in one process: each answers under its own path, with its own books."""

import httpx
from conftest import free_port, wait_for_port


def test_every_provider_answers_under_its_path(settings, launch, tmp_path):
    port = free_port()
    own = settings.model_copy(update={"sandbox_port": port, "home": tmp_path})
    launch(own, "-m", "uvicorn", "sandbox.app:create_app", "--factory", "--port", str(port), "--log-level", "error")
    wait_for_port(port)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert client.get("/admin/health").json() == {"status": "pass"}
        assert client.get("/admin/captures").json() == []
        assert client.get("/messages/admin/messages").json() == []
        refused = client.post("/messages/sms/api/v3/send-sms", json={"api_token": "wrong"})
        assert (refused.status_code, refused.json()["status"]) == (200, "FAILED")
        token = client.post("/bkash/v1.2.0-beta/tokenized/checkout/token/grant", json={})
        assert token.status_code != 404
    kept = {path.name for path in (tmp_path / "sandbox").glob("*.sqlite")}
    assert kept == {"bank.sqlite", "bkash.sqlite", "messages.sqlite", "pathao.sqlite"}
