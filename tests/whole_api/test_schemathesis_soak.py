"""Generated requests against every operation, thousands of them: no server error, nothing the document does not promise.

`make test` holds every answer of the other matrices to the document as well. These talk HTTP to a server of their own,
since schemathesis is synchronous and the application's connections belong to one event loop. Collecting this module
makes the requests, which takes half a minute.
"""

import asyncio
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import requests
import schemathesis
import uvicorn
from schemathesis.checks import CHECKS as ALL_CHECKS
from schemathesis.checks import load_all_checks

from api.auth import service
from api.auth.permissions import Role
from api.kit.db import Database
from api.kit.settings import Settings
from api.main import create_app
from tests.whole_api.operations import DOCUMENT, FILE

load_all_checks()
CHECKS = ALL_CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    ]
)
EMAIL, PASSWORD = "admin@example.co.jp", "毎朝七時に珈琲を二杯だけ飲む"
MADE_AT = {
    "account_id": "/v1/accounts",
    "contact_id": "/v1/contacts",
    "product_id": "/v1/products",
    "segment_id": "/v1/segments",
    "view_id": "/v1/saved-views",
    "field_id": "/v1/custom-fields",
    "policy_id": "/v1/assignment-policies",
    "invitation_id": "/v1/invitations",
    "api_key_id": "/v1/api-keys",
    "import_id": "/v1/imports",
    "mapping_id": "/v1/import-mappings",
    "member_id": "/v1/accounts/{account_id}/team",
    "export_id": "/v1/exports",
    "survey_id": "/v1/surveys",
    "model_id": "/v1/health-models",
    "survey_invitation_id": "/v1/surveys/{survey_id}/invitations",
}


@schemathesis.serializer("application/jsonl")
def lines(_context: object, text: object) -> bytes:
    """Generated text, as it is: the schema says no more of JSON Lines."""
    return str(text).encode(errors="replace")


def loaded() -> Any:
    """The document; the phase "coverage" adds a case for each bound and each way to break a rule."""
    schema = schemathesis.openapi.from_path(FILE)
    schema.config.phases.coverage.enabled = True
    schema.config.phases.examples.enabled = False  # they are what `Api.id_of` sends
    return schema


class Api:
    """The served application, as an administrator uses it."""

    def __init__(self, base_url: str, admin_id: str) -> None:
        self.base_url = base_url
        self.ids = {"user_id": admin_id}
        self._records: dict[tuple[str, str], str] = {}
        self.session = requests.Session()
        self._signed_in_at = 0.0
        self.sent: Counter[int] = Counter()

    def sign_in(self) -> None:
        """Get an access token, or another one before it expires."""
        if time.monotonic() - self._signed_in_at < 300:
            return
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        answer = self.session.post(f"{self.base_url}/v1/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._signed_in_at = time.monotonic()

    def id_of(self, parameter: str) -> str:
        """The id of a new record, made by the documented example, which must therefore be right."""
        if parameter in self.ids:
            return self.ids[parameter]
        path = MADE_AT[parameter]
        body = self._with_real_ids(example_of(path))
        unique = f"k{time.perf_counter_ns()}"
        body |= {name: unique for name in ("external_id", "key", "name") if name in body}
        body |= {name: f"{unique}@example.com" for name in ("email",) if name in body}
        parents = {name: self.id_of(name) for name in MADE_AT if f"{{{name}}}" in path}
        answer = self.session.post(self.base_url + path.format(**parents), json=body)
        assert answer.status_code in {201, 202}, answer.text
        return str(answer.json()["id"])

    def record_for(self, operation: str, parameter: str) -> str:
        """The id of a record that only this operation touches."""
        key = operation, parameter
        if key not in self._records:
            self._records[key] = self.id_of(parameter)
        return self._records[key]

    def version_of(self, path: str) -> str | None:
        """The version of the record at a path, or of the one that an ``:action`` there acts on."""
        answer = self.session.get(self.base_url + path.partition(":")[0])
        return str(answer.json()["version"]) if answer.ok and "version" in answer.json() else None

    def _with_real_ids(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._with_real_ids(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._with_real_ids(item, name.removesuffix("s")) for item in value]
        return self.id_of(name) if name in MADE_AT or name in self.ids else value


def example_of(path: str) -> Any:
    """The documented English example of a POST body, or the only one."""
    examples = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
    reference = examples.get("en", examples.get("ja"))["$ref"]
    return DOCUMENT["components"]["examples"][reference.rpartition("/")[2]]["value"]


@pytest.fixture(scope="module")
def api(settings: Settings) -> Iterator[Api]:
    """A server of its own, with a workspace and its administrator."""

    async def prepare() -> str:
        values = {"name": "株式会社テスト", "base_currency": "JPY", "time_zone": "Asia/Tokyo"}
        async with Database(settings.database_url.get_secret_value(), settings, size=1) as database:
            workspace_id = await service.create_workspace(database, values)
            async with database.write(workspace_id) as tx:
                admin = await service.create_user(tx, email=EMAIL, name="管理者", role=Role.admin, password=PASSWORD)
                return str(admin.id)

    admin_id = asyncio.run(prepare())
    app = create_app(settings)
    config = uvicorn.Config(
        app, http="api.kit.deadlines:DeadlineProtocol", log_level="error", access_log=False, log_config=None
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.02)
            api = Api(f"http://127.0.0.1:{listener.getsockname()[1]}", admin_id)
            yield api
            api.session.close()
            sys.stderr.write(f"\ngenerated requests: {api.sent.total()}, answered {dict(sorted(api.sent.items()))}\n")
        finally:
            server.should_exit = True
            thread.join()


def is_uuid(value: object) -> bool:
    """Whether a generated id could be one."""
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def answered_as_promised(api: Api, case: Any) -> None:
    """Send a generated request about a record that is there, and check the answer."""
    api.sign_in()
    for name in {*MADE_AT, *api.ids} & set(case.path_parameters or ()):
        if is_uuid(case.path_parameters[name]):
            case.path_parameters[name] = api.record_for(case.operation.label, name)
    if case.headers and re.fullmatch(r"(W/)?.{1,40}", case.headers.get("If-Match", "")):
        version = api.version_of(case.formatted_path)
        if version:
            case.headers["If-Match"] = version
    # With `fields` an answer leaves out what its schema requires; the parameter's description says so.
    some = [check for check in CHECKS if check.__name__ != "response_schema_conformance"]
    checks = some if "fields" in (case.query or {}) else CHECKS
    answer = case.call(base_url=api.base_url, headers=dict(api.session.headers))
    api.sent[answer.status_code] += 1
    case.validate_response(answer, checks=checks)


document = loaded()


@pytest.mark.soak
@document.parametrize()  # type: ignore[untyped-decorator]
@hypothesis.settings(
    max_examples=50,
    deadline=None,
    derandomize=True,  # the same requests in each run
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_generated_requests(api: Api, case: Any) -> None:
    answered_as_promised(api, case)
