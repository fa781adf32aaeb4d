"""
What users get wrong. Never run: `tests/typing/test_checkers.py` has it read.

Each line with a mistake says by which code a checker tells of it, or that nobody tells.
"""

from __future__ import annotations

from tensormesh import AsyncTensormesh, Tensormesh, Timeout, tool
from tensormesh.types import ChatMessageParam

HELLO: list[ChatMessageParam] = [{"role": "user", "content": "Hello."}]


def requests(client: Tensormesh) -> None:
    create = client.inference.serverless.chat.completions.create
    create(model="m", mesages=HELLO)  # misspelt (mypy: call-overload, pyright: reportCallIssue)
    create(model="m")  # no messages (mypy: call-overload, pyright: reportCallIssue)
    create(messages=HELLO)  # no model (mypy: call-overload, pyright: reportCallIssue)
    create(model=7, messages=HELLO)  # no text (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages="Hello.")  # text for a list (mypy: arg-type, pyright: reportArgumentType)
    create(model="m", messages={"role": "user", "content": "Hello."})  # one for a list (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, temperature="hot")  # text for a number (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, max_tokens="100")  # text for a number (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, stream="yes")  # text for a choice (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, stop=5)  # a number for text (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, tools="weather")  # text for a list (mypy: arg-type, pyright: reportArgumentType)
    create(model="m", messages=HELLO, timeout="30")  # text for seconds (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=[{"role": "user"}])  # no content (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=[{"rol": "user", "content": "Hello."}])  # misspelt within (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=HELLO, response_format={"type": "jsn"})  # no such format (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, response_format={"type": "json_schema"})  # of what schema? (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, response_format={"type": "json_schema", "json_schema": {"schema": {}}})  # no name (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, response_format={"type": "text", "json_schema": {"name": "n"}})  # a schema for text (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=[{"role": "usr", "content": "Hello."}])  # no such role (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=[*HELLO, {"role": "user", "contnet": "Hello."}])  # misspelt beside others (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=[{"role": "user", "content": [{"type": "txt", "text": "Hello."}]}])  # no such part (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=[{"role": "user", "content": [{"type": "text", "txt": "Hello."}]}])  # misspelt in a part (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=[{"role": "user", "content": [{"type": "image_url", "image_url": "https://a.test"}]}])  # text for an object (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=["Hello."])  # text for a message (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=HELLO, tools=[{"type": "fuction", "function": {"name": "f"}}])  # no such tool (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=HELLO, tools=[{"type": "function", "function": {"nme": "f"}}])  # misspelt in a tool (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=HELLO, tools=[{"type": "function", "name": "f"}])  # flat, as in responses (mypy: list-item, pyright: reportArgumentType)
    create(model="m", messages=HELLO, tool_choice={"type": "function"})  # of what name? (mypy: call-overload, pyright: reportArgumentType)
    create(model="m", messages=HELLO, stream_options={"include_usage": "yes"})  # text for a choice (mypy: call-overload, pyright: reportArgumentType)
    create(request=[{"role": "user"}])  # a list for a request (mypy: call-overload, pyright: reportArgumentType)
    create(request={"model": "m"}, temperature=1)  # a request and fields (mypy: call-overload, pyright: reportCallIssue)
    client.inference.serverless.responses.create(model="m", input=[{"rol": "user", "content": "i"}])  # misspelt (mypy: list-item, pyright: reportArgumentType)
    client.inference.serverless.responses.create(model="m", input=[{"role": "user"}])  # no content (mypy: list-item, pyright: reportArgumentType)
    client.inference.serverless.responses.create(model="m", input="i", text={"format": {"type": "jsn"}})  # no such format (mypy: call-overload, pyright: reportArgumentType)
    client.inference.serverless.run_tools([{"type": "function"}], model="m", messages=HELLO)  # of what name? (mypy: list-item, pyright: reportArgumentType)


class NoTool:
    def to_dict(self) -> dict[str, str]:
        return {"type": "function"}


def tools_of_functions(client: Tensormesh) -> None:
    chat, responses = client.inference.serverless.chat.completions, client.inference.serverless.responses
    chat.create(model="m", messages=HELLO, tools=[requests])  # a function alone (mypy: list-item, pyright: reportArgumentType)
    chat.create(model="m", messages=HELLO, tools=[NoTool()])  # of another dictionary (mypy: list-item, pyright: reportArgumentType)
    chat.create(model="m", messages=[tool(requests)])  # a tool for a message (mypy: list-item, pyright: reportArgumentType)
    chat.create(model="m", messages=HELLO, tools=[tool(requests).to_response_tool()])  # flat (mypy: list-item, pyright: reportArgumentType)
    responses.create(model="m", input="i", tools=[tool(requests)])  # as in a chat (mypy: list-item, pyright: reportArgumentType)


