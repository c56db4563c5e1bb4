"""L10: no name becomes a formula in a table that staff download, wherever their spreadsheet begins a cell."""

import pytest

from notifications.announcements.rolls import harmless

FORMULAS = ["=1+1", "+49", "-1", "@home", "＝1", "＋1", "－1", "＠x", "﹢1", "﹣1", "﹦1", "﹫x"]
BEGINNINGS = {
    "nothing": "",
    "a semicolon": "x;",
    "a semicolon and a space": "x; ",
    "a comma": "x,",
    "a bar": "x|",
    "a tab": "x\t",
    "a line break": "x\n",
    "a carriage return": "x\r",
    "a line separator": "x\u2028",
    "a vertical tab": "x\v",
    "a quote": 'x"',
    "a space": " ",
    "a no-break space": "\u00a0",
    "zero width": "\u200b",
    "a byte order mark": "\ufeff",
    "right to left": "\u202e",
    "a soft hyphen": "\u00ad",
    "a control character": "\x01",
    "private use": "\ue000",
    "two of them": "x;\u200b ",
}


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_formula_is_disarmed_behind_whatever_may_begin_a_cell(beginning: str, formula: str) -> None:
    assert harmless(beginning + formula) == f"{beginning}'{formula}"


@pytest.mark.parametrize("name", ["Alice", 'Zoë, "Z"', "Anne-Marie", "O'Neill", "bob@example.org", "x = 1", "李", ""])
def test_names_stay_as_they_are(name: str) -> None:
    assert harmless(name) == name
