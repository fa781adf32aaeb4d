"""All commands by their words. Listing them loads none of them."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import click

from tensormesh_cli.command_line.groups import Command, Group, Loader
from tensormesh_generated.commands import COMMANDS

if TYPE_CHECKING:
    from tensormesh_generated.commands import Command as Row

GROUPS = {
    "activities": "The audit trail: who did what",
    "admin": "What administrators do",
    "admin billing": "Balances, spending and prices of the service",
    "admin billing balances": "Balances of other users",
    "admin billing pricing": "GPU rates",
    "admin billing pricing serverless": "Token prices of serverless models",
    "admin billing spending": "Spending of other users",
    "admin models": "Deployments of every user",
    "admin products": "The product catalogue",
    "admin users": "All users, and their roles",
    "auth": "Log in and out, and see who you are",
    "batch": "Many requests in, an answer to each out",
    "billing": "Balance, spending, prices, payment",
    "billing address": "The address on invoices",
    "billing pricing": "GPU rates",
    "billing pricing serverless": "Serverless models and their token prices",
    "billing spending": "What was spent and used",
    "billing stripe": "Payment with Stripe",
    "billing stripe customer": "The customer at Stripe",
    "billing stripe payment-intents": "Top-ups",
    "billing stripe payment-methods": "Saved cards and the like",
    "billing stripe setup-intents": "Saving a card",
    "billing transactions": "The ledger",
    "config": "Settings, and where they come from",
    "infer": "Ask models, on serverless or on-demand hosts",
    "metrics": "Metric series of deployments and users",
    "models": "Deployments: models on GPUs of your own",
    "products": "The hardware on offer",
    "reserved-deployments": "Reserved GPUs",
    "tickets": "Support tickets",
    "users": "Accounts",
    "users api-keys": "Keys for inference",
}

HAND = {
    "api": ("api:api", "Call any route of a host"),
    "auth login": ("auth:login", "Log in with the browser"),
    "auth logout": ("auth:logout", "Forget the login on this machine"),
    "auth print-token": ("auth:print_token", "Print the control-plane token"),
    "auth refresh": ("auth:refresh", "Trade the login for a new one"),
    "auth status": ("auth:status", "Tell what you are logged in to"),
    "batch merge": ("batch:merge", "Put all answers into one file, in the order of the input"),
    "batch run": ("batch:run", "Send the requests of a file, or go on with that"),
    "batch status": ("batch:status", "Tell how far a batch is, also from another window"),
    "chat": ("chat:talk", "Talk with a model"),
    "completion": ("completion:completion", "Print the completion script of a shell"),
    "config get": ("config:get", "Print a setting"),
    "config init": ("config:init", "Begin a config.toml"),
    "config set": ("config:set_", "Write a setting into config.toml"),
    "config show": ("config:show", "Show every setting"),
    "config unset": ("config:unset", "Remove a setting from config.toml"),
    "contract": ("contract:contract", "Check a host against the OpenAPI documents"),
    "cost": ("cost:cost", "What inference cost, and what its cache saved"),
    "doctor": ("doctor:doctor", "Check that all is set up"),
    "infer chat": ("chat:chat", "Ask a question, or talk"),
    "infer completions": ("infer:completions", "Continue a text"),
    "infer detokenize": ("infer:detokenize", "Turn token ids into text"),
    "infer doctor": ("infer:doctor", "Check that a surface is set up"),
    "infer health": ("infer:health", "Ask whether the host is well"),
    "infer models": ("infer:models", "List the models of the host"),
    "infer responses": ("infer:responses", "Create a response"),
    "infer tokenize": ("infer:tokenize", "Turn text into token ids"),
    "infer version": ("infer:version", "Ask what the host runs"),
    "init": ("init:init", "Set up this machine"),
    "local": ("local:local", "Start a Tensormesh of your own on 127.0.0.1"),
    "logs": ("logs:logs", "Show or follow the logs of a deployment"),
    "prompts": ("prompts:prompts", "Tell which prompts of a file share a cache, and what breaks it"),
    "version": ("version:version", "Print the version"),
}
"""Commands that do more than one call, or none: words -> where they are written, and their summary."""

SHORT = {"login": "auth login", "logout": "auth logout", "whoami": "auth whoami"}
"""What people type first, and the command that it is."""

EXTENDED = {"models deploy": "deploy", "users api-keys create": "stored_key"}
"""Commands that mirror a call and do more: words -> where that is written."""


def entries(prefix: str = "") -> dict[str, tuple[str, Loader]]:
    """What stands below a group: summary and loader, by name. The root without `prefix`."""
    found: dict[str, tuple[str, Loader]] = {}
    for words, entry in _leaves().items():
        if not words.startswith(prefix):
            continue
        name, *deeper = words.removeprefix(prefix).split()
        if not deeper:
            found[name] = entry
        elif name not in found:
            path = f"{prefix}{name}"
            found[name] = (_about(path), partial(_group, path))
    if not prefix:
        leaves = _leaves()
        found |= {name: (f"Short for `tm {whole}`", leaves[whole][1]) for name, whole in SHORT.items()}
    return found


def meant(typed: str) -> str | None:
    """The command that somebody may have meant by its last word, such as `deploy`; None where it is not clear."""
    found = [words for words in _leaves() if words.split()[-1] == typed and not words.startswith("admin ")]
    return found[0] if len(found) == 1 else None


def words() -> list[str]:
    """The words of every command."""
    return sorted(_leaves())


def _leaves() -> dict[str, tuple[str, Loader]]:
    made: dict[str, tuple[str, Loader]] = {row.words: (row.summary, partial(_mirror, row)) for row in COMMANDS}
    by_hand = {words: (summary, partial(_load, words, place, summary)) for words, (place, summary) in HAND.items()}
    return made | by_hand


def _about(group: str) -> str:
    """What is said of a group; where nothing is written down, what its commands do."""
    if group in GROUPS:
        return GROUPS[group]
    below = {
        words.removeprefix(f"{group} "): entry[0] for words, entry in _leaves().items() if words.startswith(f"{group} ")
    }
    first, *others = [summary for words, summary in below.items() if " " not in words] or [""]
    if not first:
        return f"Commands of {', '.join(sorted({words.split()[0] for words in below}))}"
    return "; ".join([first, *(f"{summary[:1].lower()}{summary[1:]}" for summary in others)])


def _group(path: str) -> click.Command:
    made = Group(path.rpartition(" ")[2], _about(path), entries(f"{path} "))
    made.words = path
    return made


def _mirror(row: Row) -> click.Command:
    from tensormesh_cli.commands.mirror import command

    place = EXTENDED.get(row.words)
    made = command(row, import_module(f"tensormesh_cli.commands.{place}").EXTENSION if place else None)
    made.words = row.words
    return made


def _load(words: str, place: str, summary: str) -> click.Command:
    module, _, name = place.partition(":")
    command: Command = getattr(import_module(f"tensormesh_cli.commands.{module}"), name)
    command.short_help, command.words = summary, words
    return command
