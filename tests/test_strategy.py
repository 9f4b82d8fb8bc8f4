"""The page on the strategy: each statement has a row, and each row what it rests on."""

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.sources import ROOT

PAGE = ROOT / "docs" / "strategy.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PLACE = re.compile(r"`((?:gateway|plugins)/[\w/.]*)`")
REASON = re.compile(r".+\. Source: \S.*, \d{4}-\d{2}-\d{2}")

STATEMENTS = {
    "Case 1": (
        "The client connects its own number",
        "The pop-up stays on our site",
        "Step 1: log in",
        "Step 2: choose the portfolio",
        "Step 3: enter the number",
        "Step 4: enter the 6-digit code that comes by SMS or voice",
        "The client owns the identity",
        "The number must be clean: delete the account in the app first",
        "A number cannot live in both the app and the API",
    ),
    "Case 2": (
        "LinkoJob provides a dedicated +212 number",
        'The name is "[Recruiter] from [Client Company]"',
        '"Powered by LinkoJob"',
        "One click, provisioned at once",
        "The picture is the client's logo",
        'The name is "Company X Recruitment"',
        "A mandatory first message",
        "The client keeps its private WhatsApp and works in our dashboard",
        "A recruiter who leaves takes neither number nor history",
    ),
    "Case 3": (
        "One LinkoJob number, and a group for each pair of a candidate and a client",
        "Nobody can be added directly",
        "Joining means high friction",
        "The API limits the participants",
        "Templates do not work",
    ),
    "The table": (
        *(f"Setup ease of case {case}" for case in ("1: medium", "2: high", "3: low")),
        *(f"Candidate trust in case {case}" for case in ("1: high", "2: high", "3: low")),
        *(f"Complexity of case {case}" for case in ("1: low", "2: low", "3: very high")),
        "Requirement of case 1: delete the app account",
        "Requirement of case 2: none",
        "Requirement of case 3: none",
    ),
    "Administration": (
        "The trade register extract (RC)",
        "The tax id (IF or ICE)",
        "A utility bill whose address matches",
        "LinkoJob is a verified Meta Tech Provider",
    ),
    "Costs": (
        "A number costs about $1.00 a month",
        "That is about 10.50 MAD",
        "A marketing message costs about $0.038",
        "That is about 0.40 MAD for each that is delivered",
        "Service messages are free within 24 hours",
    ),
    "Recommended": (
        "Case 2 is recommended",
        "It has the lowest friction",
        "It carries the client's branding and logo",
        "The data stays with the platform",
        "There is no conflict with anybody's personal WhatsApp",
        "It scales to hundreds of clients",
        "It costs about 11.55 MAD a client and month",
    ),
    "Links": (
        "Meta's documentation of the Cloud API",
        "Meta's Embedded Signup flow",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    statement: str
    where: str
    shown_by: str
    otherwise: str


def rows(text: str) -> list[Row]:
    """The rows of all tables of the page, heads left out."""
    found = []
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| the strategy says"):
            cells = [cell.strip() for cell in line.strip().removesuffix("|").split("|")[1:]]
            statement, where, shown_by, otherwise = cells
            row = Row(statement=statement, where=where, shown_by=shown_by, otherwise=otherwise)
            found.append(row)
    return found


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    module = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in module.body if isinstance(node, ast.FunctionDef))


def faults(row: Row) -> list[str]:
    """What a row lacks."""
    tests = TEST.findall(row.shown_by)
    found = [f"no test {path}::{name}" for path, name in tests if name not in names_in(path)]
    found += [f"no {place}" for place in PLACE.findall(row.where) if not (ROOT / place).exists()]
    if TEST.sub("", row.shown_by).strip(" ,"):
        found.append("something that is no test")
    if row.otherwise and not REASON.fullmatch(row.otherwise):
        found.append("a reason without its source and day")
    if not tests and not row.otherwise:
        found.append("neither a test nor a reason")
    if not row.where:
        found.append("no place in the product")
    return found


@pytest.mark.parametrize("row", rows(PAGE.read_text(encoding="utf-8")), ids=lambda it: it.statement)
def test_each_row_names_a_test_or_a_reason(row: Row) -> None:
    assert faults(row) == []


def test_each_statement_has_one_row_and_no_row_is_about_anything_else() -> None:
    listed = [statement for part in STATEMENTS.values() for statement in part]

    assert [row.statement for row in rows(PAGE.read_text(encoding="utf-8"))] == listed


def test_a_row_that_rests_on_nothing_is_found() -> None:
    here = "`tests/test_strategy.py::test_a_row_that_rests_on_nothing_is_found`"
    good = Row(statement="It is so", where="`gateway/app.py`", shown_by=here, otherwise="")
    assert faults(good) == []
    reason = "It is not. Source: Meta, pricing, 2026-10-01"
    assert faults(Row(statement="", where="nowhere", shown_by="", otherwise=reason)) == []
    for bad in (
        Row(statement="", where="x", shown_by="", otherwise=""),
        Row(statement="", where="x", shown_by=here.replace("_found", "_lost"), otherwise=""),
        Row(statement="", where="x", shown_by=here.replace("strategy", "nothing"), otherwise=""),
        Row(statement="", where="x", shown_by="somebody saw it", otherwise=""),
        Row(statement="", where="x", shown_by="", otherwise="It is not so, says Meta."),
        Row(statement="", where="x", shown_by="", otherwise="It is not. Source: Meta, lately"),
        Row(statement="", where="`gateway/nothing.py`", shown_by=here, otherwise=""),
        Row(statement="", where="", shown_by=here, otherwise=""),
    ):
        assert faults(bad), bad
