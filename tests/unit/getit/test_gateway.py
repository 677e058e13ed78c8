"""The gateway's configuration follows the services' public prefixes; no path is claimed twice."""

from pathlib import Path

from foundation.settings import Settings
from getit.gateway import dynamic_configuration, static_configuration
from getit.services import all_services


def public_services():
    return [service.public for service in all_services(Settings()) if service.public]


def test_every_public_service_has_a_router_and_an_upstream():
    http = dynamic_configuration(public_services())["http"]
    names = {service.name for service in public_services()}
    assert names == set(http["services"])
    assert names <= set(http["routers"])


def test_no_prefix_is_claimed_twice_or_hides_another():
    prefixes = [prefix for service in public_services() for prefix in service.prefixes]
    assert len(prefixes) == len(set(prefixes))
    for one in prefixes:
        assert not [other for other in prefixes if other != one and other.startswith(one + "/")]


def test_no_telemetry_and_only_the_chosen_address():
    static = static_configuration(Settings(gateway_port=1234), Path("/x/routes.yml"))
    assert static["global"] == {"checkNewVersion": False, "sendAnonymousUsage": False}
    assert static["entryPoints"]["web"]["address"] == "127.0.0.1:1234"


def test_every_port_is_a_setting_and_belongs_to_one_service():
    claimed = [setting for service in all_services(Settings()) for setting in service.ports]
    assert len(claimed) == len(set(claimed))
    assert {name.removeprefix("GETIT_").lower() for name in claimed} <= set(Settings.model_fields)
