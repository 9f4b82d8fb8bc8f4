"""The sandbox as one web application: the simulators, the panel, and what the demo points at."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from flask import Flask, Response

from gateway.sandbox.contract import Simulator
from gateway.sandbox.logo import company_logo
from gateway.sandbox.panel import mount_panel
from gateway.sandbox.phone_page import phone_page
from gateway.sandbox.world import SandboxWorld
from gateway.settings import Settings


def create_sandbox(
    settings: Settings,
    simulator_paths: Sequence[str],
    *,
    gateway_url: str,
    sandbox_url: str,
    state_file: Path | None,
) -> Flask:
    """The app, with its world in `app.extensions["sandbox"]`. Its threads start with a request.

    Where a port is known only after binding, set `gateway_url` and `sandbox_url` on the world.
    """
    world = SandboxWorld(
        settings, gateway_url=gateway_url, sandbox_url=sandbox_url, state_file=state_file
    )
    app = Flask("gateway.sandbox", static_folder=None)
    app.extensions["sandbox"] = world
    app.before_request(world.start)
    mounted: dict[str, str] = {}
    for path in simulator_paths:
        simulator = _load(path)(world)
        if simulator.mount in mounted:
            raise ValueError(
                f"{path} and {mounted[simulator.mount]} both want to be /{simulator.mount}"
            )
        mounted[simulator.mount] = path
        world.add(simulator)
        app.register_blueprint(simulator.blueprint(), url_prefix=f"/{simulator.mount}")
    mount_panel(app)
    app.register_blueprint(phone_page)

    @app.get("/assets/logo.png")
    def logo() -> Response:
        return Response(company_logo(), mimetype="image/png")

    return app


def _load(path: str) -> type[Simulator]:
    module, _, name = path.partition(":")
    found = getattr(import_module(module), name, None)
    if not (isinstance(found, type) and issubclass(found, Simulator)):
        raise ValueError(f"{path!r} is not the package.module:Class of a simulator")
    return found
