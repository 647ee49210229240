"""The settings of Airflow: known to it, listening on loopback, without a secret that has a default."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.demo import CHECKOUT

COMPOSE = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
SETTINGS = (CHECKOUT / "airflow.env").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The name that every option of the installed Airflow has in the environment."""
    package = importlib.util.find_spec("airflow")
    assert package is not None
    [folder] = package.submodule_search_locations or []
    described = yaml.safe_load((Path(folder) / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    return {
        f"AIRFLOW__{section}__{option}".upper()
        for section, content in described.items()
        for option in content["options"]
    }


@pytest.mark.parametrize("text", [SETTINGS, COMPOSE], ids=["airflow.env", "docker-compose.yml"])
def test_airflow_knows_every_setting(text, known):
    set_here = set(re.findall(r"^\s*(AIRFLOW__\w+)\s*[:=]", text, re.MULTILINE))
    assert set_here
    assert set_here <= known


def test_the_server_publishes_on_loopback_only():
    services: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "AIRFLOW__API__HOST=127.0.0.1" in SETTINGS


def test_no_secret_has_a_default():
    asked = re.findall(r"\$\{(\w+)(.*?)\}", COMPOSE)
    assert {name for name, _ in asked} == {"POSTGRES_PASSWORD", "FERNET_KEY", "JWT_SECRET", "SECRET_KEY"}
    assert all(otherwise.startswith(":?") for _, otherwise in asked)
    secrets = re.findall(r"^\s*(\w*(?:PASSWORD|SECRET|_KEY|CONN)\w*): *(.*(?:\n {6}.*)?)", COMPOSE, re.MULTILINE)
    assert len(secrets) == 5
    assert all("${" in value for _, value in secrets)
