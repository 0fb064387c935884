"""What the documents say is there: links lead somewhere, commands are taken, keys of the settings exist."""

import re
import shlex
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token
from typer._click.core import Command
from typer._click.exceptions import BadOptionUsage, MissingParameter, UsageError
from typer.core import TyperGroup
from typer.main import get_command

from bots.__main__ import app
from bots.settings import Settings
from bots.settings_keys import field_at, leaves, variable

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples/README.md", *sorted(ROOT.glob("docs/**/*.md"))]
PROGRAM = get_command(app)
MARKDOWN = MarkdownIt("commonmark").enable("table")

REMARK = re.compile(r"\s{3,}\S.*$")
"""What stands far to the right of a command in a listing is a remark about it."""
NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")
BETWEEN_COMMANDS = re.compile(r"[();<>|&]+")
KEY = re.compile(r"([a-z]+(?:\.[\w-]+)+)(?: =.*)?")
VARIABLE = re.compile(r"SOTAY_[A-Z]+__[A-Z_]+")
PLACE = re.compile(r"((?:bots|core|models|retrieval|tests|deploy|benchmarks|examples)/[\w./-]+)(?:::(\w+))?")
MODULE = re.compile(r"python -m ((?:bots|tests|benchmarks)[\w.]*)")
SLASH_COMMAND = "/sotay"
A_TABLE = re.compile(r"\[[\w.\"-]+\]")
LIKE_KEYS = {
    *(f"answer.{column}" for column in ("cost_usd", "model", "prompt", "reasons", "route")),
}
"""Words that look like keys of the settings and are columns of the database or names of files."""


@dataclass(slots=True)
class Words:
    """What a page holds: `code` are its blocks, `snippets` the code within sentences."""

    targets: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    code: list[str] = field(default_factory=list)
    snippets: list[str] = field(default_factory=list)


def words_of(text: str) -> Words:
    words, headings = Words(), Counter[str]()
    tokens = MARKDOWN.parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in {"fence", "code_block"}:
            words.code.append(token.content)
        for child in token.children or ():
            _take(words, child)
        if before and before.type == "heading_open":
            anchor = anchor_of(token)
            words.anchors.add(f"{anchor}-{headings[anchor]}" if headings[anchor] else anchor)
            headings[anchor] += 1
    return words


def _take(words: Words, child: Token) -> None:
    if child.type == "code_inline":
        words.snippets.append(child.content)
    words.targets += [str(child.attrs[name]) for name in ("href", "src") if name in child.attrs]


def anchor_of(heading: Token) -> str:
    """The name that GitHub gives a heading."""
    shown = "".join(child.content for child in heading.children or () if child.type in {"text", "code_inline"})
    return NOT_IN_AN_ANCHOR.sub("", shown.lower()).replace(" ", "-")


WORDS = {page: words_of(unicodedata.normalize("NFC", page.read_text(encoding="utf-8"))) for page in PAGES}
EVERY_PAGE = [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]


def fault_of_link(page: Path, target: str) -> str | None:
    """What is wrong with a link within the repository, None for nothing."""
    path, _, anchor = unicodedata.normalize("NFC", unquote(target)).partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.exists():
        return f"{target}: no such file"
    known = WORDS.get(file)
    return f"{target}: no such heading" if anchor and known is not None and anchor not in known.anchors else None


def commands_in(code: str) -> Iterator[tuple[list[str], bool]]:
    """The arguments of every `sotay` in lines for the shell, and whether it is only told of, in a listing."""
    for line in re.sub(r"\\\n\s*", " ", code).splitlines():
        without = REMARK.sub("", line.strip())
        told_of = without != line.strip() and "#" not in line
        yield from ((words, told_of) for words in invocations(without))


