"""The words that a text is found by."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from messaging.search.tokens import LONGEST, SIGNS, Token, tokens, words

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def test_words_are_folded_and_know_their_places() -> None:
    assert list(tokens("Foo, BAR v2")) == [
        Token("foo", 0, 3),
        Token("bar", 5, 8),
        Token("v", 9, 10),
        Token("2", 10, 11),
    ]
    assert list(tokens("Straße, Öl")) == [Token("strasse", 0, 6), Token("ol", 8, 10)]


def test_what_is_no_letter_separates_or_stands_alone() -> None:
    assert words("a_b*c~d|e>f`g") == list("abcdefg")
    assert words("C++ @alice #42 5€") == ["c", "+", "+", "@", "alice", "#", "42", "5", "€"]
    assert words("v1.2 dev1 vé v1é") == ["v", "1", "2", "dev1", "ve", "v", "1e"]


def test_characters_of_scripts_without_spaces_are_words() -> None:
    assert words("日本ABC語") == ["日", "本", "abc", "語"]
    assert words("ｶﾞｽ") == ["ガ", "ス"]
    assert words("กี่") == ["ก", "ี", "่"]
    assert words("학교에서") == ["학교에서"]


def test_signs_that_are_made_of_letters_stand_apart() -> None:
    assert words("Foo™ 5㎏") == ["foo", "tm", "5", "kg"]
    assert len(words("ﷺ")) == 4


def test_a_word_has_a_longest() -> None:
    assert words("x" * 100) == words("x" * LONGEST) == ["x" * LONGEST]
    assert words("é" * 100) == ["e" * LONGEST]


@given(ANYTHING)
def test_every_text_has_words_that_no_database_takes_for_more(text: str) -> None:
    found = list(tokens(text))
    for word, start, end in found:
        assert 0 <= start < end <= len(text)
        assert 0 < len(word) <= LONGEST
        assert not set(word) & set("'\"\\~ \0\t\n")
        assert word in SIGNS or not word.isascii() or (word.isalnum() and word == word.lower())
    assert [token.start for token in found] == sorted(token.start for token in found)


@given(ANYTHING)
def test_how_a_text_is_encoded_makes_no_difference(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(ANYTHING, ANYTHING)
def test_texts_side_by_side_are_the_words_of_both(one: str, other: str) -> None:
    assert words(f"{one} {other}") == words(one) + words(other)


@given(ANYTHING)
def test_words_are_the_words_of_themselves(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
