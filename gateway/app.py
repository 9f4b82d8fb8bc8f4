"""Where everything meets: one function makes the application out of its settings."""

from datetime import timedelta
from pathlib import Path

from flask import Flask

from gateway import api, health, idempotency, queues, scheduler, tables
from gateway.ats import jobs as ats_jobs
from gateway.ats import views as ats
from gateway.ats import webhook as ats_webhook
from gateway.audit import service as audit
from gateway.clock import Clock
from gateway.console import installing as console
from gateway.costs import budget_views as budgets
from gateway.costs import reconciling_views as reconciling
from gateway.costs import report_views as cost_reports
from gateway.costs import statement_views as statements
from gateway.costs import views as costs
from gateway.database import db
from gateway.docs import views as docs
from gateway.events import absence
from gateway.events import jobs as events_jobs
from gateway.events import service as events
from gateway.events import views as events_views
from gateway.groups import jobs as groups_jobs
from gateway.groups import views as groups
from gateway.logs import configure_logs
from gateway.messaging import jobs as messaging_jobs
from gateway.messaging import views as messaging
from gateway.messaging.activity import activity
from gateway.messaging.door import WebhookDoor
from gateway.onboarding import client_views, number_views, pool_filling, renewing, reports
from gateway.onboarding import jobs as onboarding_jobs
from gateway.onboarding import paper_views as papers
from gateway.onboarding import views as onboarding
from gateway.plugin_host import PluginHost
from gateway.provisioning import charges as reported_charges
from gateway.provisioning import jobs as provisioning_jobs
from gateway.provisioning import looking, operator_standing, stock
from gateway.provisioning import views as provisioning
from gateway.settings import Settings, load_settings
from gateway.tenancy import views as tenancy
from gateway.workers import Job, each

__all__ = ["create_app", "tables"]


def create_app(settings: Settings | None = None) -> Flask:
    """The application: plugins loaded and checked, nothing connected yet.

    SettingsError or StartupError where something is wrong with the configuration or a plugin.
    """
    settings = settings or load_settings()
    configure_logs()
    app = api.GatewayApp("gateway", static_folder=None)
    host = PluginHost(settings)
    ours = (
        absence.SCHEDULE,
        idempotency.SCHEDULE,
        looking.SCHEDULE,
        operator_standing.SCHEDULE,
        pool_filling.SCHEDULE,
        renewing.SCHEDULE,
        reported_charges.SCHEDULE,
        stock.SCHEDULE,
    )
    for schedule in ours:
        host.schedules.add(schedule.name, schedule, "the gateway itself")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=_url(settings.database.url),
        SQLALCHEMY_BINDS={
            "owner": {"url": _url(settings.database.owner_url), "pool_size": 1},
            "router": {"url": _url(settings.database.router_url), "pool_size": 4},
        },
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 16, "max_overflow": 16, "pool_timeout": 30},
    )
    db.init_app(app)
    clock_file = settings.sandbox.clock_file if settings.sandbox.enabled else ""
    app.extensions.update(
        settings=settings,
        clock=Clock(Path(clock_file) if clock_file else None),
        plugin_host=host,
        http=host.http,
        redis=queues.client(settings.redis.url),
        lease=timedelta(seconds=settings.work.lease_seconds),
        schedules={schedule.name: schedule for schedule in host.schedules},
        jobs=_jobs(host),
        record_event=events.record,
        record_act=audit.record,
        activity=activity,
    )
    border = api.install(app)
    for views in (
        tenancy, onboarding, papers, groups, provisioning, messaging, ats, events_views, costs,
        health,
    ):  # fmt: skip
        border.register_blueprint(views.blueprint)
    border.register_blueprint(costs.estimates)
    border.register_blueprint(statements.blueprint)
    border.register_blueprint(reconciling.blueprint)
    border.register_blueprint(statements.spendings)
    border.register_blueprint(cost_reports.blueprint)
    border.register_blueprint(cost_reports.of_vendor)
    border.register_blueprint(budgets.blueprint)
    border.register_blueprint(client_views.blueprint)
    border.register_blueprint(number_views.blueprint)
    app.register_blueprint(reports.blueprint)
    app.register_blueprint(ats_webhook.blueprint)
    app.register_blueprint(docs.blueprint)
    console.install(app)
    app.wsgi_app = WebhookDoor(app)  # type: ignore[method-assign]
    return app


def _jobs(host: PluginHost) -> dict[str, Job]:
    """Every topic of the outbox, with who works on it."""
    return {
        **onboarding_jobs.JOBS,
        **groups_jobs.JOBS,
        **messaging_jobs.JOBS,
        **provisioning_jobs.JOBS,
        **ats_jobs.JOBS,
        **events_jobs.JOBS,
        scheduler.TOPIC: each(scheduler.run_schedule),
        **{events.topic_of(plugin.name): each(events.tell) for plugin in host.plugins},
    }


def _url(url: str) -> str:
    """A libpq URL as SQLAlchemy wants it, with psycopg named."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else url
