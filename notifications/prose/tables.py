"""Tables: lines that begin with a bar, the second of which says of each column how it is aligned."""

import re
from itertools import takewhile

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit

COLUMN = re.compile(r"(:?)-+(:?)")
CLASSES = {("", ":"): "is-end", (":", ":"): "is-middle"}
"""What cells are told of their column; where nothing is said, they begin where the text does."""


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Make a table of lines that are one: a head, the line of the columns, and at least one row."""
    head, line, row = (_cells(state, start + place, end) for place in range(3))
    columns = [COLUMN.fullmatch(cell) for cell in line]
    if not row or not columns or not all(columns) or len(columns) != len(head):
        return False
    if not silent:
        rows = list(takewhile(bool, (_cells(state, each, end) for each in range(start + 2, end))))
        classes = [CLASSES.get((column[1], column[2]), "") if column else "" for column in columns]
        _push_table(state, start, head, rows, classes)
        state.line = start + 2 + len(rows)
    return True


def _cells(state: StateBlock, line: int, end: int) -> list[str]:
    """Return the cells of a line, none if it is no row of a table."""
    if line >= end or state.sCount[line] < state.blkIndent:
        return []
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    if not text.startswith("|"):
        return []
    _, *cells = escapedSplit(text)
    return [cell.strip() for cell in (cells if cells and cells[-1] else cells[:-1])]


def _push_table(state: StateBlock, start: int, head: list[str], rows: list[list[str]], classes: list[str]) -> None:
    state.push("table_open", "table", 1)
    state.push("thead_open", "thead", 1)
    _push_row(state, start, "th", head, classes)
    state.push("thead_close", "thead", -1)
    state.push("tbody_open", "tbody", 1)
    for line, cells in enumerate(rows, start + 2):
        _push_row(state, line, "td", cells, classes)
    state.push("tbody_close", "tbody", -1)
    state.push("table_close", "table", -1)


def _push_row(state: StateBlock, line: int, tag: str, cells: list[str], classes: list[str]) -> None:
    # A row may have fewer cells than there are columns, or more: none of them is left out.
    state.push("tr_open", "tr", 1)
    for place, cell in enumerate(cells):
        opening = state.push(f"{tag}_open", tag, 1)
        if place < len(classes) and classes[place]:
            opening.attrs["class"] = classes[place]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = cell, [line, line + 1], []
        state.push(f"{tag}_close", tag, -1)
    state.push("tr_close", "tr", -1)
