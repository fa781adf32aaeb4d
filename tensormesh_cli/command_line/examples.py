"""
What to type, by the words of a command: shown by `--help` and in docs/reference/commands.md, and run by the tests.

A word in capitals, such as MODEL_ID, stands for what the account has.
"""

from __future__ import annotations

from collections.abc import Mapping

from tensormesh_generated.commands import COMMANDS, Command

MODEL = "openai/gpt-oss-20b"

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "": (
        'tm infer chat "Why is the sky blue?"',
        "tm billing balance --query balance.units",
        "tm models list --columns modelName,status -o csv",
    ),
    "activities get": ("tm activities get ACTIVITY_ID",),
    "activities list": ("tm activities list --start-time 7d", "tm activities list --all -o csv"),
    "admin billing balances add": ("tm admin billing balances add --target-user-id USER_ID --amount 25",),
    "admin billing balances get": ("tm admin billing balances get --target-user-id USER_ID",),
    "admin billing pricing delete": ("tm admin billing pricing delete --gpu-type a100 --cloud-provider lambda",),
    "admin billing pricing serverless delete": ("tm admin billing pricing serverless delete --id PRICE_ID",),
    "admin billing pricing serverless list": ("tm admin billing pricing serverless list --active-only",),
    "admin billing pricing serverless upsert": (
        "tm admin billing pricing serverless upsert --model acme/llm --name llm --input-token-price 0.10",
    ),
    "admin billing pricing upsert": (
        "tm admin billing pricing upsert --gpu-type b200 --cloud-provider yotta --hourly-rate 4.25 --active",
    ),
    "admin billing spending summary": ("tm admin billing spending summary --target-user-id USER_ID",),
    "admin models delete": ("tm admin models delete MODEL_ID",),
    "admin models list": ("tm admin models list --all --columns userId,modelName,status",),
    "admin products delete": ("tm admin products delete PRODUCT_ID",),
    "admin products list": ("tm admin products list",),
    "admin products upsert": (
        "tm admin products upsert --name '2 x B200' --required-gpu-num 2 --spec-json '{\"memoryGib\": 360}'",
    ),
    "admin users change-role": ("tm admin users change-role --target-user-id USER_ID --target-user-role admin",),
    "admin users list": ("tm admin users list --all --columns id,userEmail,userRole -o csv",),
    "api": (
        "tm api GET /v1/billing/balance",
        "tm api /v1/activities -F size=5 --query 'activities[].description'",
        "tm api POST /v1/support/tickets -f subject=Top-up -f message='Where is my top-up?'",
        f"tm api POST /tokenize -f model={MODEL} -f prompt=Hello",
    ),
    "auth login": ("tm auth login", "tm auth login --no-open-browser   # on a machine without a browser"),
    "auth logout": ("tm auth logout",),
    "auth print-token": ("tm auth print-token --yes-i-know",),
    "auth refresh": ("tm auth refresh",),
    "auth status": ("tm auth status", "tm auth status --exit-status --quiet && echo ready"),
    "auth whoami": ("tm auth whoami", "tm auth whoami --query user.id"),
    "batch merge": ("tm batch merge answers all.jsonl",),
    "batch run": (
        "tm batch run requests.jsonl answers",
        f"tm batch run reviews.csv answers --prompt 'Is this friendly? {{text}}' --model {MODEL} --max-tokens 5",
        "tm batch run requests.jsonl answers --budget 20 --dry-run",
    ),
    "batch status": ("tm batch status answers", "tm batch status answers -o json --query left"),
    "billing address get": ("tm billing address get",),
    "billing address update": ("tm billing address update --line1 '1 Pier Road' --city Cork --country IE",),
    "billing balance": ("tm billing balance", "tm billing balance --query balance -o json"),
    "billing pricing list": ("tm billing pricing list --gpu-type h200",),
    "billing pricing serverless list": (
        "tm billing pricing serverless list",
        f"tm billing pricing serverless list --model {MODEL}",
    ),
    "billing spending history": ("tm billing spending history", "tm billing spending history -o csv"),
    "billing spending summary": ("tm billing spending summary",),
    "billing spending usage-history": ("tm billing spending usage-history --bucket week",),
    "billing stripe customer get": ("tm billing stripe customer get",),
    "billing stripe payment-intents confirm": (
        "tm billing stripe payment-intents confirm --stripe-payment-intent-id PAYMENT_INTENT_ID",
    ),
    "billing stripe payment-intents create": ("tm billing stripe payment-intents create --amount 25",),
    "billing stripe payment-methods attach": (
        "tm billing stripe payment-methods attach --stripe-payment-method-id pm_1NewCard0000",
    ),
    "billing stripe payment-methods detach": (
        "tm billing stripe payment-methods detach --stripe-payment-method-id PAYMENT_METHOD_ID",
    ),
    "billing stripe payment-methods list": ("tm billing stripe payment-methods list",),
    "billing stripe setup-intents create": ("tm billing stripe setup-intents create",),
    "billing transactions list": (
        "tm billing transactions list",
        "tm billing transactions list --all --columns createdAt,type,amount -o csv",
    ),
    "chat": (
        "tm chat",
        'tm chat -f notes.txt "What is missing here?"',
        'tm chat --continue "And why?"',
    ),
    "completion": ("tm completion --install", "tm completion zsh"),
    "config get": ("tm config get timeout_seconds",),
    "config init": ("tm config init",),
    "config set": (f"tm config set serverless_model {MODEL}", "tm config set gateway_provider nebius"),
    "config show": ("tm config show --sources",),
    "config unset": ("tm config unset serverless_model",),
    "contract": (
        "tm contract --surface on-demand --html report.html",
        "KEY=... tm contract --host https://serverless.tensormesh.ai",
    ),
    "cost": ("tm cost", "tm cost --month 2026-05", "tm cost --window 7d --columns model,spend,cache_saving"),
    "doctor": ("tm doctor", "tm doctor --online", "tm doctor --query \"checks[?verdict != 'ok'].fix\""),
    "infer chat": (
        'tm infer chat "Why is the sky blue?"',
        f'tm infer chat --model {MODEL} --max-tokens 50 "Name three rivers."',
        'tm infer chat --json \'{"messages": [{"role": "user", "content": "Hello"}], "temperature": 0}\'',
        'tm infer chat -f notes.txt "What is missing here?" --temperature 0',
        'tm infer chat --image photo.png "What is this?"',
        'tm infer chat "Hello" --query usage.total_tokens',
    ),
    "infer completions": ('tm infer completions "Once upon a time" --max-tokens 20',),
    "infer detokenize": ("tm infer detokenize 1828 4629",),
    "infer doctor": ("tm infer doctor", "tm infer doctor --surface on-demand --online"),
    "infer health": ("tm infer health",),
    "infer models": (
        "tm infer models",
        "tm infer models --surface on-demand --query 'data[].id'",
    ),
    "infer responses": ('tm infer responses "Hello"',),
    "infer tokenize": ('tm infer tokenize "Hello world"', 'tm infer tokenize "Hello world" --query count'),
    "infer version": ("tm infer version",),
    "init": ("tm init", "tm init --sync"),
    "local": ("tm local --env-file .local/env", "tm local --port 0 --deploy-seconds 1 --show-secrets"),
    "logs": (
        "tm logs DEPLOYMENT_ID",
        "tm logs DEPLOYMENT_ID --start-time 15m --limit 500",
        "tm logs DEPLOYMENT_ID --follow",
    ),
    "metrics deployment": ("tm metrics deployment DEPLOYMENT_ID --start-time 2h",),
    "metrics user": ("tm metrics user --step-seconds 3600 --query 'metrics[].name'",),
    "models chat": ('tm models chat MODEL_ID --message "Hello"',),
    "models check": (f"tm models check --model-id {MODEL}",),
    "models delete": ("tm models delete MODEL_ID",),
    "models deploy": (f"tm models deploy --model-name mine --model-path {MODEL} --gpu-count 1 --gpu-type h200 --wait",),
    "models get": ("tm models get MODEL_ID", "tm models get MODEL_ID --query model.status"),
    "models list": ("tm models list", "tm models list --columns modelName,status,gpuType,gpuCount"),
    "models search-by-infra": ("tm models search-by-infra --cloud-provider nebius",),
    "models validate-name": ("tm models validate-name --name mine",),
    "products list": ("tm products list", "tm products list -o jsonl"),
    "prompts": ("tm prompts requests.jsonl", "tm prompts requests.jsonl -o json --query moving_parts"),
    "reserved-deployments submit": ("tm reserved-deployments submit --full-name 'Ada Moreau' --preferred-gpu b200",),
    "tickets close": ("tm tickets close TICKET_ID",),
    "tickets create": ('tm tickets create --subject Top-up --message "Where is my top-up?"',),
    "tickets get": ("tm tickets get TICKET_ID",),
    "tickets list": ("tm tickets list --status open",),
    "tickets message": ('tm tickets message TICKET_ID --message "Any news?"',),
    "users accept-tos": ("tm users accept-tos",),
    "users api-keys create": (
        "tm users api-keys create --name laptop --expires-at 30d",
        "tm users api-keys create --name tm --store",
    ),
    "users api-keys delete": ("tm users api-keys delete --api-key KEY",),
    "users api-keys list": ("tm users api-keys list", "tm users api-keys list --show-secrets --query 'apiKeys[0].id'"),
    "users get": ("tm users get USER_ID",),
    "users get-by-email": ("tm users get-by-email ada.moreau@example.com",),
    "users update": ("tm users update USER_ID --company Harbour",),
    "version": ("tm version",),
}

OF_A_GROUP = 3
"""So many commands of a group are shown with it, with an example each."""


def examples_of(words: str) -> tuple[str, ...]:
    """What to type for a command, or for some of a group; what must be typed, where nothing is written down."""
    if words in EXAMPLES:
        return EXAMPLES[words]
    rows = {row.words: row for row in COMMANDS}
    if words in rows:
        return (_shortest(rows[words]),)
    below = [name for name in sorted({*EXAMPLES, *rows}) if name.startswith(f"{words} ")]
    return tuple(EXAMPLES[name][0] if name in EXAMPLES else _shortest(rows[name]) for name in below[:OF_A_GROUP])


def _shortest(row: Command) -> str:
    needed = [item for item in row.parameters if item.required]
    arguments = [item.name for item in needed if item.place == "argument"]
    options = [f"--{item.name} {item.name.upper().replace('-', '_')}" for item in needed if item.place != "argument"]
    return " ".join(["tm", row.words, *arguments, *options])
