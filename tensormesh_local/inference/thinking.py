"""
Whether to reason, for how long, and whether to show it.

Knows all the switches a request has for that and what each model does without
one; refuses to reason.
"""

from dataclasses import dataclass, replace

from tensormesh_local.catalogue import Model
from tensormesh_local.validation import Reader

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


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


def _kind(reader: Reader | None) -> object:
    return reader.body.get("type") if reader is not None else None


def read_thinking(reader: Reader, effort: str | None = None) -> Thinking:
    """
    Read the switches, the most particular one first.

    Args:
        reader: the request.
        effort: where the effort stands elsewhere, what it is.
    """
    template = reader.child("chat_template_kwargs")
    switch: bool | None = None
    if template is not None:
        for name in ("enable_thinking", "thinking"):
            found = template.flag(name)
            switch = found if switch is None else switch
        effort = effort or template.choice("reasoning_effort", EFFORTS)
    effort = effort or reader.choice("reasoning_effort", EFFORTS)
    if switch is None and isinstance(reader.body.get("thinking"), dict):
        kind = _kind(reader.child("thinking"))
        switch = {"enabled": True, "disabled": False}.get(str(kind))
    hidden = reader.flag("include_reasoning") is False
    return Thinking(switch, effort, hidden)
