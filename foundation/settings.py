"""Every setting of GetIt in one frozen tree, read from the environment (prefix `GETIT_`). No logic beyond defaults.

A setting is documented by its `description`; `docs/reference/settings.md` is generated from here.
"""

import functools
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Database = Literal["getit", "getit_warehouse", "getit_dagster", "getit_mlflow"]
Role = Literal["getit_app", "getit_serving", "getit_pipelines", "getit_dashboards", "getit_market"]


class Settings(BaseSettings):
    """Immutable settings. Build with `load_settings()`; pass it on, never read the environment elsewhere."""

    model_config = SettingsConfigDict(env_prefix="GETIT_", frozen=True, extra="ignore")

    environment: Literal["local", "staging", "production"] = Field(
        "local", description="Where this runs. Outside `local`, secrets and engine URLs must be set explicitly."
    )
    home: Path = Field(Path(".getit"), description="Folder that holds all state of this installation.")
    host: str = Field("127.0.0.1", description="Address every service binds to.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is logged.")

    gateway_port: int = Field(7700, description="The one front door.")
    commerce_port: int = Field(7701, description="Commerce API.")
    serving_port: int = Field(7702, description="Scoring API.")
    dashboards_port: int = Field(7703, description="Streamlit dashboards.")
    dagster_port: int = Field(7704, description="Dagster web server.")
    mlflow_port: int = Field(7705, description="MLflow server.")
    sandbox_port: int = Field(7706, description="Sandbox payment provider.")
    postgres_port: int = Field(7710, description="Embedded PostgreSQL.")
    valkey_port: int = Field(7711, description="Embedded Valkey.")
    gateway_admin_port: int = Field(7712, description="Traefik's own API and metrics.")
    relay_metrics_port: int = Field(7713, description="Health and metrics of the outbox relay.")

    database_url: str | None = Field(None, description="Own PostgreSQL (15 or newer) instead of the embedded one.")
    warehouse_url: str | None = Field(
        None, description="Own PostgreSQL (15 or newer) of the warehouse, if it is on another server than the shop."
    )
    lake_url: str | None = Field(
        None, description="Where the lake is published for others, any fsspec URL (s3://bucket/lake, file:///mnt/lake)."
    )
    lake_options: str = Field("{}", description="Options of that store as JSON, such as an endpoint (fsspec's names).")
    database_prefix: str = Field(
        "getit", pattern=r"^[a-z][a-z0-9_]{0,40}$", description="Databases are named by it: several shops, one server."
    )
    valkey_url: str | None = Field(None, description="Own Valkey or Redis instead of the embedded one.")
    serving_url: str | None = Field(
        None, description="Where commerce asks for decisions; default: the local scoring API."
    )
    mlflow_url: str | None = Field(None, description="Own MLflow server instead of the local one.")
    bkash_url: str | None = Field(None, description="bKash API base; default: the sandbox server.")
    pathao_url: str | None = Field(None, description="Pathao courier API base; default: the sandbox server.")
    bank_url: str | None = Field(None, description="Bank's transfer API base; default: the sandbox server.")
    messages_url: str | None = Field(None, description="Base of the SMS, e-mail and push APIs; default: the sandbox.")
    public_url: str | None = Field(None, description="Address that browsers see; default: the local gateway.")
    allowed_origins: tuple[str, ...] = Field((), description="Origins that browsers may call the API from (CORS).")

    rate_limits: bool = Field(True, description="Refuse callers that ask faster than the class of the route allows.")

    secret_key: str | None = Field(
        None, min_length=32, description="Root of tokens, field encryption and blind indexes; generated in `local`."
    )
    bkash_app_key: str = Field("sandbox-app-key", description="bKash merchant app key.")
    bkash_app_secret: str = Field("sandbox-app-secret", description="bKash merchant app secret.")
    bkash_username: str = Field("sandbox-user", description="bKash merchant user name.")
    bkash_password: str = Field("sandbox-password", description="bKash merchant password.")

    pathao_client_id: str = Field("sandbox-client", description="Pathao API client id.")
    pathao_client_secret: str = Field("sandbox-client-secret", description="Pathao API client secret.")
    pathao_username: str = Field("sandbox-merchant", description="Pathao merchant user name.")
    pathao_password: str = Field("sandbox-password", description="Pathao merchant password.")
    pathao_store_id: int = Field(1, ge=1, description="Pathao store that parcels are picked up from.")
    pathao_webhook_secret: str = Field(
        "sandbox-webhook-secret", description="What Pathao sends as X-PATHAO-Signature with each webhook."
    )
    bank_api_key: str = Field("sandbox-bank-key", description="Key of the bank's transfer API.")
    sms_api_token: str = Field("sandbox-sms-token", description="Token of the SMS gateway.")
    sms_sender: str = Field("GETIT", description="Sender id (masking) registered with the SMS gateway.")
    email_api_key: str = Field("sandbox-email-key", description="Key of the e-mail API.")
    email_sender: str = Field("GetIt <no-reply@getit.example>", description="From address of e-mails.")
    push_api_key: str = Field("sandbox-push-key", description="Key of the push service.")
    push_project: str = Field("getit", description="Project of the push service.")

    alert_email: str | None = Field(None, description="Alerts of the pipelines go to this address by e-mail.")
    alert_webhook_url: str | None = Field(None, description="Alerts of the pipelines are posted to this address.")
    alert_webhook_secret: str | None = Field(
        None,
        description="Base64 secret (`whsec_…`) that signs posted alerts as Standard Webhooks do; needed to post them.",
    )

    commerce_workers: int = Field(1, ge=1, description="Processes of the commerce API.")
    serving_workers: int = Field(1, ge=1, description="Processes of the scoring API.")
    pool_size: int = Field(8, ge=1, description="Most PostgreSQL connections of one process.")
    decision_deadline_ms: int = Field(
        80, ge=5, description="Checkout waits this long for a fraud decision, then rules decide."
    )
    provider_timeout_s: float = Field(10.0, gt=0, description="Longest wait for an answer of a payment provider.")
    live_poll_ms: int = Field(15, ge=5, description="How often the relay and the live feed look for new events.")
    payment_expiry_minutes: int = Field(30, ge=1, description="A prepaid order that is not paid by then is cancelled.")
    sandbox_parcel_step_s: float = Field(
        20.0, ge=0, description="The sandbox courier moves each parcel on after so many seconds; 0: only when told to."
    )
    allow_private_webhooks: bool = Field(
        False, description="Webhooks may go to http and to addresses of the own network (tests and local use only)."
    )
    market_orders_per_minute: float = Field(20.0, ge=0, description="Pace of the live sandbox market; 0 turns it off.")
    market_seed: int = Field(20260101, description="Seed of the sandbox market.")
    demo_seed: int = Field(7, description="Seed of what is assigned to the demonstration data.")
    retail_days: int | None = Field(None, description="Import only the last days of the demonstration panel (tests).")

    @model_validator(mode="after")
    def _sign_alerts(self) -> "Settings":
        if self.alert_webhook_url and not self.alert_webhook_secret:
            raise ValueError(
                "set GETIT_ALERT_WEBHOOK_SECRET: alerts are posted to GETIT_ALERT_WEBHOOK_URL with a signature"
            )
        return self

    @model_validator(mode="after")
    def _refuse_defaults_outside_local(self) -> "Settings":
        if self.environment == "local":
            return self
        needed = {"GETIT_SECRET_KEY": self.secret_key, "GETIT_DATABASE_URL": self.database_url}
        missing = [name for name, value in needed.items() if not value]
        secrets = (
            "bkash_app_secret", "pathao_client_secret", "pathao_webhook_secret", "bank_api_key", "sms_api_token",
            "email_api_key", "push_api_key",
        )  # fmt: skip
        missing += [f"GETIT_{name.upper()}" for name in secrets if str(getattr(self, name)).startswith("sandbox-")]
        if self.allow_private_webhooks:
            raise ValueError(f"unset GETIT_ALLOW_PRIVATE_WEBHOOKS: it is refused in environment {self.environment!r}")
        if missing:
            raise ValueError(f"set {', '.join(missing)}: defaults are refused in environment {self.environment!r}")
        return self

    def postgres(self, database: Database = "getit", *, role: Role | None = None) -> str:
        """Connection URL of one of GetIt's databases; with `role`, the session gives up all other rights."""
        parts = urlsplit(self.server(database))
        query = parts.query
        if role is not None:
            option = "options=" + quote(f"-c role={role}", safe="")
            query = f"{query}&{option}" if query else option
        return urlunsplit((parts.scheme, parts.netloc, f"/{self.database_name(database)}", query, ""))

    def server(self, database: Database = "getit") -> str:
        """Connection URL of the maintenance database of the server that holds one of GetIt's databases."""
        if database == "getit_warehouse" and self.warehouse_url:
            return self.warehouse_url
        return self.database_url or f"postgresql://getit@{self.host}:{self.postgres_port}/postgres"

    def database_name(self, database: Database) -> str:
        """Real name of one of GetIt's databases."""
        return database.replace("getit", self.database_prefix, 1)

    @property
    def valkey(self) -> str:
        """URL of Valkey."""
        return self.valkey_url or f"redis://{self.host}:{self.valkey_port}/0"

    @property
    def serving(self) -> str:
        """Base URL of the scoring API (behind no gateway)."""
        return self.serving_url or f"http://{self.host}:{self.serving_port}"

    @property
    def mlflow(self) -> str:
        """Tracking URI of MLflow."""
        return self.mlflow_url or f"http://{self.host}:{self.mlflow_port}/mlflow"

    @property
    def gateway(self) -> str:
        """Base URL that browsers and clients use."""
        return self.public_url or f"http://{self.host}:{self.gateway_port}"

    @property
    def bkash(self) -> str:
        """Base URL of the bKash API."""
        return self.bkash_url or f"http://{self.host}:{self.sandbox_port}/bkash/v1.2.0-beta"

    @property
    def pathao(self) -> str:
        """Base URL of the Pathao API."""
        return self.pathao_url or f"http://{self.host}:{self.sandbox_port}/pathao"

    @property
    def bank(self) -> str:
        """Base URL of the bank's API."""
        return self.bank_url or f"http://{self.host}:{self.sandbox_port}/bank"

    @property
    def messages(self) -> str:
        """Base URL of the SMS, e-mail and push APIs."""
        return self.messages_url or f"http://{self.host}:{self.sandbox_port}/messages"

    def folder(self, *names: str) -> Path:
        """Absolute folder below the home folder, made if missing."""
        path = self.home.absolute().joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path


@functools.cache
def load_settings() -> Settings:
    """Settings of this process, read once."""
    return Settings()
