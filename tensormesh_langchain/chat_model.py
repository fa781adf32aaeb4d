"""`ChatTensormesh`: the models of Tensormesh in LangChain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils import secret_from_env
from pydantic import ConfigDict, Field, PrivateAttr, Secret, SecretStr, model_validator

from tensormesh import AsyncTensormesh, RetryPolicy, RunningCost, Tensormesh, Timeout
from tensormesh_langchain.answers import PROVIDER, ChunkDecoder, result_of
from tensormesh_langchain.arguments import unknown
from tensormesh_langchain.clients import Clients
from tensormesh_langchain.messages import request_messages
from tensormesh_langchain.structured_output import Method, Schema, call_parser, json_parser, parsed, response_format
from tensormesh_langchain.tools import Tool, request_tool_choice, request_tools

_SAMPLING = ("temperature", "top_p", "max_tokens", "seed", "presence_penalty", "frequency_penalty", "reasoning_effort")
_MAY_HOLD_KEYS = frozenset({"extra_headers", "extra_query"})
_NOT_SENT = frozenset(
    {"ls_structured_output_format", "run_manager", "stream", "stream_usage", "structured_output_format"}
)
"""What LangChain hands on among the arguments of a call, and is none of the service."""


class ChatTensormesh(BaseChatModel):
    """
    A chat model of Tensormesh, serverless or on demand.

    What is not given here is read from the environment as `tensormesh.Tensormesh` reads it. Arguments of a call, or of
    `bind`, are fields and options of `chat.completions.create`; they take the place of what the model says. One model
    may be used in any number of threads, and of event loops.

    Thoughts are reasoning blocks of `content_blocks`, and go back to the model with the message that holds them.
    `usage_metadata` has cached and reasoning tokens, of streams too.
    """

    # Errors of pydantic show what was given, keys too.
    model_config = ConfigDict(
        arbitrary_types_allowed=True, extra="forbid", protected_namespaces=(), hide_input_in_errors=True
    )

    model: str
    """Name of the model: of a serverless model, or the served name of a deployment."""
    surface: Literal["serverless", "on_demand"] | None = None
    """Which hosts to talk to; without it, on demand where there is a `user_id`, and serverless else."""
    api_key: SecretStr | None = Field(default_factory=secret_from_env("TENSORMESH_INFERENCE_API_KEY", default=None))
    """Key of inference; without it, what the variable `TENSORMESH_INFERENCE_API_KEY` says."""
    base_url: str | None = None
    """Where the hosts of the surface are."""
    user_id: str | None = None
    """The UUID sent as `X-User-Id`, on demand."""

    temperature: float | None = None
    """Sampling temperature; 0 is greedy."""
    top_p: float | None = None
    """Nucleus sampling."""
    max_tokens: int | None = None
    """Upper limit on generated tokens, those of thoughts included."""
    stop: str | list[str] | None = None
    """A text, or texts, at which generation stops."""
    seed: int | None = None
    """Seed for repeatable sampling."""
    presence_penalty: float | None = None
    """Makes tokens less likely once they have appeared."""
    frequency_penalty: float | None = None
    """Makes tokens less likely the more often they have appeared."""
    reasoning_effort: str | None = None
    """How much the model thinks before it answers: `low`, `medium`, `high` or `none`."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further fields and options of `chat.completions.create`, such as `chat_template_kwargs` or `extra_body`."""

    streaming: bool = False
    """Whether `invoke` streams, too."""
    stream_usage: bool = True
    """Whether streams end with the counts of their tokens."""
    timeout: float | Timeout | None = None
    """Limits of a call in seconds, as `Tensormesh(timeout=)` takes them."""
    max_retries: int | None = None
    """How often a call is repeated that the host turned away, or never saw; without it, a call is sent once."""
    default_headers: Mapping[str, str] | None = Field(default=None, repr=False)
    """Headers to send with every call."""
    costs: RunningCost | None = None
    """Adds up what answers cost. With it, each answer says its own in `response_metadata["cost"]`."""
    client: Tensormesh | None = None
    """A client of your own, with its own settings. Alone, it serves asynchronous calls as well, in threads."""
    async_client: AsyncTensormesh | None = None
    """An asynchronous client of your own."""

    _clients: Clients = PrivateAttr(default_factory=Clients)

    @model_validator(mode="before")
    @classmethod
    def _know(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and cls.model_config.get("extra") == "forbid":
            fields = {field.alias or name for name, field in cls.model_fields.items()} | {*cls.model_fields}
            if strange := next((name for name in given if name not in fields), None):
                raise ValueError(unknown(str(strange), fields))
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.surface is None:
            self.surface = "serverless" if self.user_id is None else "on_demand"
        elif self.surface == "serverless" and self.user_id is not None:
            raise ValueError("user_id goes with surface='on_demand': serverless hosts do not ask who calls")
        own = self.client is not None or self.async_client is not None
        settings = ("base_url", "timeout", "max_retries", "default_headers")
        if own and (given := [name for name in settings if getattr(self, name) is not None]):
            raise ValueError(f"{', '.join(given)} cannot be given beside a client, which has its own")
        return self

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """What is shown of it. LangChain traces that, so headers are left out."""
        for name, value in super().__repr_args__():
            yield name, _without_keys(value) if name == "model_kwargs" else value

    # What LangChain asks about it.

    @property
    def _llm_type(self) -> str:
        return f"{PROVIDER}-chat"

    @property
    def lc_secrets(self) -> dict[str, str]:
        """Which arguments are secret, and the variable of each."""
        return {"api_key": "TENSORMESH_INFERENCE_API_KEY"}

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        own = {name: getattr(self, name) for name in ("model", "surface", "base_url", "user_id", *_SAMPLING, "stop")}
        return {name: value for name, value in (own | _without_keys(self.model_kwargs)).items() if value is not None}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        own = [self.stop] if isinstance(self.stop, str) else self.stop
        params = super()._get_ls_params(stop=stop if stop is not None else own or None, **kwargs)
        params["ls_provider"] = PROVIDER
        return params

    # Calls.

    def _settings(self) -> dict[str, Any]:
        """The arguments of the clients that are made for it."""
        place = "on_demand_base_url" if self.surface == "on_demand" else "serverless_base_url"
        settings = {
            "inference_api_key": self.api_key or None,  # a blank one is none
            place: self.base_url,
            "on_demand_user_id": self.user_id,
            "timeout": self.timeout,
            "max_retries": self.max_retries,
            "retry": RetryPolicy(posts=True) if self.max_retries else None,
            "default_headers": Secret(self.default_headers) if self.default_headers else None,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def _surface(self) -> Any:
        client = self.client or self._clients.get(Tensormesh, self._settings())
        return getattr(client.inference, str(self.surface))

    def _async_surface(self) -> Any:
        client = self.async_client or self._clients.get(AsyncTensormesh, self._settings())
        return getattr(client.inference, str(self.surface))

    def _fields(self, messages: list[BaseMessage], stop: list[str] | None, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a request, with the options of the call."""
        ends = stop if stop is not None else self.stop
        own = {name: getattr(self, name) for name in _SAMPLING}
        fields = {
            "model": self.model,
            **own,
            "stop": ends or None,
            **self.model_kwargs,
            **{name: value for name, value in given.items() if name not in _NOT_SENT},
            "messages": request_messages(messages),
        }
        form = fields.get("response_format")
        if isinstance(form, type):
            form = fields["response_format"] = response_format(form, None)
        if isinstance(form, Mapping) and form.get("type") == "json_schema":
            fields.setdefault("allow_json_schema", True)  # whoever binds one has asked for it
        if self.client is not None and self.user_id is not None:
            fields.setdefault("user_id", self.user_id)
        return {name: value for name, value in fields.items() if value is not None}

    def _stream_fields(
        self, messages: list[BaseMessage], stop: list[str] | None, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        asked = given.get("stream_usage")
        counted = self.stream_usage if asked is None else asked
        usage = {"stream_options": {"include_usage": True}} if counted else {}
        return {**usage, **self._fields(messages, stop, given), "stream": True}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self._surface().chat.completions.create(**self._fields(messages, stop, kwargs))
        return result_of(answer, self.costs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self.client is not None and self.async_client is None:
            return await super()._agenerate(messages, stop, None, **kwargs)
        answer = await self._async_surface().chat.completions.create(**self._fields(messages, stop, kwargs))
        return result_of(answer, self.costs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        decoder = ChunkDecoder(self.costs)
        with self._surface().chat.completions.create(**self._stream_fields(messages, stop, kwargs)) as events:
            for event in events:
                yield from decoder.feed(event)
        yield from decoder.flush()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        if self.client is not None and self.async_client is None:
            async for chunk in super()._astream(messages, stop, None, **kwargs):
                yield chunk
            return
        decoder = ChunkDecoder(self.costs)
        fields = self._stream_fields(messages, stop, kwargs)
        async with await self._async_surface().chat.completions.create(**fields) as events:
            async for event in events:
                for chunk in decoder.feed(event):
                    yield chunk
        for chunk in decoder.flush():
            yield chunk

    # Tools and structured output.

    def bind_tools(
        self,
        tools: Sequence[Tool],
        *,
        tool_choice: str | bool | dict[str, Any] | None = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """
        A model that may call tools.

        Args:
            tools: functions, classes, tools of LangChain, or tools as the service takes them.
            tool_choice: `auto`, `none`, `any`, or the name of a tool. Models such as gpt-oss take `auto` only.
            strict: whether arguments must follow their schema to the letter, where the engine knows that.
            kwargs: further fields of the request, such as `parallel_tool_calls`.
        """
        if not tools:  # the service refuses an empty list
            return self.bind(**kwargs)
        return self.bind(tools=request_tools(tools, strict), tool_choice=request_tool_choice(tool_choice), **kwargs)

    def with_structured_output(
        self,
        schema: Schema | None = None,
        *,
        method: Method = "function_calling",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """
        A model whose answers are instances of a class, or dictionaries, after a schema.

        Args:
            schema: a pydantic class, a typed dictionary, or a JSON Schema with a `title`.
            method: `function_calling` offers the schema as a tool that must be called. `json_schema` has the engine
                write after it, which is no documented part of the service. `json_mode` asks for JSON, and leaves it to
                the prompt to say which; `schema` then reads it, and may be left out.
            include_raw: give `raw` (the message), `parsed` and `parsing_error`, in place of what was read alone.
            strict: whether the schema must be followed to the letter, where the engine knows that.

        Raises:
            ValueError: there is no such method, or it needs a schema.

        A call then raises an OutputParserException where its answer does not fit: it was cut off, is no JSON, or lacks
        what was asked for. A stream gives as much as fits so far, and no error.
        """
        if kwargs:
            raise ValueError(f"with_structured_output() takes no argument {', '.join(map(repr, kwargs))}")
        if method not in ("function_calling", "json_mode", "json_schema"):
            raise ValueError(f"method must be function_calling, json_mode or json_schema, not {method!r}")
        if schema is None and method != "json_mode":
            raise ValueError(f"method {method!r} needs a schema")
        parser = call_parser(schema) if schema is not None and method == "function_calling" else json_parser(schema)
        return parsed(self._asking(schema, method, strict), parser, include_raw=include_raw)

    def _asking(self, schema: Schema | None, method: Method, strict: bool | None) -> Runnable[LanguageModelInput, Any]:
        """A model that asks for output after a schema."""
        traced = {"kwargs": {"method": method, "strict": strict}, "schema": schema}
        if schema is None or method == "json_mode":
            return self.bind(response_format={"type": "json_object"}, ls_structured_output_format=traced)
        if method == "function_calling":
            return self.bind_tools([schema], tool_choice="any", strict=strict, ls_structured_output_format=traced)
        return self.bind(
            response_format=response_format(schema, strict),
            ls_structured_output_format=traced,
        )

    # Tokens, counted by the host.

    def get_token_ids(self, text: str) -> list[int]:
        """
        The tokens of a text, as the host counts them.

        Raises:
            TensormeshError: the host could not be asked.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        answer = self._surface().tokenize.create(model=self.model, prompt=text, add_special_tokens=False)
        return list(answer.tokens)

    def get_num_tokens_from_messages(
        self,
        messages: list[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
        """
        How many tokens a prompt of these messages and tools has, as the host counts them.

        Raises:
            TensormeshError: the host could not be asked.
        """
        fields: dict[str, Any] = {"tools": request_tools(tools)} if tools else {}
        answer = self._surface().tokenize.create(model=self.model, messages=request_messages(messages), **fields)
        return int(answer.count)


def _without_keys(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a call without those that may hold keys."""
    return {name: value for name, value in arguments.items() if name not in _MAY_HOLD_KEYS}
