"""Holds what the gateway answers against the API's document: status, kind of body, schema."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker

_OF_HTTP = (206, 304, 416)  # answers to conditions and ranges, the same for every file


class Document:
    """The document of one app."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

    @cached_property
    def whole(self) -> dict[str, Any]:
        found: dict[str, Any] = self._app.test_client().get("/openapi.json").json
        return found

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in self.whole["paths"]
        ]

    def validator(self, schema: Mapping[str, Any]) -> Draft202012Validator:
        """Of a schema that stands anywhere in the document."""
        whole = {**schema, "components": self.whole["components"]}
        return Draft202012Validator(whole, format_checker=FormatChecker())

    def check(self, answer: requests.Response) -> None:
        """AssertionError where the document does not foresee this answer."""
        method = str(answer.request.method).lower()
        path = self._path(urlsplit(str(answer.request.url)).path)
        operation = self.whole["paths"].get(path, {}).get(method)
        if operation is None:
            return
        what = f"{method.upper()} {path} answers {answer.status_code}"
        found = operation["responses"].get(str(answer.status_code))
        if answer.status_code == 500:
            return  # nobody foresees it; a test that expects it looks at it itself
        if answer.status_code in _OF_HTTP:
            return
        assert found, f"{what}, which its operation does not document: {answer.text}"
        if answer.status_code == 204:
            assert not answer.content, what
            return
        kind = answer.headers["Content-Type"]
        if "*/*" in found["content"]:
            return  # a file
        assert kind in found["content"], f"{what} as {kind}"
        place = (str(path), method, str(answer.status_code))
        if place not in self._validators:
            self._validators[place] = self.validator(found["content"][kind]["schema"])
        wrong = next(self._validators[place].iter_errors(answer.json()), None)
        assert wrong is None, f"{what}: {wrong.json_path}: {wrong.message}"

    def _path(self, path: str) -> str | None:
        return next((template for shape, template in self._paths if shape.fullmatch(path)), None)
