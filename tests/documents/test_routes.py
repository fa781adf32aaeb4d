"""The documents hold at least these routes, which the published client knows."""

from __future__ import annotations

from typing import Any

INFERENCE = {
    ("POST", "/v1/chat/completions", "create_chat_completion"),
    ("POST", "/v1/completions", "create_completion"),
    ("POST", "/v1/responses", "create_response"),
    ("GET", "/v1/models", "list_models"),
    ("POST", "/tokenize", "tokenize"),
    ("POST", "/detokenize", "detokenize"),
    ("GET", "/health", "get_health"),
    ("GET", "/version", "get_version"),
}

CONTROL_PLANE = {
    ("GET", "/auth/profile", "get_auth_profile"),
    ("POST", "/v1/users/accept-tos", "accept_terms_of_service"),
    ("GET", "/v1/users/{userId}", "get_user"),
    ("GET", "/v1/users/by-email/{userEmail}", "get_user_by_email"),
    ("PUT", "/v1/users/{userId}", "update_user"),
    ("GET", "/v1/users/api-keys", "list_user_api_keys"),
    ("POST", "/v1/users/api-keys", "create_user_api_key"),
    ("DELETE", "/v1/users/api-keys", "delete_user_api_key"),
    ("GET", "/v1/billing/balance", "get_balance"),
    ("GET", "/v1/billing/address", "get_billing_address"),
    ("PUT", "/v1/billing/address", "update_billing_address"),
    ("GET", "/v1/billing/transactions", "list_transactions"),
    ("GET", "/v1/billing/spending/history", "get_spending_history"),
    ("GET", "/v1/billing/spending/summary", "get_spending_summary"),
    ("GET", "/v1/billing/serverless-usage/history", "get_serverless_usage_history"),
    ("GET", "/v1/billing/stripe/customers", "get_or_create_stripe_customer"),
    ("GET", "/v1/billing/stripe/customers/payment-methods", "list_stripe_payment_methods"),
    ("POST", "/v1/billing/stripe/customers/payment-methods", "attach_stripe_payment_method"),
    ("DELETE", "/v1/billing/stripe/customers/payment-methods", "detach_stripe_payment_method"),
    ("POST", "/v1/billing/stripe/payment-intents", "create_stripe_payment_intent"),
    ("POST", "/v1/billing/stripe/payment-intents/confirm", "confirm_stripe_payment_intent"),
    ("POST", "/v1/billing/stripe/setup-intents", "create_stripe_setup_intent"),
    ("GET", "/v1/billing/gpu-pricing", "list_gpu_pricing"),
    ("GET", "/v1/billing/serverless-pricing", "list_serverless_pricing"),
    ("GET", "/v1/models", "list_deployed_models"),
    ("POST", "/v1/models", "deploy_model"),
    ("GET", "/v1/models/{modelId}", "get_model"),
    ("DELETE", "/v1/models/{modelId}", "delete_model"),
    ("POST", "/v1/models/{modelId}:chat", "chat_with_model"),
    ("POST", "/v1/models:search-by-infra", "search_models_by_infra"),
    ("POST", "/v1/models:validate", "validate_model_name"),
    ("POST", "/v1/models/check", "check_model"),
    ("GET", "/v1/observability/deployments/{deploymentId}/logs", "get_deployment_logs"),
    ("GET", "/v1/observability/deployments/{deploymentId}/metrics", "get_deployment_metrics"),
    ("GET", "/v1/observability/users/metrics", "get_user_metrics"),
    ("GET", "/v1/support/tickets", "list_tickets"),
    ("POST", "/v1/support/tickets", "create_ticket"),
    ("GET", "/v1/support/tickets/{ticketId}", "get_ticket"),
    ("DELETE", "/v1/support/tickets/{ticketId}", "close_ticket"),
    ("POST", "/v1/support/tickets/{ticketId}/messages", "append_ticket_message"),
    ("POST", "/v1/support/reserved-deployments", "submit_reserved_deployment_request"),
    ("GET", "/v1/activities", "list_activities"),
    ("GET", "/v1/activities/{activityId}", "get_activity"),
    ("GET", "/v1/products", "list_products"),
    ("DELETE", "/v1/products/{id}", "delete_product"),
    ("GET", "/v1/admin/users", "admin_list_users"),
    ("POST", "/v1/admin/users/change_role", "admin_change_user_role"),
    ("POST", "/v1/admin/billing/balances", "admin_lookup_balances"),
    ("POST", "/v1/admin/billing/balances:add", "admin_add_balance"),
    ("POST", "/v1/admin/billing/spending/summary", "admin_spending_summary"),
    ("POST", "/v1/admin/billing/gpu-pricing", "admin_create_gpu_pricing"),
    ("PUT", "/v1/admin/billing/gpu-pricing", "admin_update_gpu_pricing"),
    ("DELETE", "/v1/admin/billing/gpu-pricing/{gpuType}/{cloudProvider}", "admin_delete_gpu_pricing"),
    ("GET", "/v1/admin/billing/serverless-pricing", "admin_list_serverless_pricing"),
    ("POST", "/v1/admin/billing/serverless-pricing", "admin_create_serverless_pricing"),
    ("PUT", "/v1/admin/billing/serverless-pricing", "admin_update_serverless_pricing"),
    ("DELETE", "/v1/admin/billing/serverless-pricing", "admin_delete_serverless_pricing"),
    ("GET", "/v1/admin/products", "admin_list_products"),
    ("POST", "/v1/admin/products", "admin_upsert_product"),
    ("GET", "/v1/admin/models", "admin_list_models"),
    ("DELETE", "/v1/admin/models/{modelId}", "admin_delete_model"),
    ("POST", "/auth/cli/start", "cli_login_start"),
    ("POST", "/auth/cli/exchange", "cli_login_exchange"),
    ("POST", "/auth/cli/refresh", "cli_token_refresh"),
}


def routes(operations: list[Any], surface: str) -> set[tuple[str, str, str]]:
    return {(one.method.upper(), one.path, one.raw["operationId"]) for one in operations if one.surface == surface}


def test_serverless_has_the_routes_of_inference(operations: list[Any]) -> None:
    """`/v1` before four of them and not before the others."""
    assert routes(operations, "serverless") >= INFERENCE


def test_on_demand_has_the_routes_of_serverless(operations: list[Any]) -> None:
    assert routes(operations, "on_demand") == routes(operations, "serverless")


def test_the_control_plane_has_the_routes_that_are_known_of_it(operations: list[Any]) -> None:
    """By method, path and name. What comes to them stands in the document alone."""
    assert routes(operations, "control_plane") >= CONTROL_PLANE
