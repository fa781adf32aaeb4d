"""
How one request wants its answer drawn and where it has to end.

Knows the sampling fields, their ranges and the rules between them; does not
draw anything.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tensormesh_local.catalogue import Model
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.errors import bad_request

MOST_CHOICES = 16_384
MOST_TOKENS = 1 << 19
LONGEST_SALT = 128


def read_sampling(fields: Any, *, limits: Sequence[str]) -> Sampling:
    """
    Read the sampling fields; `limits` names those that bound the answer, last wins.

    Ranges are `check_sampling`'s work. A field that an operation does not have was never given.
    """
    given = [name for name in limits if getattr(fields, name) is not None]
    n, stop = getattr(fields, "n", None), fields.stop if fields.stop is not None else ()
    return Sampling(
        temperature=fields.temperature,
        top_p=fields.top_p,
        presence_penalty=fields.presence_penalty,
        frequency_penalty=fields.frequency_penalty,
        n=1 if n is None else n,
        seed=fields.seed or 0,
        max_tokens=getattr(fields, given[-1]) if given else None,
        limit=given[-1] if given else "max_tokens",
        min_tokens=getattr(fields, "min_tokens", None) or 0,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        stop_token_ids=tuple(fields.stop_token_ids or ()),
        keep_stop=bool(fields.include_stop_str_in_output),
        ignore_eos=bool(fields.ignore_eos),
        isolation=fields.cache_salt or getattr(fields, "prompt_cache_isolation_key", None) or "",
    )


def _within(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise bad_request(f"{name} must be in [{low:g}, {high:g}], got {value}.")


def check_sampling(fields: Any, sampling: Sampling) -> None:
    """
    Check the values against their ranges, in the engine's order.

    Raises:
        Refusal: 400 for the first one outside.
    """
    if sampling.n < 1:
        raise bad_request(f"n must be at least 1, got {sampling.n}.")
    if sampling.n > MOST_CHOICES:
        raise bad_request(f"n must be at most {MOST_CHOICES}, got {sampling.n}.")
    _within("presence_penalty", sampling.presence_penalty, -2, 2)
    _within("frequency_penalty", sampling.frequency_penalty, -2, 2)
    repetition = fields.repetition_penalty
    if repetition is not None and repetition <= 0:
        raise bad_request(f"repetition_penalty must be greater than zero, got {repetition}.")
    temperature, top_p = sampling.temperature, sampling.top_p
    if temperature is not None and not 0 <= temperature <= 2:
        raise bad_request(f"temperature must be in [0, 2], got {temperature}.", "temperature", temperature)
    if top_p is not None and not 0 < top_p <= 1:
        raise bad_request(f"top_p must be in (0, 1], got {top_p}.", "top_p", top_p)
    top_k = fields.top_k
    if top_k is not None and top_k < -1:
        raise bad_request(f"top_k must be 0 (disable), or at least 1, got {top_k}.")
    _within("min_p", fields.min_p, 0, 1)
    _check_ends(sampling)
    _check_logit_bias(fields.logit_bias or ())
    if len(sampling.isolation) > LONGEST_SALT:
        raise bad_request(f"cache_salt must have at most {LONGEST_SALT} characters.", "cache_salt")
    if sampling.greedy and sampling.n > 1:
        raise bad_request(f"n must be 1 when using greedy sampling, got {sampling.n}.")


def _check_ends(sampling: Sampling) -> None:
    limit = sampling.max_tokens
    if limit is not None and limit < 1:
        raise bad_request(f"max_tokens must be at least 1, got {limit}.", "max_tokens", limit)
    if sampling.min_tokens < 0:
        raise bad_request(f"min_tokens must be greater than or equal to 0, got {sampling.min_tokens}.")
    if limit is not None and sampling.min_tokens > limit:
        raise bad_request(f"min_tokens must be less than or equal to max_tokens={limit}, got {sampling.min_tokens}.")
    if any(not text for text in sampling.stop):
        raise bad_request("stop cannot contain an empty string.")


def _check_logit_bias(keys: Iterable[str]) -> None:
    for key in keys:
        if not key.lstrip("-").isdecimal():
            message = f"logit_bias contains key(s) that cannot be converted to integer token IDs: ['{key}']"
            raise bad_request(message, "logit_bias", [key])


def check_total(sampling: Sampling, tokens: int) -> None:
    """
    Check what all choices have said so far.

    Raises:
        Refusal: 400 for more than one answer may hold.
    """
    if tokens > MOST_TOKENS:
        raise bad_request(
            f"All choices of this answer together make more than {MOST_TOKENS} tokens, the most that a local host "
            f"gives at once. Please ask for fewer choices, or limit each by {sampling.limit}.",
            "n",
            sampling.n,
        )


def check_context_length(model: Model, prompt: int, sampling: Sampling) -> int:
    """
    Find how many tokens an answer may have.

    Raises:
        Refusal: 400 when prompt and answer do not fit into the model's context.
    """
    asked = sampling.max_tokens
    if asked is not None and asked > model.context:
        raise bad_request(
            f"{sampling.limit}={asked} cannot be greater than max_model_len={model.context}. "
            "Please request fewer output tokens.",
            sampling.limit,
            asked,
        )
    # The engine reads one token more than fit, and then no further.
    prompt = min(prompt, model.context + 1)
    if prompt >= model.context:
        raise bad_request(
            f"This model's maximum context length is {model.context} tokens. However, your prompt "
            f"contains at least {prompt} input tokens, which exceeds this limit even without any "
            "output tokens. Please reduce the length of the input prompt.",
            "input_tokens",
            prompt,
        )
    token_budget = model.context - prompt
    if asked is not None and asked > token_budget:
        raise bad_request(
            f"This model's maximum context length is {model.context} tokens. However, you "
            f"requested {asked} output tokens and your prompt contains at least {prompt} input "
            f"tokens, for a total of at least {asked + prompt} tokens. Please reduce the length of "
            "the input prompt or the number of requested output tokens.",
            "input_tokens",
            prompt,
        )
    return token_budget if asked is None else asked
