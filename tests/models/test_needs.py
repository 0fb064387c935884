"""The estimate of memory against what was measured, and against llama.cpp's own words."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelRejected
from models.anatomy import Anatomy, read_anatomy
from models.catalog import CATALOG
from models.needs import BESIDE_MIB, CUDA_MIB, Plan, buffers_mib, cache_mib, gpu_needs, ram_needs
from tests.gguf import smollm2_path
from tests.models.adapters import write_adapter, write_qwen_7b

__all__ = ["smollm2_path"]


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Anatomy:
    return read_anatomy(write_qwen_7b(tmp_path_factory.mktemp("qwen") / "qwen.gguf"))


class TestAnatomy:
    def test_a_file_tells_what_its_makers_publish(self, qwen: Anatomy) -> None:
        assert (qwen.layers, qwen.embedding, qwen.feed_forward, qwen.heads) == (28, 3584, 18_944, 28)
        assert (qwen.vocabulary, qwen.kv_bytes, qwen.tied) == (152_064, 57_344, False)

    def test_weights_are_split_as_llama_cpp_splits_them(self, qwen: Anatomy) -> None:
        assert (qwen.layer_bytes + qwen.output_bytes) / 2**20 == pytest.approx(4168, abs=1)
        assert qwen.embedding_bytes / 2**20 == pytest.approx(292, abs=1)

    def test_a_shared_table_of_tokens_is_on_the_card_and_in_main_memory(self, smollm2_path: Path) -> None:
        anatomy = read_anatomy(smollm2_path)
        plan = Plan(2048, 1, 0, 512)
        assert anatomy.tied
        assert gpu_needs(anatomy, plan).weights == pytest.approx(smollm2_path.stat().st_size / 2**20, abs=2)
        assert ram_needs(anatomy, plan).weights == pytest.approx(anatomy.embedding_bytes / 2**20)

    def test_the_catalogue_agrees_with_the_file(self, smollm2_path: Path) -> None:
        entry, anatomy = CATALOG["smollm2-135m"].anatomy, read_anatomy(smollm2_path)
        assert entry
        for name in ("layers", "embedding", "feed_forward", "heads", "vocabulary", "kv_bytes"):
            assert getattr(entry, name) == getattr(anatomy, name)

    def test_what_is_no_language_model_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ModelRejected, match="no language model"):
            read_anatomy(write_adapter(tmp_path / "adapter.gguf"))
        (tmp_path / "text.gguf").write_text("not a model")
        with pytest.raises(ModelDamaged):
            read_anatomy(tmp_path / "text.gguf")


WHOLE = [
    ("33 streams of 4096", Plan(4096, 33, 0, 512, drafts=False), 12_321),
    ("9 of 4096", Plan(4096, 9, 0, 512, drafts=False), 4770 + 2174),
    ("17 of 4096", Plan(4096, 17, 0, 512, drafts=False), 4770 + 3968),
    ("17 of 8192", Plan(8192, 16, 1, 512, drafts=False), 4770 + 7782),
    ("1 of 8192", Plan(8192, 1, 0, 512, drafts=False), 4770 + 610),
    ("1 of 8192, all tokens give logits", Plan(8192, 512, -511, 512, drafts=False), 5537),
    ("the same without flash attention", Plan(8192, 512, -511, 512, flash_attention=False, drafts=False), 5867),
]


class TestMeasured:
    @pytest.mark.parametrize(("plan", "mib"), [row[1:] for row in WHOLE], ids=[row[0] for row in WHOLE])
    def test_the_whole_card_is_within_one_percent(self, qwen: Anatomy, plan: Plan, mib: int) -> None:
        assert gpu_needs(qwen, plan).total == pytest.approx(mib, rel=0.01)

    @pytest.mark.parametrize(("n_batch", "mib"), [(256, 152), (512, 304), (1024, 608), (2048, 1216)])
    def test_buffers_where_every_token_gives_logits(self, qwen: Anatomy, n_batch: int, mib: int) -> None:
        plan = Plan(4096, n_batch, 1 - n_batch, n_batch, drafts=False)
        assert buffers_mib(qwen, plan) == pytest.approx(mib, abs=1)

    @pytest.mark.parametrize(("n_batch", "mib"), [(256, 71.5), (512, 143.0), (1024, 286.0), (2048, 572.1)])
    def test_buffers_where_few_tokens_do(self, qwen: Anatomy, n_batch: int, mib: float) -> None:
        assert buffers_mib(qwen, Plan(4096, 1, 0, n_batch)) == pytest.approx(mib, rel=0.01)

    @pytest.mark.parametrize(("streams", "n_ctx", "mib"), [(1, 8192, 448), (8, 4096, 1792), (16, 8192, 7168)])
    def test_the_cache(self, qwen: Anatomy, streams: int, n_ctx: int, mib: int) -> None:
        assert cache_mib(qwen, Plan(n_ctx, streams - 1, 1, 512)) == mib


class TestShares:
    def test_layers_are_shared_out_between_card_and_main_memory(self, qwen: Anatomy) -> None:
        half = Plan(4096, 4, 4, 512, gpu_layers=15)
        card, memory = gpu_needs(qwen, half), ram_needs(qwen, half)
        whole = gpu_needs(qwen, replace(half, gpu_layers=-1))
        assert card.cache == memory.cache == whole.cache / 2
        assert card.weights + memory.weights == pytest.approx(whole.weights + qwen.embedding_bytes / 2**20)

    def test_all_layers_can_be_counted_out(self, qwen: Anatomy) -> None:
        assert gpu_needs(qwen, Plan(4096, 4, 4, 512, gpu_layers=99)) == gpu_needs(qwen, Plan(4096, 4, 4, 512))

    def test_a_cpu_needs_no_card(self, qwen: Anatomy) -> None:
        plan = Plan(4096, 4, 4, 512, gpu_layers=0)
        assert gpu_needs(qwen, plan).total == 0
        assert ram_needs(qwen, plan).weights == pytest.approx(4460, abs=1)

    def test_cuda_is_counted_once(self, qwen: Anatomy) -> None:
        assert gpu_needs(qwen, Plan(4096, 1, 0, 512)).other == CUDA_MIB + BESIDE_MIB
