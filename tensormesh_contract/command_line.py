"""
The options of `python -m tensormesh_contract`.

Knows their names, defaults and what they exclude; refuses to run anything.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensormesh_contract.asking.plan import PHASES, Plan
from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.hosts.credentials import Credentials
from tensormesh_contract.hosts.target import Target, TargetError, checked_url, guessed_surface, is_local

REMOTE_RATE = 1.0
KEY_VARIABLES = {
    SurfaceName.SERVERLESS: "TENSORMESH_INFERENCE_API_KEY",
    SurfaceName.ON_DEMAND: "TENSORMESH_INFERENCE_API_KEY",
    SurfaceName.CONTROL_PLANE: "TENSORMESH_CONTROL_PLANE_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Given:
    """
    What was asked for.

    Args:
        target: the host; None for local hosts of one's own.
        surfaces: which surfaces of local hosts.
        plan: what the campaign does; None for the gentle walk.
        rate: at most so many requests a second.
        accept: a file of accepted findings.
        html: where to write the page.
        json: where to write the data.
        save: where to write what was observed.
        judge: what to judge instead of asking anybody.
        unseen: whether to list what was never seen.
        quiet: whether to keep progress to oneself.
    """

    target: Target | None
    surfaces: Sequence[SurfaceName]
    plan: Plan | None
    rate: float | None
    accept: Path | None
    html: Path | None
    json: Path | None
    save: Path | None
    judge: Path | None
    unseen: bool
    quiet: bool


def parser() -> argparse.ArgumentParser:
    """Give the parser of the command line."""
    found = argparse.ArgumentParser(
        prog="python -m tensormesh_contract",
        description="Hold a host against the OpenAPI documents, and say in plain words where they part. Without "
        "--host, a local Tensormesh is started and everything is tried on it. A host on another machine is read "
        "only, and each inference operation called once, at one request a second.",
        epilog="The key is read from the environment variable KEY, else from TENSORMESH_INFERENCE_API_KEY or "
        "TENSORMESH_CONTROL_PLANE_TOKEN. The exit status is 0 when host and documents agree, 1 when they do not, "
        "and 2 when nobody could be asked.",
    )
    host = found.add_argument_group("the host")
    host.add_argument("--host", metavar="URL", help="base URL of one surface")
    host.add_argument("--surface", choices=[str(name) for name in SurfaceName], help="which surface it is")
    host.add_argument("--user-id", metavar="UUID", default="", help="the X-User-Id of on-demand")
    host.add_argument("--key-env", metavar="NAME", default="KEY", help="variable with the key (default: %(default)s)")
    work = found.add_argument_group("what is done to it")
    work.add_argument(
        "--allow-changes",
        action="store_true",
        help="send a host on another machine everything, deletions and what costs money included",
    )
    work.add_argument("--gentle", action="store_true", help="treat a host on this machine as if it were on another")
    work.add_argument("--rate", type=_rate, metavar="N", help="requests a second, at most")
    work.add_argument("--seed", type=int, default=1, metavar="N", help="makes two runs alike (default: %(default)s)")
    work.add_argument(
        "--cases", type=_cases, default=40, metavar="N", help="random requests for an operation (default: %(default)s)"
    )
    work.add_argument(
        "--phases", type=_phases, default=PHASES, metavar="LIST", help=f"some of {','.join(PHASES)} (default: all)"
    )
    report = found.add_argument_group("what is made of it")
    report.add_argument("--html", type=Path, metavar="FILE", help="write the report as one page")
    report.add_argument("--json", type=Path, metavar="FILE", help="write the report as data")
    report.add_argument("--accept", type=Path, metavar="FILE", help="findings that are known and do not count")
    report.add_argument("--unseen", action="store_true", help="list what is documented and was never seen")
    report.add_argument("--save", type=Path, metavar="FILE", help="write down every request and answer")
    report.add_argument("--judge", type=Path, metavar="FILE", help="judge what was saved, and ask nobody")
    report.add_argument("--quiet", action="store_true", help="say nothing until the report")
    return found


def read(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> Given:
    """
    Read the command line.

    Raises:
        TargetError: the options do not fit together, or the host cannot be meant.
        SystemExit: argparse refuses them.
    """
    options = parser().parse_args(arguments)
    # An empty address is a variable that was not set, and no wish to ask a local host.
    target = _target(options, environment) if options.host is not None else None
    for option, given in (("--allow-changes", options.allow_changes), ("--user-id", options.user_id)):
        if target is None and given:
            raise TargetError(f"{option} is about a host of somebody's; without --host there is none.")
    gentle = options.gentle or (target is not None and not is_local(target.base_url) and not options.allow_changes)
    remote = target is not None and not is_local(target.base_url)
    rate = options.rate or (REMOTE_RATE if remote else None)
    plan = None if gentle else Plan(seed=options.seed, phases=options.phases, cases=options.cases, rate=rate)
    return Given(
        target,
        [SurfaceName(options.surface)] if options.surface else [*SurfaceName],
        plan,
        rate,
        options.accept,
        options.html,
        options.json,
        options.save,
        options.judge,
        options.unseen,
        options.quiet,
    )


def _target(options: argparse.Namespace, environment: Mapping[str, str]) -> Target:
    url = checked_url(options.host)
    surface = SurfaceName(options.surface or guessed_surface(url, options.user_id))
    if surface is SurfaceName.ON_DEMAND and not options.user_id:
        raise TargetError("On-demand wants a user id on every request; give it with --user-id (to make: USER_ID=).")
    variable = options.key_env if environment.get(options.key_env) else KEY_VARIABLES[surface]
    key = _sendable(variable, environment.get(variable, ""))
    return Target(surface, url, Credentials(key, _sendable("--user-id", options.user_id)))


def _sendable(origin: str, text: str) -> str:
    """A value for a header. What cannot be one is not repeated: it may be a real key with a slip in it."""
    value = text.strip()
    if not value.isascii() or not value.isprintable() or " " in value:
        raise TargetError(f"{origin} must be visible ASCII characters without blanks; was it copied whole, and alone?")
    return value


def _phases(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in PHASES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no phase {unknown[0]!r}; there are {', '.join(PHASES)}")
    return names


def _cases(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number of requests is at least 1, not {text!r}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(f"a rate is a number of requests a second above 0, not {text!r}")
    return rate
