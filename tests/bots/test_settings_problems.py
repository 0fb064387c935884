"""Wrong settings: each is refused with its place, its key and what would be good, and shows no secret."""

import os
from pathlib import Path

import pytest

from bots.settings import load_settings
from bots.settings_problems import Rejected

CANARY = "canary-4711"

# What the file holds, and the sentence that must come of it, FILE standing for the file's path.
WRONG_FILES = {
    # unknown keys
    "key": ('[routing]\nstrategi = "local"', "FILE:2: unknown key routing.strategi; did you mean routing.strategy?"),
    "section": ("\n[routng]\nx = 1", "FILE:2: unknown key routng; did you mean routing?"),
    "key without its section": ('strategy = "local"', "FILE:1: unknown key strategy; did you mean routing.strategy?"),
    "key in the wrong section": (
        "[routing]\nn_ctx = 4096",
        "FILE:2: unknown key routing.n_ctx; did you mean models.n_ctx?",
    ),
    "key of a space": (
        '[spaces.chung]\nlable = "public"',
        "FILE:2: unknown key spaces.chung.lable; did you mean spaces.chung.label?",
    ),
    "dotted key": ("search.passage = 1", "FILE:1: unknown key search.passage; did you mean search.passages?"),
    "inline key": ("\nsearch = {passage = 1}", "FILE:2: unknown key search.passage; did you mean search.passages?"),
    "key in other letters": ("[Search]\npassages = 1", "FILE:1: unknown key Search; did you mean search?"),
    "key with a hyphen": ("[models]\nn-ctx = 600", "FILE:2: unknown key models.n-ctx; did you mean models.n_ctx?"),
    "key like nothing": ("qqqqqq = 1", "FILE:1: unknown key qqqqqq; docs/settings.md lists all keys."),
    "key with a line break": ('"a\\nb" = 1', 'FILE:1: unknown key "a\\nb"; docs/settings.md lists all keys.'),
    "space with a dot": ("[spaces.a.b]\n", "FILE:1: unknown key spaces.a.b; docs/settings.md lists all keys."),
    # choices
    "strategy": (
        '[routing]\nstrategy = "fast"',
        'FILE:2: routing.strategy is "fast", but must be one of local, hybrid, api.',
    ),
    "language": ('[office]\nlanguage = "fr"', 'FILE:2: office.language is "fr", but must be one of vi, en.'),
    "console language": (
        '[console]\nlanguage = ""',
        'FILE:2: console.language is "", but must be one of vi, en, auto.',
    ),
    "label": (
        '[spaces.a]\nlabel = "secret"',
        'FILE:2: spaces.a.label is "secret", but must be one of public, internal, confidential.',
    ),
    "mode": ("[slack]\nmode = 1", "FILE:2: slack.mode is 1, but must be one of socket, http."),
    "telegram mode": (
        "[telegram]\nmode = ['polling']",
        "FILE:2: telegram.mode is [...], but must be one of polling, webhook.",
    ),
    "level": (
        '[log]\nlevel = "LOUD"',
        'FILE:2: log.level is "LOUD", but must be one of debug, info, warning, error.',
    ),
    # numbers
    "too small": ("[search]\npassages = 0", "FILE:2: search.passages is 0, but must be a whole number from 1 to 50."),
    "too large": ("[search]\npassages = 51", "FILE:2: search.passages is 51, but must be a whole number from 1 to 50."),
    "fraction": (
        "[search]\npassages = 2.5",
        "FILE:2: search.passages is 2.5, but must be a whole number from 1 to 50.",
    ),
    "true as a number": (
        "[models]\nqueue_size = true",
        "FILE:2: models.queue_size is true, but must be a whole number from 1 to 10000.",
    ),
    "word as a number": (
        '[models]\nn_ctx = "big"',
        'FILE:2: models.n_ctx is "big", but must be a whole number from 512 to 1048576.',
    ),
    "no lower bound but -1": (
        "[models]\nn_gpu_layers = -2",
        "FILE:2: models.n_gpu_layers is -2, but must be a whole number of at least -1.",
    ),
    "threads": (
        "[models]\nn_threads = 0",
        "FILE:2: models.n_threads is 0, but must be a whole number from 1 to 1024.",
    ),
    "threshold": (
        "[routing]\nsimple_threshold = 1.1",
        "FILE:2: routing.simple_threshold is 1.1, but must be a number from 0 to 1.",
    ),
    "temperature": (
        "[models]\ntemperature = -0.1",
        "FILE:2: models.temperature is -0.1, but must be a number from 0 to 2.",
    ),
    "not a number": (
        "[openrouter]\nmax_price_prompt = nan",
        "FILE:2: openrouter.max_price_prompt is NaN, but must be a number of at least 0.",
    ),
    "endless": (
        "[answer]\ndeadline_seconds = inf",
        "FILE:2: answer.deadline_seconds is Infinity, but must be a number from 1 to 3600.",
    ),
    "date as a number": (
        "[ingest]\nmax_file_mb = 2026-01-01",
        'FILE:2: ingest.max_file_mb is "2026-01-01", but must be a number from 0.001 to 10000.',
    ),
    "negative calls": (
        "[routing]\nmax_api_calls_per_hour = -1",
        "FILE:2: routing.max_api_calls_per_hour is -1, but must be a whole number from 0 to 1000000.",
    ),
    # flags
    "flag": (
        '[openrouter]\nenabled = "perhaps"',
        'FILE:2: openrouter.enabled is "perhaps", but must be true or false.',
    ),
    "flag as a number": (
        "[models]\nflash_attention = 2",
        "FILE:2: models.flash_attention is 2, but must be true or false.",
    ),
    "may leave": (
        '[spaces.a]\nmay_leave = "no idea"',
        'FILE:2: spaces.a.may_leave is "no idea", but must be true or false.',
    ),
    "public kept in": (
        '[spaces.a]\nlabel = "public"\nmay_leave = false',
        (
            "FILE:3: spaces.a.may_leave cannot be false for a public space. "
            "Give the space the label internal to keep it in the office."
        ),
    ),
    # texts, addresses, paths
    "empty text": (
        '[office]\nname = "  "',
        'FILE:2: office.name is "  ", but must be a text in quotes that is not empty.',
    ),
    "number as a text": (
        "[models]\nlocal = 7",
        "FILE:2: models.local is 7, but must be a text in quotes that is not empty.",
    ),
    "table as a text": (
        "[models.local]\nname = 1",
        "FILE:1: models.local is {...}, but must be a text in quotes that is not empty.",
    ),
    "address": (
        '[slack]\napi_url = "slack.com/api"',
        (
            'FILE:2: slack.api_url is "slack.com/api", but must be an address such as https://host:8000/v1, '
            "without user name and password."
        ),
    ),
    "address of another kind": (
        '[models]\nhub_url = "ftp://host"',
        (
            'FILE:2: models.hub_url is "ftp://host", but must be an address such as https://host:8000/v1, '
            "without user name and password."
        ),
    ),
    "address with a bad port": (
        '[openrouter]\nbase_url = "http://host:99999"',
        (
            'FILE:2: openrouter.base_url is "http://host:99999", but must be an address such as https://host:8000/v1, '
            "without user name and password."
        ),
    ),
    "address with a password": (
        f'[models]\nlocal_base_url = "http://bot:{CANARY}@host/v1"',
        (
            'FILE:2: models.local_base_url is "http://bot:********@host/v1", but must be an address such as '
            "https://host:8000/v1, without user name and password."
        ),
    ),
    "database": (
        f'[data]\ndatabase_url = "mysql://bot:{CANARY}@host/db"',
        (
            'FILE:2: data.database_url is "mysql://bot:********@host/db", but must start with sqlite+aiosqlite:/// or '
            "postgresql+asyncpg:// and name a database."
        ),
    ),
    "time zone": (
        '[office]\ntimezone = "Asia/Ho_Chi_Min"',
        'FILE:2: office.timezone is "Asia/Ho_Chi_Min", but must be a time zone name such as Asia/Ho_Chi_Minh.',
    ),
    "home of nobody": (
        '[data]\ndirectory = "~nobody-here/x"',
        'FILE:2: data.directory is "~nobody-here/x", but must be a path that this machine can have.',
    ),
    "zero byte in a path": (
        '[spaces.a]\nsources = ["x", "a\\u0000b"]',
        'FILE:2: spaces.a.sources is "a\\u0000b", but must be a path that this machine can have.',
    ),
    "number as a path": (
        "[data]\ndirectory = 5",
        "FILE:2: data.directory is 5, but must be a text in quotes that is not empty.",
    ),
    "long value": (
        f'[log]\nlevel = "{"x" * 500}"',
        f'FILE:2: log.level is "{"x" * 59}..., but must be one of debug, info, warning, error.',
    ),
    # lists, tables, names
    "text as a list": (
        '[spaces.a]\nsources = "x"',
        'FILE:2: spaces.a.sources must be a list of texts, such as ["one", "two"].',
    ),
    "number in a list": (
        '[groups]\nstaff = ["lan", 5]',
        'FILE:2: groups.staff must be a list of texts, such as ["one", "two"].',
    ),
    "empty list": (
        "[openrouter]\nmodels = []",
        'FILE:2: openrouter.models must be a list of texts, such as ["one", "two"].',
    ),
    "names as numbers": (
        '[telegram]\nallowed = ["@lan"]',
        "FILE:2: telegram.allowed must be a list of whole numbers, such as [123, 456].",
    ),
    "text as a section": ('search = "5"', "FILE:1: search must be a table, written as [search] with its keys below."),
    "list of sections": ("[[models]]\n", "FILE:1: models must be a table, written as [models] with its keys below."),
    "text as a space": (
        '[spaces]\nchung = "handbook"',
        "FILE:2: spaces.chung must be a table, written as [spaces.chung] with its keys below.",
    ),
    "list as groups": ('groups = ["lan"]', "FILE:1: groups must be a table, written as [groups] with its keys below."),
    "group's name": (
        '[groups]\n"a b" = []',
        'FILE:2: groups."a b" is not a good name. Use letters, digits, hyphens and underscores only.',
    ),
    "unknown group": (
        '[groups]\nstaff = []\n[spaces.a]\naudience = ["staf"]',
        "FILE:4: spaces.a.audience names the group staf, which is not in [groups]; did you mean staff?",
    ),
    "group like none": (
        '[spaces.a]\naudience = ["board"]',
        (
            "FILE:2: spaces.a.audience names the group board, which is not in [groups]. "
            "Add the group there or take it out here."
        ),
    ),
    "default group gone": (
        '[groups]\nhr = ["hoa"]\n[spaces.a]\nsources = ["x"]',
        (
            "FILE:3: spaces.a.audience names the group staff, which is not in [groups]. "
            "Add the group there or take it out here."
        ),
    ),
    # secrets
    "secret as a number": (
        "[openrouter]\napi_key = 4711",
        "FILE:2: openrouter.api_key must be a text in quotes that is not empty.",
    ),
    "empty secret": ("[slack]\nbot_token = ''", "FILE:2: slack.bot_token must be a text in quotes that is not empty."),
    "secret in a list": (
        f'[telegram]\ntoken = ["{CANARY}"]',
        "FILE:2: telegram.token must be a text in quotes that is not empty.",
    ),
    "secret in place of a section": (
        f'openrouter = "{CANARY}"',
        "FILE:1: openrouter must be a table, written as [openrouter] with its keys below.",
    ),
    "secret under a misspelt key": (
        f'[openrouter]\napikey = "{CANARY}"',
        "FILE:2: unknown key openrouter.apikey; did you mean openrouter.api_key?",
    ),
    "token in the wrong place": (
        f'[slack]\nmode = "xoxb-{CANARY}"',
        'FILE:2: slack.mode is "********", but must be one of socket, http.',
    ),
    # not TOML
    "no value": ("[search]\npassages =", "FILE:2:11: not valid TOML: Invalid value."),
    "no quotes": (
        f"[openrouter]\napi_key = {CANARY}",
        "FILE:2:11: not valid TOML: Invalid value.",
    ),
    "key twice": (
        "[search]\npassages = 1\npassages = 2",
        "FILE:3:13: not valid TOML: Cannot overwrite a value.",
    ),
    "open text": ('[office]\nname = "x', "FILE:2:10: not valid TOML: Unterminated string."),
}


