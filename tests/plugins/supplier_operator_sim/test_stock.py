"""A stock of SIM cards: put in whole, or refused with every line that is wrong."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from plugins.supplier_operator_sim import drawer
from plugins.supplier_operator_sim.commands import sims
from plugins.supplier_operator_sim.stock import WrongStock, read

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    def run(*arguments: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(sims, arguments)

    return run


def numbers(app: Flask) -> list[str]:
    with app.app_context():
        return [sim.phone_number for sim in drawer.all_sims()]


@pytest.mark.parametrize(
    "written",
    [
        "phone_number\n+212612000001\n",
        "\ufeffPhone_Number;Label\r\n+212 6 12 00 00 01;slot 1\r\n\r\n",
        'label,phone_number\n"slot 1, left",+212612000001\n',
    ],
)
def test_a_spreadsheet_is_read_as_it_was_saved(written: str) -> None:
    [card] = read(written.encode())
    assert (card.phone_number, card.country) == ("+212612000001", "MA")


def test_each_wrong_line_is_named() -> None:
    content = (
        "phone_number,label,monthly_price,currency\n"
        "+212612000001,,49.00,MAD\n"
        "0612000002,,,\n"
        "+212520000001,,,\n"
        "+212612000001,,,\n"
        "+21261200,,,\n"
        "+212612000003,,NaN,MAD\n"
        "+212612000004,,-1,MAD\n"
        "+212612000005,,49,\n"
        "+212612000006,,49,dirham\n"
    )
    with pytest.raises(WrongStock) as wrong:
        read(content.encode())
    assert [problem.partition(":")[0] for problem in wrong.value.problems] == [
        f"Line {number}" for number in (3, 4, 5, 6, 7, 8, 9, 10)
    ]
    assert wrong.value.problems[2] == "Line 5: +212612000001 is on line 2 already."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1"),
        (b"phone_number\n", "no card"),
        (b"number\n+212612000001\n", "Line 1"),
        (b"phone_number,phone_number\n", "Line 1"),
        (b"phone_number,colour\n", "Line 1"),
        (b"phone_number\n+212612000001,slot 1\n", "Line 2"),
        (b'phone_number\n"+2126\n', "Line"),
        (b"phone_number\n\xff\xfe\n", "UTF-8"),
        (b"\x00\x01\x02", "Line 1"),
        (b"phone_number\n" + b"x" * 2**23, "bytes"),
    ],
    ids=range(10),
)
def test_what_is_no_stock_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(WrongStock, match=said):
        read(content)


def test_a_stock_is_put_in_once_and_whole(app: Flask, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("phone_number,label,monthly_price,currency\n+212612000001,slot 1,49.50,MAD\n")
    first = run("import", str(file))
    assert (first.exit_code, first.stderr) == (0, "1 SIM cards were put in.\n")

    file.write_text("phone_number\n+212612000002\n+212612000001\n")
    again = run("import", str(file))
    assert again.exit_code == 1
    assert "Nothing was put in.\nLine 3: +212612000001 is in the drawer already." in again.stderr
    assert numbers(app) == ["+212612000001"]
    assert '"monthly_amount": "49.50"' in run("list", "--json").stdout
    with app.app_context():
        assert drawer.all_sims()[0].monthly_amount == Decimal("49.50")


def test_a_card_is_thrown_away_unless_a_line_has_it(app: Flask, run: Run) -> None:
    with app.app_context():
        drawer.put_in(read(b"phone_number\n+212612000001\n+212612000002\n"))
        drawer.take("+212612000002", "line_1")
    assert run("list").stdout == "+212612000001  in the drawer\n+212612000002  line_1\n"

    assert run("remove", "+212612000001").exit_code == 0
    for number in ("+212612000002", "+212612000001"):
        refused = run("remove", number)
        assert refused.exit_code == 1
        assert f"{number} is not in the drawer" in refused.stderr
    assert numbers(app) == ["+212612000002"]
