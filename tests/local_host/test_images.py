"""Pictures: counted, acknowledged, and refused where they are none; nothing is fetched."""

import base64
from collections.abc import Callable
from typing import Any

import httpx

from tensormesh_local.engine.conversation import IMAGE_TOKENS
from tests.cases import cases

type Refused = Callable[..., dict[str, Any]]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
ADDRESS = "https://example.com/cat.png"


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def body(*urls: str, text: str = "Say hello", **fields: Any) -> dict[str, Any]:
    """A chat request with pictures."""
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    content = [*([{"type": "text", "text": text}] if text else []), *images]
    thinking = {"chat_template_kwargs": {"enable_thinking": False}}
    return {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": content}], **thinking, **fields}


def asked(serverless: httpx.Client, *urls: str, **fields: Any) -> dict[str, Any]:
    answer = serverless.post("/v1/chat/completions", json=body(*urls, **fields))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@cases(
    ("urls", "text", "said"),
    [
        ([data_url(PNG)], "Say hello", "I see one image. hello"),
        ([ADDRESS], "Say hello", "I see one image. hello"),
        ([data_url(PNG), ADDRESS, data_url(b"\xff\xd8\xff\xe0", "image/jpeg")], "", "I see 3 images."),
        ([data_url(b"RIFF\0\0\0\0WEBPVP8 ", "image/webp")], "", "I see one image."),
        ([], "Say hello", "hello"),
    ],
)
def test_pictures_are_acknowledged(serverless: httpx.Client, urls: list[str], text: str, said: str) -> None:
    assert asked(serverless, *urls, text=text)["choices"][0]["message"]["content"] == said


def test_pictures_are_counted(serverless: httpx.Client, streamed: Callable[..., list[Any]]) -> None:
    none, two = asked(serverless)["usage"], asked(serverless, data_url(PNG), ADDRESS)["usage"]

    assert two["prompt_tokens"] == none["prompt_tokens"] + 2 * IMAGE_TOKENS
    assert two["prompt_tokens_details"]["multimodal_tokens"] == {"image": 2 * IMAGE_TOKENS}
    assert none["prompt_tokens_details"]["multimodal_tokens"] is None


def test_the_same_picture_is_cached_and_another_is_not(serverless: httpx.Client) -> None:
    first, again, other = (asked(serverless, data_url(PNG + end)) for end in (b"", b"", b"other"))
    cached = [one["usage"]["prompt_tokens_details"]["cached_tokens"] for one in (first, again, other)]

    assert cached[0] == 0
    assert cached[1] >= IMAGE_TOKENS
    assert cached[2] < IMAGE_TOKENS


def test_only_the_pictures_of_the_last_question_are_acknowledged(serverless: httpx.Client) -> None:
    earlier = body(ADDRESS)
    messages = [
        *earlier["messages"],
        {"role": "assistant", "content": "A cat."},
        {"role": "user", "content": "Say hello"},
    ]
    answer = serverless.post("/v1/chat/completions", json={**earlier, "messages": messages}).json()

    assert answer["choices"][0]["message"]["content"] == "hello"
    assert answer["usage"]["prompt_tokens_details"]["multimodal_tokens"] == {"image": IMAGE_TOKENS}


def test_responses_take_pictures_as_well(serverless: httpx.Client) -> None:
    content = [{"type": "input_text", "text": "Say hello"}, {"type": "input_image", "image_url": data_url(PNG)}]
    asking = {"model": "openai/gpt-oss-20b", "input": [{"role": "user", "content": content}]}
    answer = serverless.post("/v1/responses", json={**asking, "reasoning": {"effort": "none"}}).json()

    assert answer["output"][-1]["content"][0]["text"] == "I see one image. hello"
    assert answer["usage"]["input_tokens"] > IMAGE_TOKENS


@cases(
    ("url", "words"),
    [
        ("cat.png", "The URL must be either a HTTP, data or file URL."),
        ("data:image/png,abc", "Only base64 data URLs are supported"),
        ("data:image/png;base64,a", "Failed to load image"),
        ("data:image/png;base64,", "cannot identify image file"),
        (data_url(b"Hello, this is text."), "cannot identify image file"),
    ],
)
def test_what_is_no_picture_is_refused(refused: Refused, url: str, words: str) -> None:
    assert words in refused("/v1/chat/completions", body(url))["message"]


def test_an_uploaded_picture_is_not_known(refused: Refused) -> None:
    content = [{"type": "input_image", "file_id": "file-1"}]
    error = refused("/v1/responses", {"model": "openai/gpt-oss-20b", "input": [{"role": "user", "content": content}]})

    assert "got 'input_image'" in error["message"]
