"""A property may be called anything: it has a name of its own in Python, or is given one, or says which to give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.generation.conftest import TinyTree, survives
from tests.generation.made_packages import forget, load_package
from tools.names import FIELDS_TAKEN, field_name

THING = "control_plane.yaml, at components.schemas.Thing.properties"

NAMES = {
    "keys": "keys_",
    "list": "list_",
    "self": "self_",
    "class": "class_",
    "2fa": "field_2fa",
    "3D-view": "field_3_d_view",
    "名前": "名前",
    "数量1": "数量1",
    "größe": "größe",
    "ÄndertÜber": "ändert_über",
    "имя": "имя",
    "हिन्दी": "हिन्दी",
    "ﬁeld": "field_",
    "naïve": "naïve",
    "cafe\u0301": "café",
    "a b": "a_b",
    "@id": "id",
    "a__b": "a_b",
    "to_dict": "to_dict_",
}


@pytest.mark.parametrize("key", NAMES)
def test_a_key_has_a_name(key: str) -> None:
    name = field_name(key, {})

    assert name == NAMES[key]
    assert name.isidentifier()


KEYS = sorted({*NAMES, *FIELDS_TAKEN})


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """For each key a model with one field, all of one package."""
    tree = TinyTree(tmp_path_factory.mktemp("names"))
    named = {key: f"One{number}" for number, key in enumerate(KEYS)}
    tree.change(
        schemas="\n".join(
            f"{name}: {{type: object, properties: {{{key!r}: {{type: string}}}}}}" for key, name in named.items()
        ),
        properties="\n".join(f"a{number}: <{name}>" for number, name in enumerate(named.values())),
    )
    ran = tree.generate()
    assert ran.status == 0, ran.errors
    package = load_package(tree.package)
    yield {key: getattr(package.models, name) for key, name in named.items()}
    forget(package)


@pytest.mark.parametrize("key", KEYS)
def test_a_model_reads_and_writes_by_either(models: dict[str, Any], key: str) -> None:
    made, name = models[key], field_name(key, {})

    one = made(**{name: "a"})
    assert (getattr(one, name), one[key], one.to_dict()) == ("a", "a", {key: "a"})
    assert survives(made, {key: "a", "other": 1})
    assert one.replace(**{name: "b"}).to_dict() == {key: "b"}
    assert repr(one) == f"{made.__name__}({name}='a')"


def test_a_property_says_its_name(thing: Callable[..., Any]) -> None:
    """Beside a reference too; two keys may even change places."""
    likes = "'+1': {type: integer, x-name: likes}, '-1': {type: integer, x-name: dislikes}"
    made = thing(f"{{{likes}, a: {{type: string, x-name: b}}, b: {{type: string, x-name: a}}}}")
    data = {"+1": 2, "-1": 1, "a": "A", "b": "B"}

    one = made.from_dict(data)
    assert (one.likes, one.dislikes, one.b, one.a) == (2, 1, "A", "B")
    assert one.to_dict() == data == made(likes=2, dislikes=1, b="A", a="B").to_dict()
    assert made.from_dict({"a": 5}).to_dict() == {"a": 5}


WRONG = {
    "it names nothing": ("{'+': {type: integer}}", ".+: no field can be called '' in Python: give it one by `x-name`"),
    "it is the name of another": (
        "{fooBar: {type: integer}, foo_bar: {type: integer}}",
        ".foo_bar: 'fooBar' has the same Python name, 'foo_bar': give it one by `x-name`",
    ),
    "another is called so by hand": (
        "{a: {type: integer}, b: {type: integer, x-name: a}}",
        ".b.x-name: 'a' has the same Python name, 'a': write another",
    ),
    "a name of Python's own": (
        "{a: {type: integer, x-name: class}}",
        ".a.x-name: no field can be called 'class' in Python: write another",
    ),
    "a name of the model's own": (
        "{a: {type: integer, x-name: to_dict}}",
        ".a.x-name: no field can be called 'to_dict' in Python: write another",
    ),
    "a private name": (
        "{a: {type: integer, x-name: _a}}",
        ".a.x-name: no field can be called '_a' in Python: write another",
    ),
    "a name that is none": (
        "{a: {type: integer, x-name: a b}}",
        ".a.x-name: no field can be called 'a b' in Python: write another",
    ),
    "a name that is a number": ("{a: {type: integer, x-name: 5}}", ".a.x-name: it is a text, not 5"),
    "a name of no property": (
        "{a: {type: array, items: {type: integer, x-name: b}}}",
        ".a.items.x-name: it names a property, and this is none: take it out",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_name_that_no_field_can_have(tiny: TinyTree, name: str) -> None:
    text, problem = WRONG[name]
    tiny.change(properties=text)

    assert tiny.refusal() == f"{THING}{problem}"


def test_a_component_has_the_name_that_it_stands_under(tiny: TinyTree) -> None:
    other = "Other: {type: object, x-name: another, properties: {a: {type: string}}}"
    tiny.change(schemas=other, properties="o: <Other>")

    assert tiny.refusal() == (
        "control_plane.yaml, at components.schemas.Other.x-name: it names a property, and this is none: take it out"
    )


def test_what_other_words_say_of_a_property_follows_its_name(package: Callable[..., Any]) -> None:
    """Amounts, items, prices, texts, what a call unwraps, who calls: by keys in the documents, by names in Python."""
    made = package(
        schemas="""
        Money:
          type: object
          x-amount: [a, b]
          x-unit: c
          properties:
            a: {type: string, format: int64, x-name: units}
            b: {type: integer, x-name: nanos}
            c: {type: string, x-name: currency}
        Part: {type: object, properties: {type: {type: string}, text: {type: string}}}
        Answer:
          type: object
          x-items: list
          x-text: {name: words, parts: [list], type: t}
          properties: {list: {type: array, items: <Part>, x-name: parts}, cost: <Money>}
        """,
        operation="""
        responses: {"200": {description: It., content: {application/json: {schema: <Answer>}}}}
        """,
        facts="returns: list",
    )
    answer = made.models.Answer.from_dict(
        {
            "list": [{"type": "t", "text": "a"}, {"type": "t", "text": "b"}],
            "cost": {"a": "1", "b": 500000000, "c": "EUR"},
        }
    )

    assert (answer.words, [part.text for part in answer], str(answer.cost.amount)) == ("ab", ["a", "b"], "1.500000000")
    assert made.api.things.make_thing.OPERATION.returns == "parts"
