"""YAML, exact or for reading."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tensormesh_cli.output.control_characters import Painted
from tensormesh_cli.output.readings import readable
from tensormesh_cli.values.invisible import INVISIBLE

if TYPE_CHECKING:
    import yaml

_KEY = re.compile(r"^( *(?:- )*)([A-Za-z_][\w.-]*):(?= |$)", re.MULTILINE)
_dumper: type[yaml.SafeDumper] | None = None


def to_yaml(value: Any) -> str:
    """YAML that decodes to the same value."""
    import yaml

    text = yaml.dump(value, Dumper=_made(), sort_keys=False, allow_unicode=True, width=1_000_000)
    # The library escapes most of what nobody sees. What it leaves stands between double quotes: see `words`.
    text = text if text.isascii() else INVISIBLE.sub(_escaped, text)
    return text.removesuffix("...\n")


def to_text(value: Any, *, color: bool = False, screen: bool = False) -> str:
    """
    YAML in which money reads as `12.50 USD`, with its keys in colour if wanted.

    Args:
        screen: for somebody's eyes: amounts rounded, times by the clock of this machine.
    """
    text = to_yaml(readable(value, screen=screen))
    return Painted(_KEY.sub("\\1\033[36m\\2\033[0m:", text)) if color else text


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    if sign == "\n":
        return sign
    return f"\\u{ord(sign):04x}" if sign <= "\uffff" else f"\\U{ord(sign):08x}"


def _made() -> type[yaml.SafeDumper]:
    """Made when first used: the library is slow to import."""
    global _dumper
    if _dumper is None:
        import yaml

        class Dumper(yaml.SafeDumper):
            def ignore_aliases(self, data: Any) -> bool:  # a value that stands twice is written twice
                return True

            def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
                super().increase_indent(flow, False)  # items stand further in than their key

        def number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
            return dumper.represent_scalar("tag:yaml.org,2002:float", str(value))

        def words(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
            style = "|" if "\n" in value.strip() else None
            if any(sign not in "\n\t" for sign in INVISIBLE.findall(value)):
                style = '"'
            return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

        Dumper.add_representer(Decimal, number)
        Dumper.add_representer(str, words)
        _dumper = Dumper
    return _dumper
