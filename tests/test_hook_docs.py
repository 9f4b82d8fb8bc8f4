"""docs/reference/hooks.md shows every hook as it is, in the order in which hooks fire."""

import ast
import re
from pathlib import Path

from gateway import hookspecs
from gateway.events.contract import HOOK_OF

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "hooks.md"


def _hooks() -> list[ast.FunctionDef]:
    tree = ast.parse(Path(hookspecs.__file__).read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _signature(hook: ast.FunctionDef) -> str:
    assert hook.returns is not None, f"{hook.name} has no return type"
    return f"{hook.name}({ast.unparse(hook.args)}) -> {ast.unparse(hook.returns)}"


def test_the_page_shows_each_signature_in_firing_order() -> None:
    headings = re.findall(r"^### `(.+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == [_signature(hook) for hook in _hooks()]


def test_each_hook_is_typed_and_says_when_it_fires() -> None:
    for hook in _hooks():
        assert (ast.get_docstring(hook) or "").startswith("Fires "), hook.name
        assert all(argument.annotation for argument in hook.args.args), hook.name
        assert [ast.unparse(mark) for mark in hook.decorator_list] == ["hookspec"], hook.name


def test_every_event_hook_exists_and_the_page_names_its_events() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listening = {hook.name for hook in _hooks() if hook.name.startswith("on_")}

    assert set(HOOK_OF.values()) == listening
    for event_type, hook in HOOK_OF.items():
        section = page.partition(f"### `{hook}(")[2].partition("### ")[0]
        assert f"`{event_type}`" in section


def test_the_page_example_is_a_plugin() -> None:
    [example] = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}

    exec(compile(example, "example", "exec"), names)

    assert hasattr(names["on_lines_activated"], "gateway_impl")
