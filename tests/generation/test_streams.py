"""A stream whose block does not say all that a program needs is refused, and told how to say it."""

from __future__ import annotations

import pytest
import yaml

from tests.generation.conftest import TinyTree

OPERATION = "serverless.yaml, at paths./v1/texts.post"
STREAM = f"{OPERATION}.x-tensormesh.stream"
ADDS = "say it by `adds: {key of the answer: key of an event}`, or by `final:` and the key of the event that holds it"

BLOCKS = {
    "nothing tells what it adds up to": ("{}", f": nothing tells what its events add up to: {ADDS}"),
    "it adds up as another API's": ("{adds: chat}", f".adds: events and answer are not those of 'chat': {ADDS}"),
    "it adds up in a way that nobody knows": ("{adds: chats}", ".adds: 'chats' cannot stand here"),
    "a field of no answer": (
        "{adds: {words: text}}",
        ".adds.words: 'words' of the answer and 'text' of an event must both be text, or both lists",
    ),
    "a field of no event": (
        "{adds: {text: words}}",
        ".adds.text: 'text' of the answer and 'words' of an event must both be text, or both lists",
    ),
    "text of numbers": (
        "{adds: {text: number}}",
        ".adds.text: 'text' of the answer and 'number' of an event must both be text, or both lists",
    ),
    "a last event that is none": ("{final: number}", f".final: no event has the whole answer under 'number': {ADDS}"),
    "two ways to add up": (
        "{adds: chat, final: number}",
        ".final: 'chat' says already what the events add up to: leave one of them out",
    ),
    "a whole that cannot be called": ("{adds: {text: text}, whole: Text}", ".whole: 'Text' cannot stand here"),
    "a whole that is called as all streams are": (
        "{adds: {text: text}, whole: event}",
        ".whole: EventStream is taken: call the whole something else",
    ),
    "a whole that is called as a component": (
        "{adds: {text: text}, whole: other}",
        ".whole: OtherStream is taken: call the whole something else",
    ),
    "an event that is no object": (
        "{adds: {text: text}, event: Word}",
        ".event: an event is an object, or one of several with a discriminator: make it that",
    ),
    "a field that asks for anything else": (
        "{adds: {text: text}, field: count}",
        ".field: 'count' is no boolean that may be left out: make it one",
    ),
    "a field that must be given": (
        "{adds: {text: text}, field: must}",
        ".field: 'must' is no boolean that may be left out: make it one",
    ),
}
"""What the block has beside what is right, and what is said of it."""

SCHEMAS = """
Word: {type: string, enum: [a]}
OtherStream: {type: object, properties: {a: {type: string}}}
TextEvent: {type: object, properties: {text: {type: string}, number: {type: integer}, w: <Word>, o: <OtherStream>}}
TextRequest:
  type: object
  required: [must]
  properties: {stream: {type: boolean}, must: {type: boolean}, count: {type: integer}}
"""


def change(tiny: TinyTree, block: str, operation: str = "{}") -> None:
    with tiny.document("serverless") as document:
        document["components"]["schemas"] |= yaml.safe_load(
            SCHEMAS.replace("<Word>", "{$ref: '#/components/schemas/Word'}").replace(
                "<OtherStream>", "{$ref: '#/components/schemas/OtherStream'}"
            )
        )
        one = document["paths"]["/v1/texts"]["post"]
        del one["x-tensormesh"]["stream"]["adds"]
        one["x-tensormesh"]["stream"] |= yaml.safe_load(block)
        one |= yaml.safe_load(operation)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_does_not_say_all(tiny: TinyTree, name: str) -> None:
    block, problem = BLOCKS[name]
    change(tiny, block)

    assert tiny.refusal().startswith(f"{STREAM}{problem}")


def test_an_answer_that_no_event_makes_whole(tiny: TinyTree) -> None:
    """`get_final_text()` would lack what it always has."""
    change(tiny, "{adds: {text: text}}")
    with tiny.document("serverless") as document:
        document["components"]["schemas"]["Text"] |= {
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "text": {"type": "string"}},
        }

    assert tiny.refusal() == (
        f"{STREAM}.adds: no event says 'id', which the answer always has: add it, or do not require it"
    )


