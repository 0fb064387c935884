"""Lines of keys: every key of a TOML text is found on the line where a person sees it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.settings_lines import key_lines

CASES = {
    "a plain key": ("a = 1", {("a",): 1}),
    "a key under its table": ("[t]\n\na = 1", {("t",): 1, ("t", "a"): 3}),
    "a dotted key and its tables": ("a.b . c = 1", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1}),
    "a dotted header": ("x = 1\n[a.b]\nc = 1", {("x",): 1, ("a",): 2, ("a", "b"): 2, ("a", "b", "c"): 3}),
    "quoted names": ('["a.b".\'c d\']\n"é\\u0041" = 1', {("a.b",): 1, ("a.b", "c d"): 1, ("a.b", "c d", "éA"): 2}),
    "comments with brackets": ("# [no]\na = 1 # b = 2\n[t] # [u]\nc = 3", {("a",): 2, ("t",): 3, ("t", "c"): 4}),
    "a list over lines": ('a = [ # [x\n  "b = 1",\n  "]",\n]\nc = 1', {("a",): 1, ("c",): 5}),
    "texts over lines": (
        'a = """\nb = 1\n\\""""""\nc = \'\'\'\n[d]\n\'\'\'\'\'\ne = 1',
        {("a",): 1, ("c",): 4, ("e",): 7},
    ),
    "texts with quotes and brackets": ("a = '[\"'\nb = \"\\\"[#\"\nc = ''", {("a",): 1, ("b",): 2, ("c",): 3}),
    "a table in a line": ("a = { b = 1, c = [1] }\nd = 1", {("a",): 1, ("d",): 2}),
    "a list of tables": ("[[t]]\na = 1\n[[t]]\na = 2", {("t",): 1, ("t", "a"): 2}),
    "line ends of Windows": ("a = 1\r\n[t]\r\nb = 2\r\n", {("a",): 1, ("t",): 2, ("t", "b"): 3}),
    "nothing": ("# only a comment", {}),
}


@pytest.mark.parametrize(("text", "lines"), CASES.values(), ids=CASES.keys())
def test_keys_are_on_their_lines(text: str, lines: dict[tuple[str, ...], int]) -> None:
    tomllib.loads(text)  # the case itself is valid
    assert key_lines(text) == lines


VALUES = st.sampled_from(
    ["1", "true", '"a # b"', "'[c]'", '[1,\n 2, # "\n]', '"""\nx = 1\n[y]\n"""', "{ z = [1] }", "1979-05-27"]
)
BREAKS = st.sampled_from(["\n", "\n\n", "\n# note = [1\n", "  # [t]\n"])


@given(st.lists(st.tuples(VALUES, BREAKS), max_size=12))
def test_no_value_and_no_comment_moves_the_keys_below_it(parts: list[tuple[str, str]]) -> None:
    text, expected = "", {}
    for number, (value, end) in enumerate(parts):
        expected[f"k{number}",] = text.count("\n") + 1
        text += f"k{number} = {value}{end}"
    assert key_lines(text) == expected
    assert set(tomllib.loads(text)) == {name for (name,) in expected}
