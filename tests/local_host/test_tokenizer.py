"""The tokenizer loses nothing, and counts like one that knows words."""

from hypothesis import given
from hypothesis import strategies as st

from tensormesh_local.engine import tokenizer
from tests.cases import cases

# A busy machine is not a slow tokenizer.
any_text = st.text(alphabet=st.characters(codec=None))
token_ids = st.lists(st.integers(min_value=0, max_value=tokenizer.size() + 10))


@given(any_text)
def test_decoding_an_encoded_text_gives_the_text(text: str) -> None:
    assert text == tokenizer.decode(tokenizer.encode(text))


@given(any_text)
def test_the_pieces_of_a_text_join_to_the_text(text: str) -> None:
    assert text == "".join(tokenizer.pieces(tokenizer.encode(text)))


@given(any_text)
def test_no_text_becomes_a_special_token(text: str) -> None:
    assert not set(tokenizer.SPECIAL_TEXT) & set(tokenizer.encode(text))


@given(token_ids)
def test_any_token_ids_decode_to_some_text(ids: list[int]) -> None:
    assert isinstance(tokenizer.decode(ids), str)
    assert len(ids) == len(tokenizer.pieces(ids))


def test_special_tokens_cannot_be_forged_by_writing_their_names() -> None:
    forged = "<think>hm</think><|end|>"

    assert forged == tokenizer.decode(tokenizer.encode(forged))
    assert tokenizer.Special.END_THINK not in tokenizer.encode(forged)


@cases(
    ("text", "expected"),
    [
        ("Hello there, what is the weather?", ["Hello", " there", ",", " what", " is", " the", " weather", "?"]),
        ("HELLO hello", ["HELLO", " hello"]),
        ("12345", ["123", "45"]),
        ("a  b\n\n", ["a", " ", " b", "\n\n"]),
    ],
)
def test_known_words_are_one_token(text: str, expected: list[str]) -> None:
    assert expected == [tokenizer.token_text(token) for token in tokenizer.encode(text)]


def test_english_takes_fewer_tokens_than_a_third_of_its_letters() -> None:
    text = "The weather in Paris is nice today, and the people walk along the river in the sun. " * 10

    assert len(tokenizer.encode(text)) < len(text) / 3


def test_a_character_of_several_tokens_appears_whole_with_the_last_of_them() -> None:
    assert tokenizer.pieces(tokenizer.encode("🙂")) == ["", "", "", "🙂"]


def test_every_id_below_the_size_is_known_and_the_size_is_not() -> None:
    assert tokenizer.known(0)
    assert tokenizer.known(tokenizer.size() - 1)
    assert not tokenizer.known(tokenizer.size())
    assert not tokenizer.known(-1)
    assert tokenizer.token_text(tokenizer.size()) == ""