def test_a_piece_that_several_kinds_of_event_have(tiny: TinyTree) -> None:
    """Words and thoughts would be one text."""
    with tiny.document("serverless") as document:
        schemas = document["components"]["schemas"]
        for name in ("Word", "Thought"):
            tag = {"type": "string", "const": name}
            schemas[name] = {"type": "object", "properties": {"type": tag, "text": {"type": "string"}}}
        references = {name: f"#/components/schemas/{name}" for name in ("Word", "Thought")}
        schemas["TextEvent"] = {
            "oneOf": [{"$ref": reference} for reference in references.values()],
            "discriminator": {"propertyName": "type", "mapping": references},
        }

    assert tiny.refusal() == (
        f"{STREAM}.adds.text: several kinds of event have a 'text': by `final:` and the key of the event that holds it"
    )


def test_an_answer_that_streams_and_has_no_events(tiny: TinyTree) -> None:
    text = "{'200': {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Text'}}}}}"
    change(tiny, "{adds: {text: text}}", f"responses: {text}")

    assert tiny.refusal() == (
        f"{OPERATION}.responses.200: an answer that streams is application/json and text/event-stream"
    )


@pytest.mark.parametrize(
    ("operation", "facts", "place"),
    [
        ("parameters: [{name: stream, in: query, schema: {type: string}}]", "{}", ".parameters[0]"),
        ("{}", "rename: {count: stream}", ".x-tensormesh.rename.count"),
    ],
)
def test_an_argument_that_is_called_as_what_asks_for_the_stream(
    tiny: TinyTree, operation: str, facts: str, place: str
) -> None:
    change(tiny, "{adds: {text: text}}", operation)
    with tiny.document("serverless") as document:
        document["paths"]["/v1/texts"]["post"]["x-tensormesh"] |= yaml.safe_load(facts)

    assert tiny.refusal().startswith(f"{OPERATION}{place}: no argument can be called 'stream'")


@pytest.mark.parametrize("fact", ["returns: text", "upsert: create"])
def test_a_fact_that_a_stream_does_not_obey(tiny: TinyTree, fact: str) -> None:
    change(tiny, "{adds: {text: text}}")
    with tiny.document("serverless") as document:
        document["paths"]["/v1/texts"]["post"]["x-tensormesh"] |= yaml.safe_load(fact)

    word = fact.partition(":")[0]
    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.{word}: a call that may stream does not obey it: take it out"


def second(tiny: TinyTree, **schemas: str) -> None:
    """Another operation like the first, with other components where they are given."""
    with tiny.document("serverless") as document:
        first = document["paths"]["/v1/texts"]["post"]
        other = yaml.safe_load(yaml.safe_dump(first))
        other |= {"operationId": "create_other"}
        other["x-tensormesh"] |= {"call": "others.create"}
        text = yaml.safe_dump(other)
        for name, schema in schemas.items():
            document["components"]["schemas"][f"Other{name}"] = yaml.safe_load(schema)
            text = text.replace(f"/schemas/{name}'", f"/schemas/Other{name}'")
        document["paths"]["/v1/others"] = {"post": yaml.safe_load(text)}


def test_two_streams_of_one_body(tiny: TinyTree) -> None:
    """Each has a class of keyword arguments that is called as its body."""
    second(tiny)

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/others.post.x-tensormesh.stream.field: "
        "create_text streams by the same body: give this call a component of its own"
    )


def test_two_wholes_of_one_name_that_count_otherwise(tiny: TinyTree) -> None:
    """`stream.usage` has one type for all streams that make the same."""
    usage = "{type: object, properties: {text: {type: string}, usage: {type: integer}}}"
    second(tiny, TextRequest="{type: object, properties: {stream: {type: boolean}}}", Text=usage)

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/others.post.x-tensormesh.stream.whole: "
        "that of create_text has another `usage`: call this whole something else"
    )


def test_two_streams_that_make_the_same(tiny: TinyTree) -> None:
    second(tiny, TextRequest="{type: object, properties: {stream: {type: boolean}}}")

    assert tiny.generate().status == 0
