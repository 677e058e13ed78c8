"""Schemathesis over the whole commerce API, on a real server: no server error, no answer outside the description, no
access without a token, nothing of one shopper shown to another.

At least 20,000 cases. Left out: `positive_data_acceptance` (identifiers that do not exist are refused, as they should be),
`negative_data_rejection` (numbers written as text or true are read as numbers), `unsupported_method` (a literal path such
as /v1/orders/quote also matches the pattern of its neighbour).
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from conftest import free_port

from commerce.identity.roles import ROLES, scopes_of
from foundation.ids import uuid7
from foundation.security.keys import root_secret
from foundation.security.tokens import TokenAuthority

CASES = int(os.environ.get("GETIT_FUZZ_CASES", "20000"))
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "missing_required_header", "use_after_free", "ignored_auth",
    "object_level_authorization",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(settings, launch_module):
    """The commerce API in two processes, with a little to find in it."""
    own = settings.model_copy(update={"commerce_port": free_port(), "sandbox_port": free_port()})
    launch_module(own, "-m", "uvicorn", "sandbox.app:create_app", "--factory", "--port", str(own.sandbox_port),
                  "--no-access-log", "--log-level", "error")  # fmt: skip
    launch_module(own, "-m", "uvicorn", "commerce.app:create_app", "--factory", "--port", str(own.commerce_port),
                  "--workers", "2", "--no-access-log", "--log-level", "error")  # fmt: skip
    base = f"http://127.0.0.1:{own.commerce_port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{base}/health/ready", trust_env=False).status_code == 200:
                return base
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "commerce did not start"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def auth_file(settings, shop, tmp_path_factory) -> Path:
    """Two people who hold every scope and own a shop each: peers that must not see each other's things."""
    tokens, people = TokenAuthority(root_secret(settings)), []
    for seller in (0, 1):
        shop.add_offer(stock=1000, seller=seller)
        user = uuid7()
        shop.sql("insert into identity.users (id, full_name) values (%s, 'Fuzz')", user)
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
            shop.sellers[seller], user,
        )  # fmt: skip
        header = {"name": "Authorization", "value": f"Bearer {tokens.issue(user, SCOPES)}"}
        people.append({"name": f"peer{seller}", "fixedHeaders": [header]})
    path = tmp_path_factory.mktemp("fuzz") / "auth.json"
    path.write_text(json.dumps({"auth": people}))
    return path


# Staff see what is everybody's: peers that must not see each other's things are no staff.
SCOPES = scopes_of(["shopper", "seller_owner"])
STAFF = scopes_of(ROLES)


def schemathesis(server: str, tmp_path: Path, *, examples: int, auth: str, scopes: str = "") -> tuple[int, str]:
    config = tmp_path / "schemathesis.toml"
    config.write_text(f"request-timeout = 20.0\n[generation]\nmax-examples = {examples}\n{auth}")
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis", "--config-file", config, "run", f"{server}/commerce/openapi.json",
            "-c", ",".join(CHECKS), "--workers", "2", "--continue-on-failure", "--exclude-path-regex", "/live/|/health|/metrics",
            "--warnings", "off", "--no-color", *(["-H", f"Authorization: Bearer {scopes}"] if scopes else []),
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"(\d[\d,]*) generated", done.stdout)
    assert found, done.stdout[-3000:] + done.stderr[-2000:]
    assert done.returncode == 0, done.stdout[-6000:]
    return int(found.group(1).replace(",", "")), done.stdout


def test_no_case_of_twenty_thousand_breaks_the_api(server, settings, auth_file, tmp_path):
    staff = TokenAuthority(root_secret(settings)).issue(uuid7(), STAFF)
    peers = f'[auth.wfc]\npath = "{auth_file}"\npeers = ["peer0", "peer1"]\n'
    generated, report = schemathesis(server, tmp_path, examples=max(5, CASES // 400), auth=peers)
    while generated < CASES:
        more, _ = schemathesis(server, tmp_path, examples=max(5, CASES // 400), auth="", scopes=staff)
        generated += more
    print(f"{generated} cases", re.findall(r"\d+ skipped", report))
    assert generated >= CASES


def test_a_nul_character_is_refused_and_not_a_crash(server):
    answer = httpx.get(f"{server}/v1/products?category=%00", trust_env=False)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
