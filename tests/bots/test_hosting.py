"""One setting puts the local model into a process of its own."""

from pathlib import Path

import pytest

from bots.local_model import SERVER_SLOTS, answers_at_once, open_local_model
from bots.settings import load_settings
from core.ports import Completion
from models.llama import HostedModel, LlamaModel
from tests.bots.office import NOWHERE, Office
from tests.gguf import smollm2_path
from tests.models.llama.asking import request

__all__ = ["smollm2_path"]


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        pytest.param('host = "child"\n', HostedModel, id="child"),
        pytest.param('host = "inline"\n', LlamaModel, id="inline"),
        pytest.param("", LlamaModel, id="left out without a card"),
    ],
)
async def test_the_local_model_runs_where_the_setting_says(
    tmp_path: Path, smollm2_path: Path, host: str, kind: type
) -> None:
    office = Office.found(tmp_path)
    file = office.folder / "sotay.toml"
    local = f'local = "{smollm2_path}"\n{host}n_ctx = 1024\nn_gpu_layers = 0\nn_threads = 1\nslots = 3\n'
    settings = file.read_text(encoding="utf-8").replace(f'local_base_url = "{NOWHERE}"', local)
    file.write_text(settings, encoding="utf-8")
    chosen = load_settings(file, {})
    async with open_local_model(chosen) as model:
        assert isinstance(model, kind)
        assert answers_at_once(chosen, model) == 3
        assert answers_at_once(load_settings(file, {"SOTAY_INBOX__SLOTS": "5"}), model) == 5
        items = [item async for item in model.stream(request(max_tokens=4))]
    assert isinstance(items[-1], Completion)


async def test_a_server_gets_a_few_questions_at_once(tmp_path: Path) -> None:
    chosen = load_settings(Office.found(tmp_path).folder / "sotay.toml", {})
    async with open_local_model(chosen) as model:
        assert answers_at_once(chosen, model) == SERVER_SLOTS
