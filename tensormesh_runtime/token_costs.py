"""What tokens cost: counts of an answer's usage, and prices of so many tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.json_model import JsonModel

if TYPE_CHECKING:
    import decimal

    from tensormesh_runtime.amounts import Amount

A = TypeVar("A", bound="Amount")

INPUT = ("prompt_tokens", "input_tokens", "inputTokens")
OUTPUT = ("completion_tokens", "output_tokens", "outputTokens")
CACHED = ("cached_tokens", "cachedTokens")
DETAILS = ("prompt_tokens_details", "input_tokens_details")

NO_USAGE = (
    "there is no usage to count. A stream tells it at its end with stream_options={'include_usage': True}, and after "
    "every piece, also of one that is left early, with {'include_usage': True, 'continuous_usage_stats': True}"
)


class Tokens(NamedTuple):
    """
    Counts of tokens.

    Attributes:
        input: those of the prompt, cached ones among them.
        output: those that were generated.
        cached: those of the prompt that came from the cache.
    """

    input: int = 0
    output: int = 0
    cached: int = 0

    def plus(self, other: Tokens) -> Tokens:
        """The sum of both."""
        return Tokens(self.input + other.input, self.output + other.output, self.cached + other.cached)


def tokens_of(usage: Any) -> Tokens:
    """
    The counts of a usage of any kind: of chat and text completions, of responses, of a bill; as model or mapping.

    Args:
        usage: itself, or the answer or the stream that has it.

    Raises:
        ValidationError: there is none.
    """
    if not isinstance(usage, Mapping) and hasattr(usage, "usage"):
        usage = usage.usage
    elif isinstance(usage, Mapping) and "usage" in usage:
        usage = usage["usage"]
    read = _reader(usage)
    entered, written, total = read(INPUT), read(OUTPUT), read(("total_tokens",))
    if entered is None and written is None:
        raise ValidationError(NO_USAGE)
    if written is None:
        written = max((total or 0) - (entered or 0), 0)
    cached = read(CACHED)
    for name in DETAILS if cached is None else ():
        details = usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, None)
        cached = _reader(details)(CACHED) if cached is None else cached
    entered = entered or 0
    return Tokens(entered, written, min(max(cached or 0, 0), entered))


def _reader(source: Any) -> Any:
    def read(names: tuple[str, ...]) -> int | None:
        for name in names:
            found = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
            if found is not None:
                try:
                    return int(found)
                except (TypeError, ValueError, OverflowError) as error:
                    raise ValidationError(f"{name} is {found!r:.80}, which is no number of tokens") from error
        return None

    return read


def exact_cost(tokens: Tokens, prices: tuple[Any, Any, Any], per: int) -> tuple[decimal.Decimal, decimal.Decimal]:
    """
    What tokens cost, and what the cache saved of that, exactly.

    Args:
        prices: of prompt tokens, of generated ones, and of those from the cache, which cost nothing without it.
        per: how many tokens a price is of.

    Raises:
        ValidationError: a price is not said.
    """
    import decimal

    fresh, output, cached = (None if price is None else price.amount for price in prices)
    if (fresh is None and tokens.input) or (output is None and tokens.output):
        raise ValidationError("what a token costs is not said here: the price of prompts or of answers is missing")
    fresh, output, cached = (decimal.Decimal(0) if price is None else price for price in (fresh, output, cached))
    saved = tokens.cached * (fresh - cached)
    return (tokens.input * fresh - saved + tokens.output * output) / per, saved / per


def cost(usage: Any, prices: tuple[A | None, A | None, A | None], per: int) -> A:
    """
    What a usage costs, rounded to the billionth.

    Raises:
        ValidationError: there is no usage, or no price.
    """
    number, _ = exact_cost(tokens_of(usage), prices, per)
    return rounded(number, prices)


def rounded(number: decimal.Decimal, prices: tuple[A | None, A | None, A | None]) -> A:
    """A number as an amount of what the prices are of."""
    import decimal

    of_what = next((price for price in prices if price is not None), None)
    if of_what is None:
        raise ValidationError("what a token costs is not said here")
    return of_what.of(number.quantize(decimal.Decimal("1e-9")), **of_what._with(of_what))


class Priced(JsonModel, Generic[A]):
    """An object with the prices of so many tokens: of prompts, of answers, and from the cache."""

    _prices: ClassVar[tuple[str, str, str]]
    _per: ClassVar[int]

    def cost(self, usage: Any) -> A:
        """
        What an answer costs at these prices, to the billionth. A token from the cache costs what is said of it, else
        nothing.

        Args:
            usage: `answer.usage` of any kind; the answer or the stream that has it will do.

        Raises:
            ValidationError: there is no usage, or no price.
        """
        return cost(usage, self.token_prices, self.priced_tokens)

    @property
    def priced_tokens(self) -> int:
        """How many tokens each price is of."""
        return self._per

    @property
    def token_prices(self) -> tuple[A | None, A | None, A | None]:
        """The prices of tokens of prompts, of answers, and from the cache."""
        prompts, answers, cached = (getattr(self, name) for name in self._prices)
        return prompts, answers, cached