def histories() -> None:
    HELLO.append({"rol": "user", "content": "Hello."})  # misspelt (mypy: typeddict-unknown-key, pyright: reportArgumentType)
    HELLO.append({"role": "user"})  # no content (mypy: typeddict-item, pyright: reportArgumentType)
    role: ChatMessageParam = {"role": "usr", "content": "Hello."}  # no such role (mypy: typeddict-item, pyright: reportAssignmentType)
    HELLO[0]["rol"]  # misspelt when read (mypy: typeddict-item, pyright: reportGeneralTypeIssues)


def answers(client: Tensormesh) -> None:
    answer = client.inference.serverless.chat.completions.create(model="m", messages=HELLO)
    answer.choices[0].message.contents  # misspelt (mypy: attr-defined, pyright: reportAttributeAccessIssue)
    answer.choices[0].message.content.upper()  # may be None (mypy: union-attr, pyright: reportOptionalMemberAccess)
    answer.usage.total_tokens  # may be None (mypy: union-attr, pyright: reportOptionalMemberAccess)
    answer["choices"][0]["mesage"]  # any key will do (nobody tells)
    stream = client.inference.serverless.chat.completions.create(model="m", messages=HELLO, stream=True)
    stream.choices  # a stream is no answer (mypy: attr-defined, pyright: reportAttributeAccessIssue)
    for model in client.inference.serverless.models.list():
        model.name  # misspelt (mypy: attr-defined, pyright: reportAttributeAccessIssue)
    len(client.inference.serverless.models.list()[0])  # an item is no list (mypy: arg-type, pyright: reportArgumentType)


async def awaited(client: AsyncTensormesh) -> None:
    answer = client.inference.serverless.chat.completions.create(model="m", messages=HELLO)
    answer.choices  # not awaited (mypy: attr-defined, pyright: reportAttributeAccessIssue)
    stream = await client.inference.serverless.chat.completions.create(model="m", messages=HELLO, stream=True)
    for _ in stream:  # async for (mypy: attr-defined, pyright: reportGeneralTypeIssues)
        pass


def control_plane(client: Tensormesh) -> None:
    plane = client.control_plane
    plane.users.update(first_name="Ada")  # whose? (mypy: call-arg, pyright: reportCallIssue)
    plane.users.api_keys.create(name="ci", expires_at=30)  # a number for a time (mypy: arg-type, pyright: reportArgumentType)
    plane.users.api_keys.create(nmae="ci")  # misspelt (mypy: call-arg, pyright: reportCallIssue)
    plane.support.tickets.create(message="m")  # about what? (mypy: call-overload, pyright: reportCallIssue)
    plane.support.tickets.with_raw_response.create(message="m")  # about what? (mypy: call-overload, pyright: reportCallIssue)
    plane.billing.stripe.payment_intents.create()  # of what? (mypy: call-overload, pyright: reportCallIssue)
    plane.billing.stripe.payment_intents.create(amount={"unit": 5})  # misspelt within (mypy: call-overload, pyright: reportArgumentType)
    plane.users.api_keys.create(userId="u")  # as JSON has it (mypy: call-arg, pyright: reportCallIssue)
    plane.models.deploy(infra={"cloudProvder": "nebius"})  # misspelt within (mypy: arg-type, pyright: reportArgumentType)
    plane.models.wait_until_up()  # for what? (mypy: call-arg, pyright: reportCallIssue)
    plane.models.deploy(gpu_count="two")  # text for a number (mypy: arg-type, pyright: reportArgumentType)
    price = plane.billing.pricing.serverless.list()[0]
    price.cost(None) + 5  # an amount and a number (mypy: operator, pyright: reportOperatorIssue)
    price.input_token_price.amount  # may be None (mypy: union-attr, pyright: reportOptionalMemberAccess)


def settings() -> None:
    Tensormesh(api_key="k")  # no such setting (mypy: call-arg, pyright: reportCallIssue)
    Tensormesh(timeout="30")  # text for seconds (mypy: arg-type, pyright: reportArgumentType)
    Timeout(read=5)  # no such limit (mypy: call-arg, pyright: reportCallIssue)
