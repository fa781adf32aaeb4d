"""
The control plane as one application.

Knows profile, balance and prices; refuses everything else with its own error
shape {code, message, details}, codes as in gRPC.
"""

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tensormesh_local.access import Credentials
from tensormesh_local.catalogue import Model
from tensormesh_local.control_plane.money import money
from tensormesh_local.wire import Json, JsonAnswer, JsonObject

INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED, UNAUTHENTICATED = 3, 5, 12, 16
BALANCE = Decimal(100)

type Handler = Callable[[Request], Awaitable[Response]]


def failure(status: int, code: int, message: str) -> Response:
    """Write an error as the control plane does."""
    return JsonAnswer({"code": code, "message": message, "details": []}, status)


def _user(credentials: Credentials) -> JsonObject:
    return {
        "id": credentials.user_id,
        "firstName": "Local",
        "lastName": "User",
        "displayName": "Local User",
        "userEmail": "local.user@example.com",
        "authProvider": "AUTH_PROVIDER_UNSPECIFIED",
        "authProviderId": "local",
        "avatarUrl": "",
        "stripeCusId": "",
        "userRole": "USER_ROLE_USER",
        "company": "",
        "tosAcceptedAt": "2026-01-01T00:00:00Z",
        "surveyCompletedAt": "2026-01-01T00:00:00Z",
    }


def _price(model: Model) -> JsonObject:
    return {
        "id": model.price_id,
        "name": model.title,
        "model": model.name,
        "inputTokenPrice": money(model.input_price),
        "outputTokenPrice": money(model.output_price),
        "cachedTokenPrice": money(Decimal(0)),
        "isActive": True,
    }


def control_plane_app(credentials: Credentials, models: Sequence[Model]) -> Starlette:
    """Give the application, every route behind the token."""

    async def profile(_: Request) -> Response:
        return JsonAnswer({"user": _user(credentials)})

    async def balance(_: Request) -> Response:
        return JsonAnswer({"balance": money(BALANCE)})

    async def pricing(request: Request) -> Response:
        active = request.query_params.get("activeOnly", "").lower()
        if active not in ("", "true", "false", "1", "0"):
            return failure(400, INVALID_ARGUMENT, f"activeOnly is no boolean: {active!r}")
        wanted = request.query_params.get("model")
        found: list[Json] = [_price(m) for m in models if wanted in (None, "", m.name)]
        return JsonAnswer({"pricing": found})

    def guarded(handler: Handler) -> Handler:
        async def guard(request: Request) -> Response:
            problem = credentials.control_plane_problem(request.headers)
            if problem is not None:
                return failure(401, UNAUTHENTICATED, problem)
            return await handler(request)

        return guard

    async def refused(_: Request, exc: Exception) -> Response:
        if isinstance(exc, HTTPException) and exc.status_code == 405:
            answer = failure(405, UNIMPLEMENTED, "Method Not Allowed")
            answer.headers.update(exc.headers or {})
            return answer
        return failure(404, NOT_FOUND, "Not Found")

    app = Starlette(
        routes=[
            Route("/auth/profile", guarded(profile), methods=["GET"]),
            Route("/v1/billing/balance", guarded(balance), methods=["GET"]),
            Route("/v1/billing/serverless-pricing", guarded(pricing), methods=["GET"]),
        ],
        exception_handlers={404: refused, 405: refused},
    )
    app.router.redirect_slashes = False
    return app
