"""What every contestant asks, and the keys it shows."""

from typing import Any

MODEL = "openai/gpt-oss-20b"
MESSAGES: list[Any] = [{"role": "user", "content": "Say hello in one sentence."}]
KEY = "sk-benchmark"
HEADERS = {"Authorization": f"Bearer {KEY}"}
WHOLE: dict[str, Any] = {"model": MODEL, "messages": MESSAGES}
STREAMED: dict[str, Any] = {"model": MODEL, "messages": MESSAGES, "stream": True}
