"""How many forms of a credential there are: each is looked for in all that a server sends."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.spellings import ENCODED_PERCENT, spellings


@given(st.text(string.ascii_letters + string.digits + "-._~", min_size=8, max_size=64))
def test_a_token_that_no_encoder_changes_costs_nothing_more(token: str) -> None:
    # As it is, in other letters, in hexadecimal digits, and in base64.
    assert len(spellings(token)) <= 13
    assert not any("%" in each for each in spellings(token))


@pytest.mark.parametrize(
    "token", ["Zx9+Qw/7abcDEF123+/xyz==", "Bearer Zx9+Qw/7a==", "a%2Bb%2Fc%3Dd-e12345"]
)
def test_a_token_in_base64_has_some_dozens(token: str) -> None:
    assert len(spellings(token)) < 80


def test_a_long_secret_is_known_in_hexadecimal_digits_and_in_other_letters() -> None:
    secret = "sk-live-9f8e7d6C"
    digits = secret.encode().hex()
    assert {digits, digits.upper(), secret.upper(), secret.lower()} <= spellings(secret)


def test_a_short_one_is_not_looked_for_in_other_letters() -> None:
    assert "WEATHER-1" not in spellings("weather-1")


@given(st.text(min_size=8, max_size=64))
def test_any_secret_has_some_hundreds_at_most_and_most_of_them_by_their_mark(token: str) -> None:
    spelled = spellings(token)
    assert len(spelled) < 400
    assert sum(ENCODED_PERCENT not in each for each in spelled) < 120
