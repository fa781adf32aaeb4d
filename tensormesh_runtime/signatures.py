"""What `inspect.signature`, and so an editor, says of a call that takes the fields of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tensormesh_runtime.types import UNSET

if TYPE_CHECKING:
    from types import MappingProxyType, ModuleType

P = ParamSpec("P")
T = TypeVar("T")


class RequestSignature(Signature):
    """
    What `inspect.signature` says of a call that takes the fields of a request: all of them, one by one.

    They are looked up when somebody asks, so that neither a call nor loading it pays for them.
    """

    def __init__(
        self,
        parameters: Any = None,
        *,
        return_annotation: Any = Signature.empty,
        method: Any = None,
        models: ModuleType | None = None,
        model: str = "",
        options: str = "",
    ) -> None:
        super().__init__(parameters, return_annotation=return_annotation)
        self._method = method
        self._models = models
        self._model = model
        self._options = options

    @property
    def parameters(self) -> MappingProxyType[str, Parameter]:
        if self._model:
            super().__init__(list(self._named()))
            self._model = ""
        return super().parameters

    def _named(self) -> Iterator[Parameter]:
        code, defaults = self._method.__code__, self._method.__kwdefaults__ or {}
        hints = self._method.__annotations__ | {"request": f"{self._model} | Mapping[str, Any] | Unset"}
        for index, name in enumerate(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]):
            kind = Parameter.KEYWORD_ONLY if index >= code.co_argcount else Parameter.POSITIONAL_OR_KEYWORD
            if name != "stream":  # it is a field, too
                default = defaults.get(name, Parameter.empty)
                yield Parameter(name, kind, default=default, annotation=hints.get(name, Parameter.empty))
        for field in signature(getattr(self._models, self._model)).parameters.values():
            yield field.replace(default=UNSET)
        yield Parameter("options", Parameter.VAR_KEYWORD, annotation=f"Unpack[{self._options}]")


def takes(models: ModuleType, model: str, options: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Say that a method takes the fields of a model, and options."""

    def said(method: Callable[P, T]) -> Callable[P, T]:
        method.__signature__ = RequestSignature(  # type: ignore[attr-defined]
            method=method, models=models, model=model, options=options
        )
        return method

    return said
