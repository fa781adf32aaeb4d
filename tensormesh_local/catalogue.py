"""
The models this host serves, with the published price list.

Knows names, context lengths, prices and whether a model reasons, but
not how an answer is made.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.errors import ApiError, not_found

type Reasoning = Literal["never", "on", "off"]

ON_DEMAND_NAME = "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"

# The context of a model nobody knows more about.
USUAL_CONTEXT = 131_072

# What the templates of models put there that think between tags.
BLANK_LINE = "\n\n"

# Told to callers as the time the models were loaded; a constant keeps answers comparable.
LOADED_AT = 1_795_200_000


@dataclass(frozen=True, slots=True)
class Model:
    """
    One served model.

    Args:
        name: what a request sends as `model`.
        context: tokens of prompt and answer together.
        input_price: US dollars for a million prompt tokens; cached ones are free.
        output_price: US dollars for a million answer tokens.
        reasoning: whether it reasons: never, unless told not to, only if told to.
        separator: what its chat template puts between a thought and the answer.
        ready: whether it answers; a deployment that is still starting does not.
    """

    name: str
    context: int
    input_price: Decimal = Decimal(0)
    output_price: Decimal = Decimal(0)
    reasoning: Reasoning = "on"
    separator: str = ""
    ready: bool = True

    @property
    def title(self) -> str:
        """The name for display."""
        return self.name.rpartition("/")[2]

    @property
    def price_id(self) -> str:
        """The id of the price record, the same on every start."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tensormesh-local:price:{self.name}"))

    def entry(self) -> JsonObject:
        """Give the model as `/v1/models` lists it."""
        return {
            "id": self.name,
            "object": "model",
            "created": LOADED_AT,
            "owned_by": "vllm",
            "root": self.name,
            "parent": None,
            "max_model_len": self.context,
        }


def _priced(name: str, context: int, cost: tuple[str, str], reasoning: Reasoning = "on", separator: str = "") -> Model:
    return Model(name, context, Decimal(cost[0]), Decimal(cost[1]), reasoning, separator)


SERVERLESS: tuple[Model, ...] = (
    _priced("openai/gpt-oss-20b", 131_072, ("0.07", "0.28")),
    _priced("openai/gpt-oss-120b", 131_072, ("0.15", "0.60")),
    _priced("MiniMaxAI/MiniMax-M2.5", 196_608, ("0.30", "1.20"), separator=BLANK_LINE),
    _priced("Qwen/Qwen3.5-397B-A17B-FP8", 262_144, ("0.60", "3.60"), separator=BLANK_LINE),
    _priced("Qwen/Qwen3.6-27B-FP8", 262_144, ("0.32", "3.20"), separator=BLANK_LINE),
    _priced("Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", 262_144, ("0.45", "1.80"), "never"),
    _priced("deepseek-ai/DeepSeek-V4-Flash", 32_768, ("0.14", "0.28"), "off"),
    _priced("google/gemma-4-31B-it", 32_768, ("0.14", "0.56"), "off"),
    _priced("lukealonso/GLM-5.1-NVFP4-MTP", 202_752, ("1.40", "4.40")),
    _priced("moonshotai/Kimi-K2.6", 32_768, ("0.96", "4.00")),
)

ON_DEMAND: tuple[Model, ...] = (Model(ON_DEMAND_NAME, 131_072),)

_KNOWN = {model.name: model for model in (*SERVERLESS, *ON_DEMAND)}


def served_as(name: str) -> Model:
    """Give the model of a name; one that is not in the catalogue is much like the others."""
    return _KNOWN.get(name) or Model(name, USUAL_CONTEXT)


def deployed(name: str, path: str, spec: JsonObject, *, ready: bool) -> Model:
    """
    Give the model a deployment serves.

    Args:
        name: the name it serves requests under.
        path: where its weights come from; a known name tells what the model is like.
        spec: engine settings, of which `maxModelLen` sets the context.
        ready: whether it is up.
    """
    context = spec.get("maxModelLen")
    model = replace(served_as(path), name=name, ready=ready)
    return replace(model, context=context) if isinstance(context, int) and context > 0 else model


def with_context(models: Sequence[Model], context: int | None) -> tuple[Model, ...]:
    """Give every model the same, usually much smaller, context; None changes nothing."""
    if context is None:
        return tuple(models)
    return tuple(replace(model, context=context) for model in models)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def find(models: Sequence[Model], name: str) -> Model:
    """
    Find a model by the name a request sent.

    Raises:
        ApiError: 404, saying what could have been sent instead.
    """
    for model in models:
        if model.name == name and model.ready:
            return model
    raise _unknown(models, name)


def _unknown(models: Sequence[Model], name: str) -> ApiError:
    served = {model.name: model.ready for model in models}
    if name in served:
        message = f"The deployment `{name}` is still starting; try again when its status is MODEL_STATUS_UP."
        return not_found(message, "model")
    aliases = ", ".join(name for name, ready in served.items() if ready)
    message = f"The model `{name}` does not exist. Valid aliases: {aliases}."
    serverless, on_demand = ({model.name for model in group} for group in (SERVERLESS, ON_DEMAND))
    if _is_uuid(name):
        message += " A Control Plane modelId is not a model name; send the served name."
    elif name in serverless and not serverless & served.keys():
        message += " It is a serverless model and this is the on-demand host."
    elif name in on_demand:
        message += " It is an on-demand deployment and this is the serverless host."
    return not_found(message, "model")
