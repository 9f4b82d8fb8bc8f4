"""What the source says, read and not run: calls, and the texts that reach them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SIMULATED = ("simulator", "simulated", "sandbox", "demo")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unknown(Exception):
    """The source alone does not tell which text this is."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call, and where it stands."""

    path: Path
    module: ast.Module
    function: Function | None
    node: ast.Call

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.node.lineno}"

    def argument(self, position: int, name: str) -> ast.expr | None:
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        return self.node.args[position] if len(self.node.args) > position else None

    def texts(self, said: ast.expr) -> list[str]:
        """Every text that this expression can be. Unknown where that cannot be read off."""
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            return [said.value]
        if isinstance(said, ast.IfExp):
            return self.texts(said.body) + self.texts(said.orelse)
        if (
            isinstance(said, ast.Call)
            and _called(said) == "get"
            and isinstance(said.func, ast.Attribute)
        ):
            return self._of_mapping(said.func.value) + self.texts(said.args[1])
        if isinstance(said, ast.Name) and self.function is not None:
            return self._assigned(said.id) or self._passed(said.id)
        raise Unknown(f"{self}: {ast.unparse(said)}")

    def _of_mapping(self, named: ast.expr) -> list[str]:
        """The values of a mapping that stands in the module."""
        for statement in self.module.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(ast.unparse(target) == ast.unparse(named) for target in targets):
                assert isinstance(statement, ast.Assign)
                assert isinstance(statement.value, ast.Dict)
                return [text for value in statement.value.values for text in self.texts(value)]
        return []  # imported: read where it stands

    def _assigned(self, name: str) -> list[str]:
        assert self.function is not None
        return [
            text
            for node in ast.walk(self.function)
            if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [name]
            for text in self.texts(node.value)
        ]

    def _passed(self, name: str) -> list[str]:
        """What the module's own calls pass for a parameter of this call's function."""
        assert self.function is not None
        parameters = [*self.function.args.posonlyargs, *self.function.args.args]
        names = [argument.arg for argument in parameters]
        position = names.index(name) if name in names else len(names)
        position -= names[:1] == ["self"]
        passed: list[str] = []
        for other in _calls(self.path, self.module):
            if _called(other.node) == self.function.name:
                given = other.argument(position, name)
                passed += other.texts(given) if given else []
        if not passed:
            raise Unknown(f"{self}: {name}")
        return passed


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the product; what is simulated or shown is none of it."""
    for folder in ("gateway", "plugins"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not any(part.startswith(_SIMULATED) for part in path.relative_to(ROOT).parts):
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(*names: str) -> Iterator[Call]:
    """Every call of a function, method or class of these names."""
    for path, module in modules():
        yield from (call for call in _calls(path, module) if _called(call.node) in names)


def _calls(path: Path, module: ast.Module) -> Iterator[Call]:
    functions = [node for node in ast.walk(module) if isinstance(node, Function)]
    inside = {
        id(node): function for function in functions for node in ast.walk(function)
    }  # the innermost comes last
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield Call(path=path, module=module, function=inside.get(id(node)), node=node)


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]
