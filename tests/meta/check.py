"""Hold adapter and simulator against Meta's published specification: `make check-meta SPEC=…`.

Reports what became of the specification's example webhooks, and of every call both sides know:
validated, not described, a difference that is expected and why, or a mismatch (exit status 1).
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins.whatsapp_cloud.webhooks import read, split

from .differences import EXPECTED, FIELDS
from .drive import drive
from .drive_more import drive_more
from .loopback import Exchange, loopback
from .replay import replayed
from .specification import (
    Specification,
    example_webhooks,
    for_line,
    load_spec,
    only_asked,
    problems,
)

__all__ = ["example_webhooks", "for_line", "main"]

_EXAMPLE_LINE = "3300000000000001"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one side of one call."""

    call: str
    outcome: str  # validated, not described, expected difference, mismatch
    detail: str = ""


def examples_read(spec: Mapping[str, Any], phone_number_id: str) -> Iterator[Verdict]:
    """What the gateway reads in each of the specification's own webhooks."""
    for name, payload in example_webhooks(spec):
        body = json.dumps(for_line(payload, phone_number_id)).encode()
        found: list[str] = []
        for change in split(body):
            reading = read(change)
            found += [f"message {message.type}" for message in reading.messages]
            found += [f"status {status.status}" for status in reading.statuses]
            routed = "routed" if change.phone_number_id == phone_number_id else "NOT ROUTED"
            found.append(f"{change.field}, {routed}")
        yield Verdict(call=f"example {name!r}", outcome="read", detail="; ".join(found))


def calls_checked(spec: Specification, exchanges: Iterable[Exchange]) -> Iterator[Verdict]:
    """Each recorded call of the Graph API: what was sent, then what was answered."""
    for exchange in exchanges:
        if not exchange.path.startswith("/graph/v"):
            continue
        path = exchange.path.removeprefix("/graph")
        template = spec.described(exchange.method, path)
        name = f"{exchange.method} {template or path}"
        if template is None:
            yield Verdict(call=name, outcome="not described")
            continue
        if exchange.sent and exchange.content_type.startswith("application/json"):
            sent = json.loads(exchange.sent)
            kind = f" ({sent['type']})" if template.endswith("/messages") and "type" in sent else ""
            schema = spec.request(exchange.method, template)
            # The one call of this path that sends no message; the specification omits it.
            if template.endswith("/messages") and "status" in sent:
                schema = None
            yield _verdict(f"{name}{kind} request", template, "request", schema, sent)
        for field in spec.unknown_fields(exchange.method, template, exchange.query):
            because = FIELDS.get((template, field))
            outcome = "expected difference" if because else "mismatch"
            yield Verdict(call=f"{name} asks for {field}", outcome=outcome, detail=because or "")
        schema = spec.response(exchange.method, template, exchange.status)
        if schema is not None and exchange.status == 200:
            schema = only_asked(schema, exchange.query)
        yield _verdict(
            f"{name} response {exchange.status}",
            template,
            "response",
            schema,
            json.loads(exchange.answered),
        )


def webhooks_checked(spec: Specification, payloads: Iterable[Any]) -> Iterator[Verdict]:
    """Each webhook the simulator posted."""
    schema = spec.webhook()
    fields = schema["properties"]["entry"]["items"]["properties"]["changes"]["items"]["properties"]
    refused = _refused_of_its_own(spec, schema)
    for payload in payloads:
        (change,) = payload["entry"][0]["changes"]
        name = f"webhook {change['field']}"
        if change["field"] not in fields["field"]["enum"]:
            yield Verdict(call=name, outcome="not described")
        elif part := next((one for one in refused if one in change["value"]), None):
            yield Verdict(
                call=f"{name} ({part})",
                outcome="not described",
                detail="the schema refuses all of the specification's own examples",
            )
        else:
            yield _verdict(name, "webhooks", "request", schema, payload)


def _refused_of_its_own(spec: Specification, schema: Mapping[str, Any]) -> list[str]:
    """The parts of a webhook of which the schema refuses every example of the document's own."""
    examples = [(it["entry"][0]["changes"][0]["value"], it)
                for _, it in example_webhooks(spec.document)]  # fmt: skip
    return [
        part
        for part in ("messages", "groups")
        if all(any(problems(schema, payload)) for value, payload in examples if part in value)
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.meta.check", description=__doc__)
    parser.add_argument("spec", type=Path, help="Meta's OpenAPI document (YAML)")
    document = load_spec(parser.parse_args(arguments).spec)
    spec = Specification(document)
    with loopback() as meta:
        drive(meta)
        drive_more(meta)
        exchanges = list(meta.recorder.exchanges)
        posted = [json.loads(body) for body in meta.received]
    verdicts = [
        *examples_read(document, _EXAMPLE_LINE),
        *(
            Verdict(call=f"example {name!r}", outcome=outcome, detail=detail)
            for name, outcome, detail in replayed(example_webhooks(document))
        ),
        *calls_checked(spec, exchanges),
        *webhooks_checked(spec, posted),
    ]
    counted = Counter(verdicts)
    for verdict, times in counted.items():
        detail = f": {verdict.detail}" if verdict.detail else ""
        print(f"{verdict.outcome:20} {times:3} x {verdict.call}{detail}")
    totals = Counter(verdict.outcome for verdict in verdicts)
    print(", ".join(f"{times} {outcome}" for outcome, times in totals.items()))
    return 1 if totals["mismatch"] or totals["LOST"] else 0


def _verdict(
    call: str, template: str, side: str, schema: Mapping[str, Any] | None, value: Any
) -> Verdict:
    if schema is None:
        return Verdict(call=call, outcome="not described")
    reasons = []
    for problem in problems(schema, value):
        difference = next(
            (
                expected
                for expected in EXPECTED
                if (expected.template, expected.side) == (template, side)
                and (expected.where, expected.rule)
                == (_anywhere(problem.json_path), problem.validator)
                and problem.message.startswith(expected.names)
            ),
            None,
        )
        if difference is None:
            detail = f"{problem.json_path}: {problem.message}"
            return Verdict(call=call, outcome="mismatch", detail=detail)
        reasons += [difference.because] if difference.because not in reasons else []
    if reasons:
        return Verdict(call=call, outcome="expected difference", detail="; ".join(reasons))
    return Verdict(call=call, outcome="validated")


def _anywhere(json_path: str) -> str:
    """The path whichever item of a list it is in."""
    return re.sub(r"\[\d+\]", "[*]", json_path)


if __name__ == "__main__":
    sys.exit(main())