def invocations(line: str) -> Iterator[list[str]]:
    """The same for one line; what is optional (`[--json]`) counts as given."""
    reader = shlex.shlex(line.removeprefix("$ ").replace("[", "").replace("]", ""), posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    try:
        words = [*reader]
    except ValueError:  # a quotation mark of a sentence
        return
    part: list[str] = []
    for word in [*words, ";"]:
        if not BETWEEN_COMMANDS.fullmatch(word):
            part.append(word)
            continue
        yield from _of_program(part)
        part = []


def _of_program(words: list[str]) -> Iterator[list[str]]:
    """Past `sudo -u sotay`, variables and the like."""
    while words and (words[0] in {"sudo", "env", "time"} or "=" in words[0] or words[0] == "-u"):
        words = words[2:] if words[0] == "-u" else words[1:]
    if words and Path(words[0]).name == "sotay" and words[0] != SLASH_COMMAND:
        yield words[1:]


def fault_of_command(command: Command, arguments: list[str], *, may_lack: bool = False) -> str | None:
    """What the program would say against its arguments, None for nothing; nothing is run."""
    try:
        context = command.make_context(command.name, [*arguments])
        if not isinstance(command, TyperGroup):
            return None
        _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        return fault_of_command(found, rest, may_lack=may_lack) if found else "no such command"
    except typer.Exit:  # --help
        return None
    except (MissingParameter, BadOptionUsage) as error:
        return None if may_lack else error.format_message()
    except UsageError as error:
        return error.format_message()


def is_unknown(key: str) -> bool:
    """Whether it names a section of the settings and nothing in it."""
    path = key.split(".")
    return path[0] in Settings.model_fields and key not in LIKE_KEYS and field_at(Settings, path) is None


def keys_of(values: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of nested tables that holds a value."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from keys_of(value, (*above, name))
        else:
            yield (*above, name)


def fault_of_place(path: str, test: str | None = None) -> str | None:
    """What is wrong with the name of a file, or of a test in it; None for nothing."""
    file = ROOT / path
    if not file.exists():
        return f"{path}: no such file"
    is_there = test is None or f"def {test}(" in file.read_text(encoding="utf-8")
    return None if is_there else f"{path}::{test}: no such test"


def place_of(module: str) -> str:
    """The file of a module, or its folder."""
    path = module.replace(".", "/")
    return path if (ROOT / path).is_dir() else f"{path}.py"


def tables_in(blocks: Iterable[str]) -> Iterator[str]:
    """The blocks that show a settings file."""
    for block in blocks:
        first = next((line for line in block.splitlines() if line and not line.startswith("#")), "")
        if A_TABLE.fullmatch(first) and first.strip("[]").split(".")[0] in Settings.model_fields:
            yield block


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [target for target in WORDS[page].targets if not re.match(r"\w+:", target)]
    assert [fault for target in targets if (fault := fault_of_link(page, target))] == []


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_command_is_one_that_the_program_takes(page: Path) -> None:
    shown = [found for code in WORDS[page].code for found in commands_in(code)]
    said = [(words, True) for snippet in WORDS[page].snippets for words in invocations(snippet) if words]
    faults = [(words, fault_of_command(PROGRAM, words, may_lack=told_of)) for words, told_of in [*shown, *said]]
    assert [(" ".join(words), fault) for words, fault in faults if fault] == []


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_key_of_the_settings_exists(page: Path) -> None:
    found = [match[1] for snippet in WORDS[page].snippets if (match := KEY.fullmatch(snippet))]
    assert [key for key in found if is_unknown(key)] == []
    known = {variable(key) for key, _ in leaves(Settings)}
    assert {name for text in (*WORDS[page].code, *WORDS[page].snippets) for name in VARIABLE.findall(text)} <= known


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_settings_file_that_is_shown_has_known_keys(page: Path) -> None:
    for block in tables_in(WORDS[page].code):
        keys = [*keys_of(tomllib.loads(block))]
        assert [".".join(key) for key in keys if field_at(Settings, key) is None] == []


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_file_module_and_test_that_is_named_is_there(page: Path) -> None:
    named = [(match[1], match[2]) for snippet in WORDS[page].snippets if (match := PLACE.fullmatch(snippet))]
    texts = (*WORDS[page].code, *WORDS[page].snippets)
    run = [(place_of(module), None) for text in texts for module in MODULE.findall(text)]
    assert [fault for path, test in [*named, *run] if (fault := fault_of_place(path, test))] == []


def test_no_page_is_left_out_of_the_first_one() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in WORDS[ROOT / "README.md"].targets}
    assert [page.name for page in PAGES if page.name != "README.md" and page not in linked] == []


def test_every_alert_is_explained_to_vietnamese_administrators() -> None:
    alerts = {anchor for anchor in WORDS[ROOT / "docs/operations.md"].anchors if anchor.startswith("sotay")}
    linked = {target.partition("#")[2] for target in WORDS[ROOT / "docs/vi/quan-tri.md"].targets}
    assert len(alerts) > 20
    assert alerts - linked == set()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("sudo -u sotay sotay backup --to /mnt/nas   # every night", None),
        ("sotay cost --days 7 --by space", None),
        ("sotay backups", "No such command"),
        ("sotay ingest --everything", "No such option"),
        ("sotay restore --verify", "Missing argument"),
        ("cd / && sotay run --only mail", "Invalid value"),
    ],
)
def test_a_command_that_is_wrong_is_found(line: str, fault: str | None) -> None:
    ((words, _),) = commands_in(line)
    said = fault_of_command(PROGRAM, words)
    assert said is None if fault is None else fault in str(said)


def test_a_wrong_link_anchor_or_key_is_found() -> None:
    page = ROOT / "README.md"
    assert fault_of_link(page, "docs/none.md") == "docs/none.md: no such file"
    assert fault_of_link(page, "docs/backup.md#the-exercise") == "docs/backup.md#the-exercise: no such heading"
    assert fault_of_link(page, "docs/backup.md#the-drill") is None
    assert fault_of_place("core/none.py") == "core/none.py: no such file"
    assert fault_of_place("tests/test_docs.py", "test_none") == "tests/test_docs.py::test_none: no such test"
    assert is_unknown("backup.kept")
    assert not is_unknown("spaces.NAME.label")
    assert words_of("# A `b`!\n# A b\n").anchors == {"a-b", "a-b-1"}
