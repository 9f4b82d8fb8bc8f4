"""The pages of costs: a month in a picture and a table, and statements in three languages."""

import csv
import io
import re
from dataclasses import replace

import pytest
from flask import Flask

from gateway.app import create_app
from gateway.ids import new_id
from gateway.plugin_api import built
from plugins import cost_reporting
from plugins.cost_reporting import statements
from plugins.cost_reporting.periods import first_day
from plugins.cost_reporting.pricing import CostReporting
from tests.console.browser import Browser
from tests.harness import dispose
from tests.plugins.cost_reporting.test_ledger import activated, status, tell

JULY = "2026-07-10T09:00:00+00:00"
WORDS = {
    "en": ("Statement", "Total to be paid to us", "Paid to Meta directly, not in our total", "ltr"),
    "fr": ("Relevé", "Total à nous payer", "Payé directement à Meta, hors de notre total", "ltr"),
    "ar": ("كشف حساب", "المبلغ الواجب دفعه لنا", "يُدفع مباشرة إلى Meta", "rtl"),
}

ISSUED = {"en": "Issued by LinkoJob", "fr": "Établi par LinkoJob", "ar": "صادر عن LinkoJob"}


@pytest.fixture
def july(app: Flask, client_id: str) -> str:
    """A line of the client's own and one of ours, each with messages; the client's."""
    own, ours = new_id("line"), new_id("line")
    with app.app_context():
        cost_reporting.on_lines_activated(
            client_id,
            [activated(client_id, own, JULY, paid_by="client"), activated(client_id, ours, JULY)],
        )
        told = [status(client_id, line, at=JULY, category=category)
                for line in (own, ours) for category in ("utility", "service")]  # fmt: skip
        tell(client_id, *told, status(client_id, ours, at=JULY, application_ref="<b>COOK-7</b>"))
    return client_id


def test_a_month_is_shown_as_a_picture_with_the_same_figures_beside_it(
    july: str, browser: Browser
) -> None:
    page = browser.read("/console/costs?month=2026-07")
    assert 'aria-current="page">Costs</a>' in page
    titles = re.findall(r"<rect[^>]*><title>([^<]*)</title>", page)
    assert titles == ["2026-07-10, number_month: 10.50", "2026-07-10, utility: 0.13"]
    [row] = re.findall(
        r"<tr><th[^>]*><bdi[^>]*>2026-07-10</bdi></th><td>Utility</td>.*?</tr>", page
    )
    assert re.findall(r">([\d.]+)</bdi></td>", row) == ["3", "0", "0.0120", "0.13"]
    assert "40.0 %" in page, "service was free before October"
    assert browser.get("/console/costs?month=2026-7").status_code == 404


def test_a_statement_reads_in_three_languages_and_keeps_what_others_are_paid_apart(
    app: Flask, july: str, browser: Browser
) -> None:
    with app.app_context():
        statements.close(built(CostReporting), july, first_day("2026-07"))
    for language, (title, ours, metas, direction) in WORDS.items():
        page = browser.read(f"/console/costs/2026-07?language={language}")
        assert f'lang="{language}" dir="{direction}"' in page
        assert title in page
        assert ISSUED[language] in page
        [total] = re.findall(rf"{ours}</th>(.*?)</tr>", page)
        assert re.findall(r">([\d.]+)</bdi>", total) == ["1.0080", "10.58"]
        [paid] = re.findall(rf"{metas}[^<]*</th><td(.*?)</tr>", page)
        assert re.findall(r">([\d.]+)</bdi>", paid) == ["0.0040", "0.04"]
        assert "\u20661 USD = 10.50 MAD\u2069" in page, "reads from left to right in Arabic too"
        assert "&lt;b&gt;COOK-7&lt;/b&gt;" in page
    listed = browser.read("/console/costs")
    assert re.search(r'/console/costs/2026-07">.*?<td>closed</td>', listed)
    file = browser.get("/console/costs/2026-07/csv")
    assert len(list(csv.DictReader(io.StringIO(file.text)))) == 6
    assert browser.get("/console/costs/2020-01").status_code == 404


def test_without_the_plugin_the_pages_are_gone(app: Flask, july: str, browser: Browser) -> None:
    settings = app.extensions["settings"]
    others = tuple(name for name in settings.plugins if name != "cost-reporting")
    without = create_app(replace(settings, plugins=others))
    app.extensions["plugin_host"] = without.extensions["plugin_host"]
    assert "Costs</a>" not in browser.read("/console/")
    for path in ("/console/costs", "/console/costs/2026-07", "/console/costs/2026-07/csv"):
        assert browser.get(path).status_code == 404
    dispose(without)
