"""
What users get wrong. Never run: `tests/typing/test_programs.py` has it read.

Each line with a mistake says by which code a checker tells of it, or that nobody tells.
"""

from __future__ import annotations

from tensormesh import AsyncTensormesh, Tensormesh, Timeout

HELLO = [{"role": "user", "content": "Hello."}]


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
    create(model="m", messages=[{"role": "user"}])  # no content (nobody tells)
    create(model="m", messages=[{"rol": "user", "content": "Hello."}])  # misspelt within (nobody tells)
    create(model="m", messages=HELLO, response_format={"type": "jsn"})  # no such format (nobody tells)


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
    plane.models.wait_until_up()  # for what? (mypy: call-arg, pyright: reportCallIssue)
    plane.models.deploy(gpu_count="two")  # text for a number (mypy: arg-type, pyright: reportArgumentType)
    price = plane.billing.pricing.serverless.list()[0]
    price.cost(None) + 5  # an amount and a number (mypy: operator, pyright: reportOperatorIssue)
    price.input_token_price.amount  # may be None (mypy: union-attr, pyright: reportOptionalMemberAccess)


def settings() -> None:
    Tensormesh(api_key="k")  # no such setting (mypy: call-arg, pyright: reportCallIssue)
    Tensormesh(timeout="30")  # text for seconds (mypy: arg-type, pyright: reportArgumentType)
    Timeout(read=5)  # no such limit (mypy: call-arg, pyright: reportCallIssue)
