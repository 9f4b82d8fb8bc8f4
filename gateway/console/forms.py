"""What was typed into a form, and what is wrong with it, in the same words at the top and at the
field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import ValidationError

from gateway.problems import Problem


@dataclass(kw_only=True)
class Form:
    """The typed values by field, and a sentence for each field in error; `""` is the whole form."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    @contextmanager
    def judged(self, fields: Mapping[str, str] | None = None) -> Iterator[None]:
        """Note what is refused inside. `fields` names the form's field for one of the API's."""
        renamed = fields or {}
        try:
            yield
        except ValidationError as error:
            for path, text in _flat(error.messages_dict):
                name = renamed.get(path, path)
                self.errors.setdefault(name, text if self.value(name) else "Fill this in.")
        except Problem as problem:
            if problem.status == 404:
                raise
            path = (problem.pointer or "").strip("/").replace("/", ".")
            self.errors[renamed.get(path, path)] = problem.detail


def sent() -> Form:
    """The form of this request: texts without the blanks around them."""
    return Form(values={name: text.strip() for name, text in request.form.items()})


def _flat(messages: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, found in messages.items():
        path = f"{before}{name}".removesuffix("_schema").strip(".")
        if isinstance(found, Mapping):
            yield from _flat(found, f"{path}.")
        else:
            yield path, str(found[0] if isinstance(found, list) else found)
