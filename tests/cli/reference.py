"""
`python -m tests.cli.reference`: writes docs/reference/commands.md from the command tree, as `make generate` does.

What it says stands in the commands themselves; tests/cli/test_reference.py checks that the file is fresh.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tensormesh_cli.command_line.examples import examples_of
from tensormesh_cli.command_line.global_options import GLOBAL
from tensormesh_cli.commands.tree import SHORT, words
from tensormesh_cli.errors import KINDS
from tensormesh_cli.exit_codes import BROKEN_PIPE
from tensormesh_cli.main import root
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS, TOKEN_VARIABLE

FILE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md"

INTRODUCTION = f"""\
# Commands

<!-- Written by `make generate`. Change the commands instead. -->

The package brings `tm`. Three lines to begin with:

```sh
tm auth login          # in the browser; the token is kept in ~/.config/tensormesh/auth.json
tm init --sync         # keys and models for both surfaces, kept in config.toml
tm infer chat "Hello!"
```

Where nobody can log in, such as in CI, the environment does: `{TOKEN_VARIABLE}` and
`TENSORMESH_INFERENCE_API_KEY`.

## Output

Without `--output`, a list is a table on a terminal, and everything else is text; in a pipe, all is text. Text is YAML
in which money reads as `12.50 USD`.

| `--output` | |
|---|---|
| `text` | YAML for reading |
| `json` | what the host answered, indented; every digit as it came |
| `yaml` | the same as YAML |
| `jsonl` | a line of JSON an item |
| `raw` | the body as it came |
| `table` | a line an item, or a line a key |
| `csv` | the same for spreadsheets, every digit as it came; the currency of an amount stands in a column beside it |

