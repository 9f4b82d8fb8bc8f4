"""Every code that the source can show is explained, and none is that it cannot."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from gateway import errors
from gateway.errors import ErrorCode, ProviderError
from gateway.messaging import policy
from gateway.problem_codes import CODES, OF_STATUS, POLICY
from tests.reference import PAGE, page
from tests.sources import Call, Unknown, calls, modules

PROVIDER_ERRORS = [
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, ProviderError)
]
POSITIONS = {
    "Problem": 1,
    "Meaning": 2,
    "Reason": 1,
    "NameReason": 0,
    **dict.fromkeys(
        [
            *PROVIDER_ERRORS,
            "AttemptsUsedUp",
            "Wait",
            "Blocker",
            "CaseBlocker",
            "Concern",
            "SignupProblem",
            "Unclear",
            "BudgetRefused",
            "CannotClose",
        ],
        0,
    ),
}
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
# What is passed on was said elsewhere.
PASSED_ON = re.compile(
    r"(error|full|refused|verdict|meaning|first|objection|problem)\.(code|rule)|meaning\.kind"
)


@pytest.fixture
def explained(app: Flask) -> Mapping[str, ErrorCode]:
    codes: Mapping[str, ErrorCode] = app.extensions["plugin_host"].error_codes
    return codes


def raised() -> Iterator[tuple[str, str]]:
    """Each code that the source shows, and where."""
    for call in calls(*POSITIONS):
        said = call.argument(POSITIONS[ast.unparse(call.node.func).rpartition(".")[2]], "code")
        if said is not None and not PASSED_ON.fullmatch(ast.unparse(said)):
            yield from ((code, str(call)) for code in call.texts(said))
    for path, module in modules():
        for code in _noted(module):
            yield code, str(path)
    for code in _rules():
        yield code, "policy.py"
    yield from ((code, "problem_codes.py") for code in OF_STATUS.values())


def _noted(module: ast.Module) -> Iterator[Any]:
    """Codes of errors that are written down and never raised, and reasons."""
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            said = {key.value: value for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)}  # fmt: skip
            if {"code", "detail"} <= set(said) and isinstance(said["code"], ast.Constant):
                yield str(said["code"].value)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            reason = ast.unparse(node.targets[0]).endswith(".reason")
            yield from [node.value.value] if reason and node.value.value else []


def _rules() -> set[str]:
    """What the policy says by name: the rules that refuse, and why something is held."""
    with open(policy.__file__, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}


def test_every_code_of_the_source_is_explained_and_no_other(
    explained: Mapping[str, ErrorCode],
) -> None:
    found = dict(raised())

    assert len(found) > 100
    assert {code: found[code] for code in set(found) - set(explained)} == {}
    assert set(explained) - set(found) == set()


def test_each_problem_has_the_status_of_its_code() -> None:
    pairs = 0
    for call in calls("Problem"):
        status, code = call.argument(0, "status"), call.argument(1, "code")
        if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
            pairs += 1
            assert CODES[str(code.value)].status == status.value, str(call)
    assert pairs > 15
    assert all(CODES[code].status == status for status, code in OF_STATUS.items())
    assert all(CODES[code].status == 409 for code in POLICY)


def test_the_rules_of_the_policy_are_all_known() -> None:
    refusing = {code for code in _rules() if code in CODES and CODES[code].status == 409}

    assert refusing == set(POLICY)


def test_a_code_that_cannot_be_read_off_the_source_is_no_code() -> None:
    module = ast.parse("def f(x):\n    raise Problem(409, 'a' + x, '')")
    [node] = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    [function] = module.body
    assert isinstance(function, ast.FunctionDef)
    call = Call(path=PAGE, module=module, function=function, node=node)

    with pytest.raises(Unknown):
        call.texts(node.args[1])


def test_each_explanation_says_what_it_means_and_what_to_do(
    explained: Mapping[str, ErrorCode],
) -> None:
    for code in explained.values():
        assert code.means.endswith("."), code
        assert code.do.endswith("."), code
        assert code.means[0].isupper(), code
        assert code.do[0].isupper() or code.do.startswith("`"), code


def test_the_reference_is_as_generated(explained: Mapping[str, ErrorCode]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(explained), "write it anew: make reference"
