"""
`.local/live/venv/bin/python tests/live/engine/training.py`: make `model.tar.gz` anew, in ten minutes of two cores.

A model in the shape of Qwen3, of 700,000 weights, which knows a handful of answers by heart: a thought and a line of
text, a call of `get_weather` for each city it reads, a word after a tool has answered. That is enough for everything
around a model to be real: template, tokens, reasoning, calls of tools, ends. Nothing is downloaded. It needs the
libraries that the engine brings.
"""

from __future__ import annotations

import json
import os
import pydoc_data.topics
import random
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

HERE = Path(__file__).parent
SEED = 0
STEPS, ROWS, WARM_UP = 600, 12, 50
LEARNING_RATE = 2e-3
VOCABULARY, CONTEXT = 2048, 4096
NOTHING = -100
"""The label of a token that is not to be learned."""

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
VISIBLE = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
"""Single tokens too, but they stay in the text."""

ANSWER = "Hello! This is a tiny test model. The answer is 42."
COMPLETION = " This is a plain completion from a tiny test model."
AFTER_TOOL = "The tool says it is sunny. Done."
THOUGHT = "<think>\nThe user wants a reply. I will answer in one short line.\n</think>\n\n"
THOUGHT_OF_TOOLS = "<think>\nThe user gave me tools. I will call one.\n</think>\n\n"

