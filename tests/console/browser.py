"""A person's browser, as far as the pages notice."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.console import links


class Browser:
    """A browser on one app: it keeps cookies, and sends the token that the last page held."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def sign_in(self, client_id: str) -> "Browser":
        with self.app.app_context():
            token = links.make(client_id)
        assert self.get(f"/console/?token={token}").status_code == 303
        return self

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def read(self, path: str) -> str:
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.text

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.read("/console/"))
        assert found
        return found[1]
