"""What every use case of commerce is given: settings, database, clock, keys, the services it calls. Built once a process.

Not here: rules, state of a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from commerce.notifications.ports import Channel
from commerce.notifications.providers import channels_of
from commerce.payments.bank import TransferBank
from commerce.payments.bkash import BkashClient
from commerce.payments.ports import Bank
from commerce.shipping.pathao import Pathao
from commerce.shipping.ports import Courier
from foundation.clock import Clock, system_clock
from foundation.database import Database
from foundation.http_client import Peer
from foundation.security.fields import FieldCipher
from foundation.security.keys import root_secret
from foundation.security.passwords import PasswordVault
from foundation.security.tokens import ServiceToken, TokenAuthority
from foundation.settings import Settings


@dataclass(frozen=True)
class Commerce:
    """The composition of the marketplace core."""

    settings: Settings
    database: Database
    cipher: FieldCipher
    tokens: TokenAuthority
    serving: Peer
    serving_token: ServiceToken
    bkash: BkashClient
    bank: Bank
    couriers: Mapping[str, Courier]
    channels: Mapping[str, Channel]
    clock: Clock = system_clock
    passwords: PasswordVault = field(default_factory=PasswordVault)

    @classmethod
    def build(cls, settings: Settings, *, clock: Clock = system_clock, name: str = "commerce") -> "Commerce":
        """Everything from settings; nothing is connected yet."""
        root = root_secret(settings)
        tokens = TokenAuthority(root, clock=clock)
        return cls(
            settings=settings,
            database=Database(
                settings.postgres("getit", role="getit_app"), size=settings.pool_size, name=name, role="getit_app"
            ),
            cipher=FieldCipher(root),
            tokens=tokens,
            serving=Peer("serving", settings.serving, slots=64, threshold=20, reset_s=2.0),
            serving_token=ServiceToken(tokens, "commerce", ["score"], clock=clock),
            bkash=BkashClient(settings),
            bank=TransferBank(settings),
            couriers={"pathao": Pathao(settings)},
            channels=channels_of(settings),
            clock=clock,
        )

    async def open(self) -> None:
        """Connect."""
        await self.database.open()

    async def close(self) -> None:
        """Disconnect."""
        await self.database.close()
        await self.serving.close()
        await self.bkash.close()
        await self.bank.close()
        for courier in self.couriers.values():
            await courier.close()
        for channel in self.channels.values():
            await channel.close()
