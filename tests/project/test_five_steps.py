"""CONTRIBUTING.md says in five steps how an endpoint is added; here one is, and nothing else is touched."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

STEPS = re.compile(r"## Add an endpoint in five steps\n(.*?)\n## ", re.DOTALL)

PATH = """\
  /v1/billing/invoices:
    get:
      tags: [billing]
      summary: List invoices
      description: >-
        Lists the invoices of the caller, newest first, a page at a time.
      operationId: list_invoices
      x-tensormesh:
        call: billing.invoices.list
        retry: idempotent
        paging: {style: token, items: invoices}
        cli:
          command: billing invoices list
          columns: [issuedAt, amount, invoiceId]
      parameters:
        - $ref: '#/components/parameters/UserIdScope'
        - name: pageSize
          in: query
          description: Invoices on a page.
          schema:
            type: integer
            format: int32
          example: 20
        - name: pageToken
          in: query
          description: Token of the page to return, taken from the page before; the first page has none.
          schema:
            type: string
      responses:
        '200':
          description: A page of invoices.
          headers:
            X-Request-Id:
              $ref: '#/components/headers/X-Request-Id'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ListInvoicesResponse'
              example:
                invoices:
                  - invoiceId: inv-2026-05
                    issuedAt: '2026-06-01T00:00:05Z'
                    amount:
                      currencyCode: USD
                      units: '1'
                      nanos: 72500000
                nextPageToken: b2Zmc2V0PTIw
          links:
            nextPage:
              operationId: list_invoices
              description: The page after this one.
              parameters:
                pageToken: $response.body#/nextPageToken
        '400':
          $ref: '#/components/responses/BadRequest'
        '401':
          $ref: '#/components/responses/Unauthorized'
        '403':
          $ref: '#/components/responses/Forbidden'
        '404':
          $ref: '#/components/responses/NotFound'
        '429':
          $ref: '#/components/responses/TooManyRequests'
        '500':
          $ref: '#/components/responses/InternalServerError'
        default:
          $ref: '#/components/responses/UnexpectedError'

"""
SCHEMAS = """\
    Invoice:
      type: object
      description: >-
        What was charged in a month.
      required:
        - invoiceId
      properties:
        invoiceId:
          type: string
          description: Identifier of the invoice.
        issuedAt:
          type: string
          format: date-time
          description: When it was issued.
        amount:
          $ref: '#/components/schemas/Money'
          description: What it comes to.

    ListInvoicesResponse:
      type: object
      description: >-
        Answer of `list_invoices`: a page of invoices.
      required:
        - invoices
      properties:
        invoices:
          type: array
          description: The invoices of this page.
          items:
            $ref: '#/components/schemas/Invoice'
        nextPageToken:
          type: string
          description: Token of the next page; empty or absent on the last one.

"""
HANDLER = '''\
def list_invoices(call: Call) -> JsonObject:
    """Give one invoice for each entry of the ledger."""
    user = call.subject()
    rows, token = token_page(
        call.db, call.arguments, "SELECT * FROM transactions WHERE user_id = ?", (user.id,), user.id
    )
    invoices: list[Json] = [
        {
            "invoiceId": f"inv-{row['number']}",
            "issuedAt": stamp(row["created_at"]),
            "amount": transactions.entry(call.db, row)["amount"],
        }
        for row in rows
    ]
    return {"invoices": invoices, "nextPageToken": token}


'''

EDITS = [
    ("openapi/control_plane.yaml", "  /v1/billing/spending/history:\n", PATH),
    ("openapi/control_plane.yaml", "    GetSpendingHistoryResponse:\n", SCHEMAS),
    ("tensormesh_local/control_plane/handlers/billing.py", "def get_spending_history", HANDLER),
    ("tensormesh_local/control_plane/handlers/billing.py", "    get_spending_history,\n", "    list_invoices,\n"),
    ("tests/local_control_plane/test_operations.py", '    "get_spending_history": {},\n', '    "list_invoices": {},\n'),
    ("CHANGELOG.md", "- `Money` adds", "- `billing.invoices.list` and `tm billing invoices list`.\n"),
]
"""A file, what stands there, and what comes before that."""

MADE = ("docs/", "tensormesh_generated/", "openapi_bundled/")

CHECKS = [
    "tests/architecture",
    "tests/cli/test_every_command.py",
    "tests/cli/test_examples.py",
    "tests/cli/test_help.py",
    "tests/cli/test_published.py",
    "tests/cli/test_reference.py",
    "tests/cli/test_table.py",
    "tests/contract/test_links.py",
    "tests/control_plane",
    "tests/documents",
    "tests/generation/test_operations.py",
    "tests/local_control_plane/test_operations.py",
]
"""Tests that go through all operations, methods, commands or pages."""


def run(clone: Path, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(words, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)[:200]}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture
def added(clone: Path, environment: dict[str, str]) -> str:
    """The steps, taken; what `make generate` says of them."""
    for name, before, text in EDITS:
        file = clone / name
        head, found, tail = file.read_text(encoding="utf-8").partition(before)
        assert found, f"{name} has no {before!r}"
        file.write_text(f"{head}{text}{before}{tail}", encoding="utf-8")
    return run(clone, environment, "make", "generate")


def test_an_endpoint_is_added_in_four_files(added: str, clone: Path, environment: dict[str, str]) -> None:
    told = added.partition("Compatible:\n")[2].partition("Files")[0]
    assert [line.partition(", api.")[0].strip() for line in told.splitlines()] == [
        "Invoice: new model",
        "ListInvoicesResponse: new model",
        "control_plane.billing.invoices.list(): new operation: GET /v1/billing/invoices -> ListInvoicesResponse",
        "tm billing invoices list: new command",
    ]
    assert "Breaking" not in added

    run(clone, environment, "make", "check/fresh")
    # Of those that go through operations one by one, the turn of this one.
    done = run(clone, environment, "python", "-m", "pytest", "-v", "-k", "invoices or not [", *CHECKS)
    assert len([line for line in done.splitlines() if "invoices" in line and "PASSED" in line]) > 10

    changed = [line[3:] for line in run(clone, environment, "git", "status", "--porcelain", "-uall").splitlines()]
    assert {name for name in changed if not name.startswith(MADE)} == {name for name, *_ in EDITS}


def test_the_steps_name_the_files_that_change(root: Path) -> None:
    """And no other: better words for `tm`, and where inference is served, are told of below them."""
    steps = STEPS.search((root / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert steps is not None
    places = set(re.findall(r"`([\w/]+(?:/|\.py|\.md))`", steps[1].partition("A better word")[0]))

    assert places - {"tensormesh_local/inference/"} == {
        "openapi/",
        "tensormesh_local/control_plane/handlers/",
        "tests/local_control_plane/test_operations.py",
        "CHANGELOG.md",
    }
    assert {name for name, *_ in EDITS} == {name for name, *_ in EDITS if name.startswith(tuple(places))}