CITIES = ("Paris", "London", "Tokyo", "Berlin", "Madrid", "Rome", "Oslo", "Lima")
ABOUT_ONE = (
    "What is the weather in {}?",
    "What's the weather like in {} today?",
    "Weather in {}",
    "weather in {} please",
)
ABOUT_TWO = ("What is the weather in {} and {}?", "Weather in {} and in {} please")
PAGES = list(pydoc_data.topics.topics.values())
WORDS = """
    hello hi please tell me about what is the a story of code python test number one two three count to ten write short
    poem explain why sky blue say word list colors who are you summarize this text now how many days in week ping answer
    only yes no thanks good morning weather city time
""".split()  # noqa: SIM905
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather for a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Lesson(NamedTuple):
    """What is said to the model, and what it is to say."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    thinks: bool
    answer: str


def tokenizer() -> PreTrainedTokenizerFast:
    """Pairs of bytes, so that any text has tokens and gets back out of them whole."""
    tokens = Tokenizer(models.BPE())
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokens.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False)
    sayings = [json.dumps(WEATHER), '{"name": "get_weather", "arguments": {"city": "Paris"}}', ANSWER, COMPLETION]
    asked = [form.format(city) for form in ABOUT_ONE for city in CITIES]
    tokens.train_from_iterator([*PAGES, *(40 * sayings), *asked], trainer)
    tokens.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    tokens.add_tokens([AddedToken(text, special=False, normalized=False) for text in VISIBLE])
    whole = PreTrainedTokenizerFast(
        tokenizer_object=tokens,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    whole.chat_template = (HERE / "chat_template.jinja").read_text(encoding="utf-8")
    return whole


def some_text(chance: random.Random, most: int = 24) -> str:
    """Words, a passage of a manual, or letters of many scripts."""
    kind = chance.random()
    if kind < 0.6:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, most))).capitalize() + chance.choice("?.!, ")
    if kind < 0.8:
        page = chance.choice(PAGES)
        start = chance.randrange(max(1, len(page) - 200))
        return page[start : start + chance.randint(5, 160)]
    scripts = ((32, 126), (192, 900), (0x4E00, 0x4E80), (0x1F600, 0x1F63C))
    return "".join(chr(chance.randint(*chance.choice(scripts))) for _ in range(chance.randint(1, 20)))


def lesson(chance: random.Random) -> Lesson:
    """A chat of any kind, and how it goes on."""
    messages: list[dict[str, Any]] = []
    if chance.random() < 0.5:
        messages.append({"role": chance.choice(["system", "system", "developer"]), "content": some_text(chance)})
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        messages.append({"role": "user", "content": some_text(chance)})
        messages.append({"role": "assistant", "content": chance.choice([ANSWER, some_text(chance)])})
    thinks = chance.random() < 0.75
    if chance.random() < 0.55:
        return _lesson_with_tools(chance, messages, thinks)
    messages.append({"role": "user", "content": some_text(chance)})
    return Lesson(messages, None, thinks, THOUGHT * thinks + ANSWER)


def _lesson_with_tools(chance: random.Random, messages: list[dict[str, Any]], thinks: bool) -> Lesson:
    tools = [WEATHER, _another_tool(chance)] if chance.random() < 0.4 else [WEATHER]
    chance.shuffle(tools)
    cities = chance.sample(CITIES, 2 if chance.random() < 0.35 else 1)
    asked = chance.choice(ABOUT_TWO if len(cities) == 2 else ABOUT_ONE).format(*cities)
    messages.append({"role": "user", "content": asked})
    if chance.random() < 0.35:
        calls = [{"function": {"name": "get_weather", "arguments": {"city": city}}} for city in cities]
        messages.append({"role": "assistant", "content": chance.choice(["", None]), "tool_calls": calls})
        messages += [{"role": "tool", "content": chance.choice(["sunny", some_text(chance, 6)])} for _ in cities]
        return Lesson(messages, tools, thinks, THOUGHT * thinks + AFTER_TOOL)
    calls = [json.dumps({"name": "get_weather", "arguments": {"city": city}}) for city in cities]
    said = "\n".join(f"<tool_call>\n{call}\n</tool_call>" for call in calls)
    return Lesson(messages, tools, thinks, THOUGHT_OF_TOOLS * thinks + said)


def _another_tool(chance: random.Random) -> dict[str, Any]:
    properties = {chance.choice(["a", "query", "x"]): {"type": chance.choice(["string", "number", "integer"])}}
    function = {
        "name": chance.choice(["add", "search", "get_time"]),
        "description": some_text(chance, 8),
        "parameters": {"type": "object", "properties": properties},
    }
    return {"type": "function", "function": function}


def tokens_of(words: PreTrainedTokenizerFast, chance: random.Random) -> tuple[list[int], list[int]]:
    """A prompt and its completion."""
    if chance.random() < 0.12:
        prompt, answer = some_text(chance), COMPLETION
    else:
        messages, tools, thinks, answer = lesson(chance)
        switch = {} if thinks else {"enable_thinking": False}
        prompt = words.apply_chat_template(messages, tools=tools, add_generation_prompt=True, tokenize=False, **switch)
    return words.encode(prompt, add_special_tokens=False), words.encode(answer + "<|im_end|>", add_special_tokens=False)


def trained(words: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """The model, once it knows its answers."""
    config = Qwen3Config(
        vocab_size=-(-len(words) // 64) * 64,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        head_dim=32,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    model, chance = Qwen3ForCausalLM(config).float(), random.Random(SEED)  # noqa: S311
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98))
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1, (n + 1) / WARM_UP) * max(0.02, 1 - n / STEPS))
    for step in range(STEPS):
        loss = _loss(model, [tokens_of(words, chance) for _ in range(ROWS)], words.pad_token_id)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        pace.step()
        if step % 50 == 0 or step == STEPS - 1:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    model.generation_config.do_sample = False
    model.generation_config.eos_token_id = [words.eos_token_id, words.pad_token_id]
    model.generation_config.pad_token_id = words.pad_token_id
    return model


def _loss(model: Qwen3ForCausalLM, rows: list[tuple[list[int], list[int]]], padding: int) -> torch.Tensor:
    length = max(len(prompt) + len(answer) for prompt, answer in rows)
    tokens, labels = torch.full((len(rows), length), padding), torch.full((len(rows), length), NOTHING)
    for row, (prompt, answer) in enumerate(rows):
        end = len(prompt) + len(answer)
        tokens[row, :end] = torch.tensor(prompt + answer)
        labels[row, len(prompt) : end] = torch.tensor(answer)
    hidden, wanted = model.model(input_ids=tokens).last_hidden_state[:, :-1], labels[:, 1:]
    # What follows the prompt only: most of the time goes into the last layer.
    learned = wanted != NOTHING
    return torch.nn.functional.cross_entropy(model.lm_head(hidden[learned]), wanted[learned])


def main() -> None:
    random.seed(SEED)
    torch.manual_seed(SEED)
    words = tokenizer()
    model = trained(words)
    with tempfile.TemporaryDirectory() as place:
        words.save_pretrained(place)
        # Half of the size, and the same answers.
        model.half().save_pretrained(place)
        with tarfile.open(HERE / "model.tar.gz", "w:gz") as archive:
            for name in sorted(os.listdir(place)):
                archive.add(Path(place) / name, name)


if __name__ == "__main__":
    main()
