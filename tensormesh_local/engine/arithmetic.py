"""
Sums: found in a sentence, worked out exactly.

Knows the four operations, powers and brackets, in signs or in words; refuses
anything whose result would be too long to be worth a token.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

LARGEST_POWER = 64
LARGEST_BITS = 4_096
LONGEST_SUM = 4_096

_SIGNS_OF_A_SUM = re.compile(r"[\d\s.+\-*/\u00d7x÷^()]++")
_OPENING = re.compile(r"[\d.(]")
_CLOSING = re.compile(r"[\d)]")
_WORDS = {"plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/"}
_WORD = re.compile(rf"(?<=[\d)]) ({'|'.join(_WORDS)}) (?=[\d(-])", re.IGNORECASE)
_SIGNS = str.maketrans({"\u00d7": "*", "x": "*", "÷": "/"})
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _value(node: ast.expr) -> Fraction:
    value = _unbounded(node)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
        raise ValueError("too long to be told")
    return value


def _unbounded(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and right.denominator == 1 and abs(right) <= LARGEST_POWER:
            size = max(left.numerator.bit_length(), left.denominator.bit_length())
            if size * abs(right) <= LARGEST_BITS:
                return Fraction(left ** int(right))
        if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](left, right)
    raise ValueError("not a sum")


def _candidates(text: str) -> Iterator[str]:
    """Stretches of a text that could be sums, from where one can begin to the last place where it can end."""
    for stretch in _SIGNS_OF_A_SUM.findall(text):
        first, last = _OPENING.search(stretch), _CLOSING.search(stretch[::-1])
        if first and last and first.start() < len(stretch) - 1 - last.start():
            yield stretch[first.start() : len(stretch) - last.start()]


def worked_out(text: str) -> str | None:
    """Work out the first sum in a text; None when there is none, or none that has a result."""
    text = _WORD.sub(lambda found: f" {_WORDS[found.group(1).lower()]} ", text)
    for shown in _candidates(text):
        written = shown.translate(_SIGNS).replace("^", "**")
        if len(shown) > LONGEST_SUM or not re.search(r"\d\s*[+\-*/]", written) or re.fullmatch(r"[\d-]+", written):
            continue
        try:
            value = _value(ast.parse(written, mode="eval").body)
            result = value.numerator if value.denominator == 1 else float(value)
        except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, OverflowError, MemoryError):
            continue
        return f"{shown} = {result}."
    return None
