"""Cards as CSV files: imported whole or not at all, compared, exported, and priced by."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.plugin_api import MessageFacts, Money, built, tenant
from plugins.cost_reporting import card_files, card_store
from plugins.cost_reporting.card_files import WrongCard
from plugins.cost_reporting.commands import costs
from plugins.cost_reporting.pricing import CostReporting
from tests.harness import Desk
from tests.plugins.cost_reporting.test_rate_cards import HEADER

Run = Callable[..., Result]
MARKET = "market,Morocco,MA,,,,,,,2026-01-01,,x\n"


@pytest.fixture
def run(desk: Desk) -> Run:
    def run(*arguments: str) -> Result:
        with desk.gateway.app.app_context():
            return CliRunner().invoke(costs, arguments)

    return run


def figures(run: Run, *arguments: str) -> Any:
    result = run("estimate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rounded(found: Any) -> dict[str, Any]:
    return {price["item"]: price["rounded"]["MAD"] for price in found["prices"]}


def invoiced(found: Any, case: str = "virtual-number") -> dict[str, Any]:
    return {
        row["introduction"]: row["invoiced"]["MAD"] for row in found["cases"] if row["case"] == case
    }


@pytest.mark.parametrize("name", card_store.SHIPPED)
def test_a_shipped_card_survives_export_and_import(name: str) -> None:
    rows = card_store.shipped(name).rows

    assert card_files.read(card_files.write(rows).encode()) == rows


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            "number,,MA,,,,1,USD,,2026-01-01,,x\nnumber,,MA FR,,,,2,USD,,2026-06-01,,x\n",
            "Lines 2 and 3: the prices of a number of MA overlap: let line 2 end on 2026-05-31",
        ),
        (
            "number,,MA,,,,1,USD,,2026-01-01,2026-03-31,x\nnumber,,MA,,,,2,USD,,2026-05-01,,x\n",
            "Lines 2 and 3: the prices of a number of MA leave a gap: nothing covers 2026-04-01"
            " through 2026-04-30.",
        ),
        (
            f"{MARKET}message,Morocco,,utility,,,1,USD,,2026-01-01,,x\n"
            "message,Morocco,,utility,,,2,USD,,2026-01-01,,x\n",
            "Lines 3 and 4: the prices of Morocco utility overlap: two rows for one day",
        ),
        (
            f"{MARKET}message,Morocco,,utility,1,10,1,USD,,2026-01-01,,x\n"
            "message,Morocco,,utility,12,,2,USD,,2026-01-01,,x\n",
            "Lines 3 and 4: the prices of Morocco utility leave a gap between the volumes.",
        ),
        (
            "market,Morocco,MA,,,,,,,2026-01-01,,x\nmarket,Africa,TN MA,,,,,,,2026-02-01,,x\n",
            "Lines 2 and 3: the markets of MA overlap",
        ),
        (
            "message,Morocco,,utility,,,1,USD,,2026-01-01,,x\n",
            "Line 2: no row of the kind market says which countries 'Morocco' is.",
        ),
        ("number,,MA,,,,-1.00,USD,,2026-01-01,,x\n", "Line 2: the amount -1.00 is negative."),
        ("number,,MA,,,,NaN,USD,,2026-01-01,,x\n", "Line 2: 'NaN' is no amount"),
        ("number,,MA,,,,1,dirham,,2026-01-01,,x\n", "Line 2: currency 'dirham' is no currency"),
        ("number,,MA,,,,1,USD,,01/10/2026,,x\n", "Line 2: from '01/10/2026' is no day"),
        ("number,,MA,,,,1,USD,,2026-01-01,,\n", "Line 2: a row of the kind number needs source."),
        ("price,,MA,,,,1,USD,,2026-01-01,,x\n", "Line 2: 'price' is no kind of row"),
        ("exchange_rate,,,,,,0,MAD,USD,2026-01-01,,x\n", "Line 2: an exchange rate of 0"),
        ("", "There is no row in the file."),
    ],
)
def test_what_is_wrong_with_a_card_is_said_with_its_lines(rows: str, says: str) -> None:
    with pytest.raises(WrongCard) as wrong:
        card_files.read((HEADER + rows).encode())

    assert says in "\n".join(wrong.value.problems)


def test_a_csv_of_another_format_is_refused_and_nothing_is_imported(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("phone_number,label\n+212612000001,slot 1\n")
    result = run("cards", "import", str(file), "--name", "other")

    assert result.exit_code == 1
    assert "Line 1: this is no rate card; its columns are kind, market" in result.output
    assert '"other"' not in run("cards", "list", "--json").stdout


def test_the_strategys_table_to_the_digit(run: Run) -> None:
    found = figures(run, "--rate-card", "strategy-2026")

    assert rounded(found) == {
        "number_month": "10.50",
        "marketing": "0.40",
        "utility": None,
        "authentication": None,
        "service": "0.00",
    }
    prices = {price["item"]: price["price"] for price in found["prices"]}
    assert prices["number_month"]["amount"] == "1.00"
    assert prices["marketing"]["amount"] == "0.038"
    assert found["markup"]["amounts"]["MAD"] == "11.55"
    assert found["markup"]["says"] == (
        "11.55 MAD is 10.50 MAD × 1.10: a month of the number and 10 % on top that nothing"
        " explains. No whole number of marketing messages gives the difference."
    )
    assert invoiced(found) == {"utility": None, "marketing": "26.46"}
    [own] = [row for row in found["cases"] if row["case"] == "embedded-signup"][1:]
    assert (own["invoiced"]["MAD"], own["paid_to_meta"]["MAD"]) == ("0.00", "15.96")
    assert found["in_force"]["rate_card"] == "meta"
    assert invoiced(found["in_force"]) == {"utility": "20.16", "marketing": "27.89"}
    text = run("estimate", "--rate-card", "strategy-2026").output
    assert "invoiced 2.5200 USD (26.46 MAD)" in text
    assert "11.55 MAD is 10.50 MAD × 1.10" in text


def test_a_copy_of_a_card_with_other_figures_gives_the_table_anew(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "copy.csv"
    written = run("cards", "export", "strategy-2026").stdout
    file.write_text(written.replace(",1.00,USD", ",2.00,USD").replace(",10.50,MAD", ",9.90,MAD"))
    changes = run("cards", "diff", "strategy-2026", str(file)).stdout
    assert run("cards", "import", str(file), "--name", "copy").exit_code == 0
    found = figures(run, "--rate-card", "copy")

    assert [line.partition(", from")[0] for line in changes.splitlines()] == [
        "- number MA 1.00 USD",
        "- exchange_rate 10.50 MAD per USD",
        "+ number MA 2.00 USD",
        "+ exchange_rate 9.90 MAD per USD",
    ]
    assert rounded(found)["number_month"] == "19.80"
    assert rounded(found)["marketing"] == "0.38"
    assert found["markup"]["amounts"]["MAD"] == "21.78"
    assert invoiced(found)["marketing"] == "34.85"
    assert (found["rate_card"], found["version"]) == ("copy", 1)


def test_an_imported_card_takes_over_from_the_shipped_one(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "meta.csv"
    file.write_text(run("cards", "export", "meta").stdout.replace("0.0414", "0.0500"))
    before = figures(run)
    assert run("cards", "import", str(file), "--name", "meta").exit_code == 0
    after = figures(run)
    file.write_text(file.read_text().replace("0.0500", "0.0414"))
    assert run("cards", "import", str(file), "--name", "meta").exit_code == 0

    assert rounded(before)["marketing"] == "0.43"
    assert rounded(after)["marketing"] == "0.53"  # 0.525
    assert rounded(figures(run))["marketing"] == "0.43"
    listed = {row["name"]: row for row in json.loads(run("cards", "list", "--json").stdout)}
    assert (listed["meta"]["version"], listed["meta"]["in_force"]) == (2, True)
    assert listed["strategy-2026"]["imported_at"] is None


def test_without_an_exchange_rate_there_is_usd_alone_and_it_says_so(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "usd.csv"
    rows = run("cards", "export", "meta").stdout.splitlines(keepends=True)
    file.write_text("".join(row for row in rows if not row.startswith("exchange_rate")))
    assert run("cards", "import", str(file), "--name", "usd").exit_code == 0
    found = figures(run, "--rate-card", "usd")

    assert found["note"] == ("No exchange rate from USD to MAD is known for this day: USD only.")
    assert found["exchange_rate"] is None
    [case] = [row for row in found["cases"] if row["case"] == "virtual-number"][:1]
    assert case["invoiced"] == {"USD": "1.9200", "MAD": None}
    assert "USD only" in run("estimate", "--rate-card", "usd").output


def test_a_card_that_there_is_not_is_named_with_those_that_there_are(desk: Desk, run: Run) -> None:
    result = run("estimate", "--rate-card", "strategy")
    answer = desk.gateway.request("POST", "/v1/costs/estimate", {"rate_card": "strategy"})

    assert result.exit_code == 1
    assert "There is no rate card 'strategy'; there are" in result.output
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_rate_card")


def test_what_is_mistyped_is_said_in_a_sentence(desk: Desk, run: Run) -> None:
    refused = run("estimate", "--country", "maroc")
    assert (refused.exit_code, "write a country code such as MA." in refused.output) == (2, True)
    for words in (("anomalies", "cli_x"), ("statements", "list", "x"), ("budgets", "list", "x")):
        said = desk.gateway.run("costs", *words)
        assert said.exit_code == 2
        assert said.stderr == f"'{words[-1]}' is not an id of the form cli_…\n"


def test_the_api_estimates_tens_of_clients_with_their_allowances(desk: Desk) -> None:
    asked = {"clients": 10, "introductions": 0, "service": 1200, "on": "2026-11-26"}
    found = desk.gateway.post("/v1/costs/estimate", asked)

    case = next(row for row in found["cases"] if row["case"] == "virtual-number")
    service = case["lines"][-1]
    assert (service["quantity"], service["charged"]) == (12_000, 2_000)
    assert service["amounts"] == {"USD": "46.0000", "MAD": "483.00"}
    assert case["invoiced"] == {"USD": "56.0000", "MAD": "588.00"}
    assert case["invoiced_per_client"] == {"USD": "5.6000", "MAD": "58.80"}
    assert found["in_force"] is None


def test_volume_tiers_are_one_portfolios_or_each_clients_own(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "tiers.csv"
    file.write_text(
        f"{HEADER}{MARKET}"
        "message,Morocco,,utility,1,100,0.02,USD,,2026-01-01,,x\n"
        "message,Morocco,,utility,101,,0.01,USD,,2026-01-01,,x\n"
        "number,,MA,,,,1,USD,,2026-01-01,,x\n"
    )
    run("cards", "import", str(file), "--name", "tiers")
    asked = ("--clients", "2", "--introductions", "0", "--utility", "80")
    cases = {row["case"]: row for row in figures(run, "--rate-card", "tiers", *asked)["cases"]}

    # 160 of one portfolio: 100 at 0.02 and 60 at 0.01; 80 of each client's own: all at 0.02.
    assert cases["virtual-number"]["invoiced"]["USD"] == "4.6000"
    assert cases["embedded-signup"]["paid_to_meta"]["USD"] == "3.2000"


def test_quotes_carry_both_currencies_and_their_source(desk: Desk) -> None:
    on = date(2026, 10, 1)
    with desk.gateway.app.app_context():
        pricing = built(CostReporting)
        with tenant(desk.client):  # as a request asks
            message = pricing.quote_message(MessageFacts(country="MA", category="marketing", on=on))
        number = pricing.quote_number("MA", on)
        nobody = pricing.quote_number("JP", on)

    assert message is not None
    assert message.money.as_json() == {"amount": "0.0414", "currency": "USD"}
    assert message.converted["MAD"] == Money(amount=message.money.amount * 105 / 10, currency="MAD")
    assert "Morocco" in message.source
    assert number is not None
    assert "estimate" in number.source
    assert nobody is None
