"""What a schema found wrong, as sentences about dotted keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields

from gateway.registry import did_you_mean

Node = Schema | fields.Field[Any] | None


def problems(node: Node, messages: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Each wrong key, dotted, with what is wrong about it; `node` is what found the messages."""
    for key, said in messages.items():
        below = _child(node, key)
        here = path if key == "_schema" else f"{path}.{key}".lstrip(".")
        if isinstance(said, Mapping):
            yield from problems(below, said, here)
            continue
        for text in said:
            if isinstance(node, Schema) and text == node.error_messages["unknown"]:
                yield here, f"is not a setting{did_you_mean(str(key), dict(node.fields))}"
            else:
                yield here, str(text).removesuffix(".")


def _child(node: Node, key: Any) -> Node:
    if isinstance(node, fields.List):
        node = node.inner
    elif isinstance(node, Schema):
        node = node.fields.get(key)
    return node.schema if isinstance(node, fields.Nested) else node
