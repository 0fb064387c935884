"""`sotay models check` and `sotay models merge` as people use them."""

import os
import stat
from pathlib import Path

import pytest

from tests.bots.office import Office
from tests.gguf import smollm2_path
from tests.models.adapters import write_adapter, write_qwen_7b

__all__ = ["smollm2_path"]


def office_with(folder: Path, models: str) -> Office:
    office = Office.found(folder)
    settings = folder / "sotay.toml"
    text = settings.read_text(encoding="utf-8").replace('local_base_url = "http://127.0.0.1:9/v1"', models)
    settings.write_text(text, encoding="utf-8")
    return office


def left_in(folder: Path) -> list[Path]:
    """Folders of half-done work."""
    return list(folder.glob(".merging-*"))


class TestCheck:
    async def test_a_card_of_twelve_gb_is_asked_about_before_anything_is_fetched(self, tmp_path: Path) -> None:
        done = await office_with(tmp_path, "n_ctx = 4096").sotay("models", "check", "--gpu-gb", "12", "--json")
        assert (done.status, done.json["fits"]) == (0, True)
        assert (done.json["plan"]["slots"], done.json["plan"]["kept"]) == (16, 10)
        assert done.json["gpu"]["total"] == pytest.approx(10_900, rel=0.01)
        assert list(done.json["presets"]) == ["12 GB", "16 GB", "24 GB", "40 GB"]

    async def test_settings_that_do_not_fit_are_told_what_would(self, tmp_path: Path) -> None:
        office = office_with(tmp_path, f'local = "{write_qwen_7b(tmp_path / "q.gguf")}"\nslots = 16\nkept = 8')
        done = await office.sotay("models", "check", "--gpu-gb", "12", LANG="vi_VN.UTF-8")
        assert done.status == 1
        assert "Không vừa: thiếu 3.7 GB." in done.out
        assert "models.slots = 8, models.kept = 7" in done.out
        assert "models.n_ctx = 5120" in done.out

    async def test_a_file_of_ones_own_is_checked_on_this_machine(self, tmp_path: Path, smollm2_path: Path) -> None:
        done = await office_with(tmp_path, f'local = "{smollm2_path}"\nslots = 2\nkept = 1').sotay("models", "check")
        assert done.status == 0
        assert str(smollm2_path) in done.out
        assert "models.slots): 2" in done.out
        assert "RTX 3060" in done.out

    async def test_a_missing_file_is_an_error_with_the_estimate_before_it(self, tmp_path: Path) -> None:
        done = await office_with(tmp_path, "").sotay("models", "check")
        assert done.status == 1
        assert "models.slots" in done.out
        assert "sotay models fetch qwen2.5-7b-instruct" in done.notes

    async def test_a_model_of_unknown_size_is_an_error_alone(self, tmp_path: Path) -> None:
        done = await office_with(tmp_path, "").sotay("models", "check", "vistral-7b-chat")
        assert (done.status, done.out) == (1, "")
        assert "sotay models fetch vistral-7b-chat" in done.notes

    async def test_models_of_the_search_are_counted_beside_it(self, tmp_path: Path) -> None:
        card = ("models", "check", "--gpu-gb", "12", "--json")
        alone = await office_with(tmp_path, "n_ctx = 4096").sotay(*card)
        search = 'n_ctx = 4096\nembedder = "bge-m3"\nreranker = "bge-reranker-v2-m3"'
        beside = await office_with(tmp_path, search).sotay(*card)
        assert beside.json["gpu"]["other"] - alone.json["gpu"]["other"] == 605 + 606 + 2 * 256
        assert beside.json["plan"]["slots"] + beside.json["plan"]["kept"] < 26
        assert beside.json["fits"]

    async def test_a_model_on_another_server_is_not_looked_for_here(self, tmp_path: Path) -> None:
        done = await office_with(tmp_path, 'local_base_url = "http://gpu1:8000/v1"').sotay("models", "check")
        assert done.status == 0
        assert "http://gpu1:8000/v1" in done.notes

    async def test_a_broken_driver_and_a_build_without_a_gpu_are_said(self, tmp_path: Path, smollm2_path: Path) -> None:
        smi = tmp_path / "nvidia-smi"
        smi.write_text("#!/bin/sh\necho 'RTX 3060, 12288, 11911, 550'\n", encoding="utf-8")
        smi.chmod(smi.stat().st_mode | stat.S_IXUSR)
        path = f"{tmp_path}:{os.environ['PATH']}"
        office = office_with(tmp_path, f'local = "{smollm2_path}"\nn_gpu_layers = 0')
        left_out = await office.sotay("models", "check", PATH=path)
        assert "models.n_gpu_layers bằng 0" in left_out.out
        smi.write_text("#!/bin/sh\necho 'NVML: version mismatch'\nexit 18\n", encoding="utf-8")
        broken = await office.sotay("models", "check", PATH=path)
        assert (broken.status, left_out.status) == (0, 0)
        assert "NVML: version mismatch" in broken.out


class TestMerge:
    async def test_a_merged_file_is_written_and_can_be_checked(self, tmp_path: Path, smollm2_path: Path) -> None:
        lora, out = write_adapter(tmp_path / "lora.gguf"), tmp_path / "out.gguf"
        office = office_with(tmp_path, f'local = "{smollm2_path}"')
        done = await office.sotay("models", "merge", "--lora", str(lora), "--out", str(out), "--type", "q8_0")
        assert done.status == 0, done.notes
        assert "out.gguf" in done.notes
        assert 140_000_000 < out.stat().st_size < 150_000_000
        assert not left_in(tmp_path)
        checked = await office_with(tmp_path, f'local = "{out}"').sotay("models", "check")
        assert checked.status == 0

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--type", "q2_k"], "q4_k_m, q8_0, f16"),
            (["--out", "{tmp}/sotay.toml"], "--out"),
            (["--out", "{tmp}/none/out.gguf"], "none/out.gguf"),
            (["--lora", "{tmp}/none.gguf"], "none.gguf"),
            (["--base", "{tmp}/lora.gguf"], "blk.0.attn_q.weight"),
        ],
    )
    async def test_what_cannot_be_done_is_said_and_nothing_written(
        self, tmp_path: Path, arguments: list[str], words: str
    ) -> None:
        write_adapter(tmp_path / "lora.gguf")
        given = ["--lora", f"{tmp_path}/lora.gguf", "--out", f"{tmp_path}/out.gguf"]
        office = office_with(tmp_path, f'local = "{tmp_path}/lora.gguf"')
        done = await office.sotay("models", "merge", *given, *(part.format(tmp=tmp_path) for part in arguments))
        assert done.status == 1
        assert words in done.notes
        assert "Traceback" not in done.notes
        assert not (tmp_path / "out.gguf").exists()
        assert not left_in(tmp_path)