On a terminal amounts are rounded, times are by the clock of the machine, and a table shows the columns that are worth
their room: ids are never left out, and where not even they fit beside each other, each item is a few lines. Everything
else is exact. `--columns` names the columns, of every form; `a.b` is one below another. `--query` prints what a
[JMESPath](https://jmespath.org) finds: a text bare, everything else in the form that is wanted.

```sh
tm infer models --query 'data[?max_model_len > `200000`].id'
tm billing transactions list --all --columns createdAt,amount,description -o csv
```

Answers go to stdout, everything else to stderr. Keys are masked, unless a command exists to hand one out, or is told
`--show-secrets`. Colour is for terminals, and `NO_COLOR` keeps it from them. So is the spelling out of characters that
nobody sees, such as those that move the cursor or turn text around (`\\x1b`, `\\u202e`): a pipe gets what the host has
said. In JSON and YAML they are escaped everywhere, and the value is the same.

## Standard input

What is piped in goes along with arguments and options. A text goes before the question of `tm infer`, or into the
`--message` of a command that has one, and alone it is the question or the message. JSON is a body, or a part of one:
what `--file` says wins over it, then `--json`, then the options. Beside a question, an object with other fields than
those of a request is a text, too.

```sh
git diff | tm infer chat "What could break?"
echo '{{"expiresAt": "2030-01-01T00:00:00Z"}}' | tm users api-keys create --name ci --yes
```

Nothing is read from a terminal, the null device, or a file that was begun by another program: `while read` keeps its
lines. In a loop over a pipe, `< /dev/null` keeps them.

## Errors

An error is a sentence on stderr, and often a hint. With `--output json` or `jsonl`, or `--error-format json`, it is one
line of JSON, in which every key is always there:

```json
{{"error": {{"kind": "not_found", "message": "...", "status": 404, "request_id": "...", "hint": null}}}}
```

| exit code | kind | |
|---|---|---|
| 0 | | success |
"""


KEYS = """\
Each surface has a key of its own, `serverless_api_key` and `gateway_api_key`, for the key of a deployment opens
on-demand hosts alone; an API key opens both. Where one of them is missing, the other stands in for it, and a
`gateway_api_key` that was written by hand, as when it was the only name, is the key of both."""


HOMES = """\
What these two keep goes to the host that it comes from, and to no other, wherever an option, a variable or a file leads
a command: the login to the control plane of `tm auth login`; a key that `tm init --sync` has found to the hosts of the
control plane that gave it; a key under `[overrides]` to the hosts that config.toml itself names. Where auth.json or
`[managed]` does not say whose it is, it is of the service. A key or a token of the environment goes where the command
goes."""


def reference() -> str:
    """The text of docs/reference/commands.md."""
    parts = [INTRODUCTION]
    parts += [f"| {kind.exit_code} | `{name}` | {kind.meaning} |\n" for name, kind in KINDS.items()]
    parts.append(f"| {BROKEN_PIPE} | | nobody read the output to its end |\n")
    parts.append("\n## Settings\n\n")
    parts.append(
        "What is said more than once: the option wins, then the variable, then config.toml (`[overrides]`, then"
        " `[managed]`, which\n`tm init --sync` writes), then the default. `tm config show --sources` tells what"
        " applies, and why.\n\n"
        "config.toml and auth.json, which holds the login, lie in `~/.config/tensormesh`, or in the folder that"
        f" `{HOME_VARIABLE}`\nnames: with a folder for each, one person can have several accounts.\n\n"
        f"{KEYS}\n\n{HOMES}\n\n"
    )
    parts.append("| in config.toml | option | variable | default |\n|---|---|---|---|\n")
    for item in SETTINGS:
        place = f"`[overrides]` `{item.name}`" if item.gateway else f"`{item.name}`"
        cells = [f"`{text}`" if text not in (None, "") else "" for text in (item.flag, item.variable, item.default)]
        parts.append(f"| {place} | {' | '.join(cells)} |\n")
    parts.append("\n## Options of every command\n\nThey may stand anywhere after `tm`.\n\n")
    parts.append(_options(GLOBAL, click.Context(root)))
    parts.append("\n## Short forms\n\n")
    parts += [f"- `tm {short}` is [`tm {whole}`](#tm-{whole.replace(' ', '-')}).\n" for short, whole in SHORT.items()]
    parts.append("\n## All commands\n\nEach is run against the local host by a test.\n\n")
    parts.append("| command | |\n|---|---|\n")
    parts += _rows()
    parts += _sections()
    return "".join(parts)


def _rows() -> Iterator[str]:
    for command, _, found in _commands():
        anchor = f"tm-{command.replace(' ', '-')}"
        yield f"| [`tm {command}`](#{anchor}) | {found.get_short_help_str(200)} |\n"


def _sections() -> Iterator[str]:
    for command, ctx, found in _commands():
        yield f"\n### tm {command}\n\n"
        usage = " ".join(found.collect_usage_pieces(ctx))
        yield f"```\ntm {command} {usage}".rstrip() + "\n```\n\n"
        yield _help(found.help or "")
        own = [item for item in click.Command.get_params(found, ctx) if "--help" not in item.opts]
        if table := _options(own, ctx):
            yield f"\n{table}"
        yield "\n```sh\n" + "\n".join(examples_of(command)) + "\n```\n"


def _help(text: str) -> str:
    paragraphs = []
    for block in text.replace("\r", "").split("\n\n"):
        if block.lstrip().startswith("\b"):
            lines = [line.strip() for line in block.lstrip().removeprefix("\b").strip().splitlines()]
            paragraphs.append("```sh\n" + "\n".join(lines) + "\n```")
        elif block.strip():
            paragraphs.append(" ".join(block.split()))
    return "\n\n".join(paragraphs) + "\n"


def _options(parameters: tuple[click.Option, ...] | list[click.Parameter], ctx: click.Context) -> str:
    records = [record for item in parameters if (record := item.get_help_record(ctx))]
    if not records:
        return ""
    lines = [
        f"| `{names.replace('|', chr(92) + '|')}` | {text.replace('|', chr(92) + '|')} |\n" for names, text in records
    ]
    return "| | |\n|---|---|\n" + "".join(lines)


def _commands() -> Iterator[tuple[str, click.Context, click.Command]]:
    for command in words():
        found: click.Command = root
        ctx = click.Context(root, info_name="tm", **root.context_settings)
        for name in command.split():
            assert isinstance(found, click.Group)
            step = found.get_command(ctx, name)
            assert step is not None, command
            ctx, found = click.Context(step, info_name=name, parent=ctx), step
        yield command, ctx, found


def main() -> int:
    text = reference()
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        FILE.write_text(text, encoding="utf-8")
        print(f"{FILE.relative_to(FILE.parents[2])} is made anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