def refusal(config: Path | None, environ: dict[str, str]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        load_settings(config, environ)
    return caught.value


@pytest.mark.parametrize(("text", "sentence"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_wrong_file_is_refused_with_place_key_and_reason(tmp_path: Path, text: str, sentence: str) -> None:
    config = tmp_path / "sotay.toml"
    config.write_text(text, encoding="utf-8")
    rejected = refusal(config, {})
    assert str(rejected) == sentence.replace("FILE", str(config))
    assert rejected.__cause__ is None
    assert CANARY not in f"{rejected!r} {rejected.__dict__} {rejected.text('vi')}"
    assert rejected.text("vi") != str(rejected)


def test_at_least_fifty_wrong_files_are_tried() -> None:
    assert len(WRONG_FILES) >= 50


WRONG_VARIABLES = {
    "unknown key": (
        {"SOTAY_ROUTING__STRATEGI": "x"},
        "SOTAY_ROUTING__STRATEGI: unknown setting; did you mean SOTAY_ROUTING__STRATEGY?",
    ),
    "one underscore": (
        {"SOTAY_ROUTING_STRATEGY": "x"},
        "SOTAY_ROUTING_STRATEGY: unknown setting; did you mean SOTAY_ROUTING__STRATEGY?",
    ),
    "config": ({"SOTAY_CONFG": "x"}, "SOTAY_CONFG: unknown setting; did you mean SOTAY_CONFIG?"),
    "like nothing": ({"SOTAY_QQ": "x"}, "SOTAY_QQ: unknown setting; docs/settings.md lists all names."),
    "below a key": (
        {"SOTAY_SEARCH__PASSAGES__X": "1"},
        "SOTAY_SEARCH__PASSAGES__X: unknown setting; did you mean SOTAY_SEARCH__PASSAGES?",
    ),
    "bad value": (
        {"SOTAY_SEARCH__PASSAGES": "many"},
        'SOTAY_SEARCH__PASSAGES: search.passages is "many", but must be a whole number from 1 to 50.',
    ),
    "broken JSON": (
        {"SOTAY_OPENROUTER__MODELS": '["a"'},
        'SOTAY_OPENROUTER__MODELS: openrouter.models must be a list of texts, such as ["one", "two"].',
    ),
    "broken JSON of a section": (
        {"SOTAY_OPENROUTER": '{"api_key": "' + CANARY},
        "SOTAY_OPENROUTER: openrouter must be a table, written as [openrouter] with its keys below.",
    ),
    "unknown key in JSON": (
        {"SOTAY_OPENROUTER": '{"apikey": "' + CANARY + '"}'},
        "SOTAY_OPENROUTER: unknown key openrouter.apikey; did you mean openrouter.api_key?",
    ),
    "bytes that are no text": (
        {"SOTAY_LOG__LEVEL": os.fsdecode(b"\xff")},
        'SOTAY_LOG__LEVEL: log.level is "\\udcff", but must be one of debug, info, warning, error.',
    ),
}


@pytest.mark.parametrize(("environ", "sentence"), WRONG_VARIABLES.values(), ids=WRONG_VARIABLES.keys())
def test_a_wrong_variable_is_refused_by_its_name(tmp_path: Path, environ: dict[str, str], sentence: str) -> None:
    config = tmp_path / "sotay.toml"
    config.touch()
    rejected = refusal(config, environ)
    assert str(rejected) == sentence
    assert CANARY not in f"{rejected!r} {rejected.__dict__}"


def test_wrong_credentials_are_refused_by_their_files(tmp_path: Path) -> None:
    (tmp_path / "openrouter.api_kee").write_text(CANARY)
    (tmp_path / "SOTAY_SLACK__TOKEN").write_text(CANARY)
    (tmp_path / "slack.bot_token").write_bytes(b"\xff\xfe")
    (tmp_path / "telegram.token").mkdir()
    rejected = refusal(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert sorted(str(rejected).splitlines()) == [
        f"{tmp_path}/SOTAY_SLACK__TOKEN: unknown setting; did you mean SOTAY_SLACK__BOT_TOKEN?",
        f"{tmp_path}/openrouter.api_kee: unknown setting; did you mean openrouter.api_key?",
        f"The credential {tmp_path}/slack.bot_token cannot be read as text. Check its permissions and store it again.",
        f"The credential {tmp_path}/telegram.token cannot be read as text. Check its permissions and store it again.",
    ]


def test_a_missing_credentials_folder_is_named(tmp_path: Path) -> None:
    rejected = refusal(None, {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")})
    assert str(rejected).startswith(f"The credential {tmp_path}/none cannot be read")


def test_files_that_are_no_settings_are_named(tmp_path: Path) -> None:
    legacy, missing = tmp_path / "legacy.toml", tmp_path / "missing.toml"
    legacy.write_bytes("name = 'Sổ'".encode("utf-16"))
    assert "is not UTF-8 text. Save it again as UTF-8." in str(refusal(legacy, {}))
    assert f"{missing} does not exist" in str(refusal(missing, {}))
    assert f"{missing} does not exist" in str(refusal(None, {"SOTAY_CONFIG": str(missing)}))
    assert f"{tmp_path} cannot be read (Is a directory)" in str(refusal(tmp_path, {}))


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "1" * 5000], ids=["brackets", "digits"])
def test_a_file_made_to_break_the_parser_is_only_refused(tmp_path: Path, text: str) -> None:
    config = tmp_path / "sotay.toml"
    config.write_text(text)
    assert f"{config}:1:{len(text) + 1}: not valid TOML" in str(refusal(config, {}))


def test_several_problems_come_together_in_the_order_of_their_lines(tmp_path: Path) -> None:
    config = tmp_path / "sotay.toml"
    config.write_text(
        '[spaces.a]\naudience = ["staf"]\n[search]\npassages = 0\npasages = 1\n[log]\nlevel = "x"\n', encoding="utf-8"
    )
    lines = str(refusal(config, {"SOTAY_QQ": "1", "SOTAY_SEARCH__CANDIDATES": "0"})).splitlines()
    starts = [f"{config}:2: ", f"{config}:4: ", f"{config}:5: ", f"{config}:7: ", "SOTAY_", "SOTAY_"]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
