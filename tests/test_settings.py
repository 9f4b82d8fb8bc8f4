"""Settings: which layer wins, what is refused, and what may be shown."""

import base64
import json
import tomllib
from pathlib import Path

import pytest

from gateway.settings import MASK, SettingsError, describe, load_settings

ROOT = Path(__file__).parent.parent


@pytest.fixture
def config(tmp_path: Path) -> dict[str, str]:
    """An environment whose config folder holds an empty default.toml."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "default.toml").write_text("")
    return {"GATEWAY_CONFIG_DIR": str(folder)}


def write(environ: dict[str, str], name: str, text: str) -> Path:
    file = Path(environ["GATEWAY_CONFIG_DIR"]) / name
    file.write_text(text)
    return file


def refused(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    return caught.value.problems


def test_without_any_layer_the_defaults_hold(config: dict[str, str]) -> None:
    settings = load_settings(config)

    assert settings.plugins == ()
    assert settings.platform.name == "LinkoJob"
    assert settings.platform.website is None
    assert (settings.web.host, settings.web.port, settings.web.processes) == ("127.0.0.1", 8000, 1)
    assert settings.web.public_url == "http://127.0.0.1:8000"
    assert settings.web.max_body_bytes == 4_194_304
    assert settings.web.max_webhook_bytes == 3_145_728
    assert settings.web.max_upload_bytes == 10_485_760
    assert settings.provisioning.suppliers == ("twilio",)
    assert settings.provisioning.portfolios == ()
    assert settings.messaging.unconfirmed_seconds == 600
    assert (settings.work.lease_seconds, settings.work.workers) == (15, 2)
    assert settings.sandbox.enabled is False
    assert settings.sandbox.stock == {}
    assert settings.providers == {}


def test_each_layer_overrides_the_one_before(config: dict[str, str], tmp_path: Path) -> None:
    default = write(
        config,
        "default.toml",
        "[web]\nport = 1\nhost = 'a'\nprocesses = 2\nmax_body_bytes = 1\nmax_upload_bytes = 1",
    )
    staging = write(
        config,
        "staging.toml",
        "[web]\nport = 2\nhost = 'b'\nprocesses = 3\nmax_body_bytes = 2",
    )
    extra = tmp_path / "extra.toml"
    extra.write_text("[web]\nport = 3\nhost = 'c'\nprocesses = 4")
    host = tmp_path / "host"
    host.write_text("e\n")
    config |= {
        "GATEWAY_ENVIRONMENT": "staging",
        "GATEWAY_CONFIG": str(extra),
        "GATEWAY_WEB__HOST_FILE": str(host),
        "GATEWAY_WEB__HOST": "d",
        "GATEWAY_WEB__PORT": "4",
    }

    settings = load_settings(config)

    layers = {key: (value, layer) for key, value, layer in describe(settings)}
    assert layers["web.host"] == ("e", "GATEWAY_WEB__HOST_FILE")
    assert layers["web.port"] == (4, "GATEWAY_WEB__PORT")
    assert layers["web.processes"] == (4, str(extra))
    assert layers["web.max_body_bytes"] == (2, str(staging))
    assert layers["web.max_upload_bytes"] == (1, str(default))
    assert layers["web.max_webhook_bytes"] == (3_145_728, "default")


def test_lists_and_objects_in_the_environment_are_json(config: dict[str, str]) -> None:
    config |= {
        "GATEWAY_PLUGINS": '["b", "a"]',
        "GATEWAY_SANDBOX__STOCK": '{"MA": 500}',
        "GATEWAY_PROVISIONING__PORTFOLIOS": '[{"id": "1", "wabas": ["2"]}]',
    }

    settings = load_settings(config)

    assert settings.plugins == ("b", "a")
    assert settings.sandbox.stock == {"MA": 500}
    [portfolio] = settings.provisioning.portfolios
    assert (portfolio.id, portfolio.wabas, portfolio.number_limit) == ("1", ("2",), 20)


def test_a_providers_variables_reach_its_section(config: dict[str, str], tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("  hush\n")
    write(config, "default.toml", "[providers.whatsapp-cloud]\napp_id = '7'\ngraph_url = 'x'")
    config |= {
        "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__GRAPH_URL": "http://127.0.0.1:1/graph",
        "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__ACCESS_TOKEN_FILE": str(token),
    }

    assert load_settings(config).providers == {
        "whatsapp-cloud": {
            "app_id": "7",
            "graph_url": "http://127.0.0.1:1/graph",
            "access_token": "hush",
        }
    }


def test_a_key_that_itself_ends_in_file_is_a_plain_value(
    config: dict[str, str], tmp_path: Path
) -> None:
    assert load_settings(
        config | {"GATEWAY_SANDBOX__CLOCK_FILE": "/nowhere/clock"}
    ).sandbox.clock_file == ("/nowhere/clock")
    holder = tmp_path / "holder"
    holder.write_text("/elsewhere/clock")

    settings = load_settings(config | {"GATEWAY_SANDBOX__CLOCK_FILE_FILE": str(holder)})

    assert settings.sandbox.clock_file == "/elsewhere/clock"


def test_every_mistake_is_told_at_once_with_its_layer(
    config: dict[str, str], tmp_path: Path
) -> None:
    default = write(config, "default.toml", "[web]\nport = 'eighty'\nhots = 'a'\n[wbe]\nport = 1\n")
    broken = tmp_path / "broken.toml"
    broken.write_text("[web\n")
    config |= {
        "GATEWAY_CONFIG": str(broken),
        "GATEWAY_WORK__WORKERS": "0",
        "GATEWAY_PLUGINS": "a,b",
        "GATEWAY_SECRETS__KEY_FILE": str(tmp_path / "missing"),
        "GATEWAY_DATABSE__URL": "x",
    }

    found = "\n".join(refused(config))

    assert f"web.port is wrong: not a valid integer ({default})" in found
    assert "web.hots is not a setting; did you mean 'host'?" in found
    assert "wbe is not a setting; did you mean 'web'?" in found
    assert f"{broken} is not valid TOML" in found
    assert "work.workers is wrong: must be greater than or equal to 1 (GATEWAY_WORK__WORKERS)" in (
        found
    )
    assert "GATEWAY_PLUGINS must be JSON" in found
    assert f"GATEWAY_SECRETS__KEY_FILE names {tmp_path / 'missing'}, which cannot be read" in found
    assert "GATEWAY_DATABSE__URL is not a setting; did you mean GATEWAY_DATABASE__URL?" in found
    assert len(refused(config)) == 8


def test_a_single_underscore_is_refused_but_other_programs_variables_are_not(
    config: dict[str, str],
) -> None:
    assert refused(config | {"GATEWAY_DATABASE_URL": "x"}) == (
        "GATEWAY_DATABASE_URL is not a setting; did you mean GATEWAY_DATABASE__URL?",
    )

    load_settings(
        config | {"GATEWAY_PORT": "tcp://10.0.0.1:80", "GATEWAY_SERVICE_HOST": "10.0.0.1"}
    )


def test_mistakes_inside_a_portfolio_are_named(config: dict[str, str]) -> None:
    portfolios = [
        {"id": "1", "wabas": ["2"], "number_limt": 3},
        {"wabas": ["2"]},
    ]

    found = refused(config | {"GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(portfolios)})

    assert any("portfolios.0.number_limt is not a setting; did you mean" in one for one in found)
    assert any("portfolios.1.id" in one for one in found)


def test_a_waba_in_two_portfolios_is_refused(config: dict[str, str]) -> None:
    portfolios = [{"id": "1", "wabas": ["8", "9"]}, {"id": "2", "wabas": ["9"]}]

    [problem] = refused(config | {"GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(portfolios)})

    assert "listed twice: 9" in problem


@pytest.mark.parametrize("key", ["short", base64.b64encode(b"k" * 31).decode(), "k" * 44])
def test_a_key_that_is_not_32_bytes_is_refused_unseen(config: dict[str, str], key: str) -> None:
    [problem] = refused(config | {"GATEWAY_SECRETS__KEY": key})

    assert "base64 form of exactly 32" in problem
    assert key not in problem


def test_an_unknown_environment_lists_the_known_ones(config: dict[str, str]) -> None:
    write(config, "staging.toml", "")

    [problem] = refused(config | {"GATEWAY_ENVIRONMENT": "stagin"})

    assert "known environments: production, staging" in problem


def test_an_environment_is_a_name_and_no_path(config: dict[str, str]) -> None:
    [problem] = refused(config | {"GATEWAY_ENVIRONMENT": "../secrets"})

    assert "GATEWAY_ENVIRONMENT" in problem


def test_production_has_no_sandbox_whoever_asks_for_one(config: dict[str, str]) -> None:
    write(config, "staging.toml", "")
    wanted = config | {"GATEWAY_SANDBOX__ENABLED": "true"}

    [problem] = refused(wanted)

    assert "sandbox.enabled" in problem
    assert "(GATEWAY_SANDBOX__ENABLED)" in problem
    assert load_settings(wanted | {"GATEWAY_ENVIRONMENT": "staging"}).sandbox.enabled


def test_a_folder_without_default_toml_is_refused(tmp_path: Path) -> None:
    [problem] = refused({"GATEWAY_CONFIG_DIR": str(tmp_path)})

    assert "set GATEWAY_CONFIG_DIR" in problem


def test_a_public_url_has_no_slash_at_its_end(config: dict[str, str]) -> None:
    settings = load_settings(config | {"GATEWAY_WEB__PUBLIC_URL": "https://gw.example.org/base/"})

    assert settings.web.public_url == "https://gw.example.org/base"
    assert refused(config | {"GATEWAY_WEB__PUBLIC_URL": "ftp://gw.example.org"})


def test_what_is_shown_holds_no_secret(config: dict[str, str]) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    secrets = ["pa55", "pa56", key, "t0ken"]
    settings = load_settings(
        config
        | {
            "GATEWAY_DATABASE__URL": "postgresql://app:pa55@db.internal:5432/gateway",
            "GATEWAY_REDIS__URL": "redis://:pa55@redis.internal/0",
            "GATEWAY_DATABASE__ROUTER_URL": "host=db user=router password=pa56",
            "GATEWAY_SECRETS__KEY": key,
            "GATEWAY_PROVIDERS__ACME__TOKEN": "t0ken",
            "GATEWAY_PROVIDERS__ACME__REGION": "eu",
        }
    )

    shown = {key: value for key, value, _ in describe(settings, {"providers.acme.region"})}

    assert shown["database.url"] == f"postgresql://app:{MASK}@db.internal:5432/gateway"
    assert shown["redis.url"] == f"redis://:{MASK}@redis.internal/0"
    assert shown["secrets.key"] == MASK
    assert shown["providers.acme.token"] == MASK
    assert shown["providers.acme.region"] == "eu"
    for secret in secrets:
        assert secret not in json.dumps(shown)
        assert secret not in repr(settings)


def test_the_committed_configuration_is_sound() -> None:
    built_in = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]

    production = load_settings({})
    sandbox = load_settings({"GATEWAY_ENVIRONMENT": "sandbox"})

    # Whoever has an account there enables these: without one's key nothing would start.
    elsewhere = {"supplier-telnyx", "supplier-didww"}
    assert set(production.plugins) == set(built_in["gateway.plugins"]) - elsewhere
    assert production.provisioning.suppliers == ("operator-sim",)
    assert sandbox.provisioning.suppliers == ("twilio",)
    assert production.sandbox.enabled is False
    assert sandbox.sandbox.enabled is True
    assert sandbox.sandbox.stock == {}
    [portfolio] = sandbox.provisioning.portfolios
    assert portfolio.id == "1100000000000001"
    assert portfolio.number_limit == len(portfolio.wabas) == 20
    assert (portfolio.wabas[0], portfolio.wabas[-1]) == ("2200000000000001", "2200000000000020")
