"""Whoever makes a call that Meta counts against a number has it counted here first."""

import ast
from collections.abc import Iterator

from tests.sources import ROOT

COUNTED = {"request_code", "register", "deregister"}


def calls_to_registrars(node: ast.AST, counted: bool = False) -> Iterator[tuple[str, bool]]:
    """Each such call of the core, and whether it stands inside `counted(…)`."""
    for child in ast.iter_child_nodes(node):
        inside = counted
        if isinstance(child, ast.With):
            inside |= any("counted(" in ast.unparse(item.context_expr) for item in child.items)
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Attribute)
            and child.func.attr in COUNTED
        ):
            pin = any(keyword.arg == "pin" for keyword in child.keywords)
            if child.func.attr != "register" or pin:
                yield child.func.attr, inside
        yield from calls_to_registrars(child, inside)


def test_every_call_that_meta_counts_is_counted_before_it_is_made() -> None:
    found = [
        (path.name, *call)
        for folder in ("onboarding", "provisioning")
        for path in sorted((ROOT / "gateway" / folder).rglob("*.py"))
        for call in calls_to_registrars(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert {call for _, call, _ in found} == COUNTED
    assert [(path, call) for path, call, counted in found if not counted] == []
