"""
Whether to reason, for how long, and whether to show it.

Knows all the switches a request has for that and what each model does without
one; does not reason.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from tensormesh_local.catalogue import Model

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class TemplateArguments(TypedDict, total=False):
    """What the chat templates of the models here look for in `chat_template_kwargs`."""

    enable_thinking: bool | None
    thinking: bool | None
    reasoning_effort: Effort | None


@dataclass(frozen=True, slots=True)
class Thinking:
    """
    The reasoning one request will get.

    Args:
        switch: what the request said: on, off, or nothing.
        effort: how long.
        hidden: reason, and keep it from the caller.
        on: whether the model will reason; settled by `of`.
        open: False when the prompt has to close the thought in advance.
    """

    switch: bool | None = None
    effort: str | None = None
    hidden: bool = False
    on: bool = False
    open: bool = True

    def of(self, model: Model) -> "Thinking":
        """Settle it for one model."""
        if model.reasoning == "never":
            return replace(self, on=False, open=True)
        wanted = self.switch
        if wanted is None and self.effort is not None:
            wanted = self.effort != "none"
        on = model.reasoning == "on" if wanted is None else wanted
        return replace(self, on=on, open=on)


def read_thinking(fields: Any, effort: str | None = None) -> Thinking:
    """
    Read the switches, the most particular one first.

    Args:
        fields: the request; not every operation has every switch.
        effort: where the effort stands elsewhere, what it is.
    """
    template: TemplateArguments = fields.chat_template_kwargs or TemplateArguments()
    config = getattr(fields, "thinking", None)
    switches = (template.get("enable_thinking"), template.get("thinking"), config and config.type == "enabled")
    return Thinking(
        next((switch for switch in switches if switch is not None), None),
        effort or template.get("reasoning_effort") or getattr(fields, "reasoning_effort", None),
        getattr(fields, "include_reasoning", None) is False,
    )
