"""The models that Sổ Tay knows: where each file is, what it must be, what it may be used for and what it needs."""

from dataclasses import dataclass
from enum import StrEnum

from models.anatomy import Anatomy
from models.machine import MIB
from models.needs import Plan, gpu_needs
from models.parts_index import CODER_05B, CODER_15B, SMOLLM2_135M, Part

BATCH = 512


class Use(StrEnum):
    """What a model is in the catalogue for."""

    ANSWERS = "answers"
    DEMO = "demo"
    TESTS = "tests"
    EMBEDDINGS = "embeddings"
    RERANKING = "reranking"


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a model hub. `revision` is a commit where one was seen with the file's hash, else a branch."""

    repo: str
    file: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class Shape:
    """The published sizes of a model's network."""

    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int

    @property
    def kv_bytes(self) -> int:
        """What one token takes in the cache: keys and values, at f16."""
        return self.layers * self.kv_heads * self.head_size * 2 * 2


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model file. None stands for "not known", never for zero.

    `host_mib` of the weights stay in main memory when all layers are on the GPU. `guided` models are so small that
    only a grammar makes them cite.
    """

    name: str
    title: str
    file: str
    use: Use
    licence: str
    notes: str
    hub: HubFile | None = None
    parts: tuple[Part, ...] = ()
    size: int | None = None
    sha256: str | None = None
    shape: Shape | None = None
    host_mib: int = 0
    guided: bool = False

    @property
    def anatomy(self) -> Anatomy | None:
        """What memory follows from, before the file is here; the file itself says it to the byte."""
        if self.size is None or self.shape is None:
            return None
        shape, host = self.shape, self.host_mib * MIB
        return Anatomy(
            layers=shape.layers,
            embedding=shape.embedding,
            feed_forward=shape.feed_forward,
            heads=shape.heads,
            vocabulary=shape.vocabulary,
            kv_bytes=shape.kv_bytes,
            layer_bytes=self.size - host,
            output_bytes=0,
            embedding_bytes=host,
        )

    def vram_mib(self, context: int, sequences: int = 1) -> int | None:
        """Estimated memory on the GPU in MiB, with all layers there, f16 cache and flash attention."""
        if self.anatomy is None:
            return None
        return gpu_needs(self.anatomy, Plan(context, sequences, 0, BATCH)).total


CHATML = "ChatML; the template in the file adds a system message of its own when the prompt has none."

ENTRIES = (
    CatalogEntry(
        name="qwen2.5-7b-instruct",
        title="Qwen2.5-7B-Instruct Q4_K_M",
        file="Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        use=Use.ANSWERS,
        licence="Apache-2.0",
        notes=f"The default for production. {CHATML}",
        hub=HubFile(
            "bartowski/Qwen2.5-7B-Instruct-GGUF",
            "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            "8911e8a47f92bac19d6f5c64a2e2095bd2f7d031",
        ),
        size=4_683_074_240,
        sha256="65b8fcd92af6b4fefa935c625d1ac27ea29dcb6ee14589c55a8f115ceaaa1423",
        shape=Shape(28, 3584, 18_944, 28, 4, 128, 152_064),
        host_mib=292,  # 152,064 x 3,584 at Q4_K
    ),
    CatalogEntry(
        name="qwen2.5-3b-instruct",
        title="Qwen2.5-3B-Instruct Q4_K_M",
        file="qwen2.5-3b-instruct-q4_k_m.gguf",
        use=Use.ANSWERS,
        licence="Qwen Research License",
        notes=f"For research use only, NOT for use in a company: its licence is non-commercial. {CHATML}",
        hub=HubFile(
            "Qwen/Qwen2.5-3B-Instruct-GGUF",
            "qwen2.5-3b-instruct-q4_k_m.gguf",
            "7dabda4d13d513e3e842b20f0d435c732f172cbe",
        ),
        size=2_104_932_768,
        sha256="626b4a6678b86442240e33df819e00132d3ba7dddfe1cdc4fbb18e0a9615c62d",
        shape=Shape(36, 2048, 11_008, 16, 2, 128, 151_936),
    ),
    CatalogEntry(
        name="vistral-7b-chat",
        title="Vistral-7B-Chat Q4_K_M",
        file="vitral-7b-chat.Q4_K_M.gguf",
        use=Use.ANSWERS,
        licence="unknown: read the model's page before using it in a company",
        notes=(
            "A Vietnamese Mistral 7B. Not known: size, SHA-256 and the revision of the file (its name is spelled like "
            "this on the hub), so it is only checked for being a GGUF file. Its template is of the [INST] kind and "
            "wants user and assistant to alternate."
        ),
        hub=HubFile("janhq/Vistral-7b-Chat-GGUF", "vitral-7b-chat.Q4_K_M.gguf"),
    ),
    CatalogEntry(
        name="qwen2.5-1.5b-instruct",
        title="Qwen2.5-1.5B-Instruct Q4_K_M",
        file="qwen2.5-1.5b-instruct-q4_k_m.gguf",
        use=Use.ANSWERS,
        licence="Apache-2.0",
        notes=f"For machines without a GPU. {CHATML}",
        hub=HubFile(
            "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            "91cad51170dc346986eccefdc2dd33a9da36ead9",
        ),
        size=1_117_320_736,
        sha256="6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
        shape=Shape(28, 1536, 8960, 12, 2, 128, 151_936),
        guided=True,
    ),
    CatalogEntry(
        name="qwen2.5-coder-1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct Q4_K_M",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        use=Use.DEMO,
        licence="Apache-2.0 (the model); its part packages name no licence of their own",
        notes=f"The demo model: 10 of 12 Vietnamese questions right with examples and a grammar. {CHATML}",
        hub=HubFile(
            "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            "38f6bab61d341b23a6c00226f32c0d6148bf9f43",
        ),
        parts=CODER_15B,
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        shape=Shape(28, 1536, 8960, 12, 2, 128, 151_936),
        guided=True,
    ),
    CatalogEntry(
        name="qwen2.5-coder-0.5b",
        title="Qwen2.5-Coder-0.5B-Instruct Q4_K_M",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        use=Use.DEMO,
        licence="Apache-2.0 (the model); its part packages name no licence of their own",
        notes=f"The smaller demo model: about 5 of 12 Vietnamese questions right. {CHATML}",
        hub=HubFile(
            "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            "ebb2015119c907b064c512bf053e945850b5875f",
        ),
        parts=CODER_05B,
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        shape=Shape(24, 896, 4864, 14, 2, 64, 151_936),
        guided=True,
    ),
    CatalogEntry(
        name="smollm2-135m",
        title="SmolLM2-135M-Instruct Q4_1",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        use=Use.TESTS,
        licence="Apache-2.0",
        notes=f"For tests only; its Vietnamese is gibberish. {CHATML}",
        parts=SMOLLM2_135M,
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        shape=Shape(30, 576, 1536, 9, 3, 64, 49_152),
    ),
    CatalogEntry(
        name="bge-m3",
        title="bge-m3 Q8_0",
        file="bge-m3-q8_0.gguf",
        use=Use.EMBEDDINGS,
        licence="MIT",
        notes="The embedder for production, 1024 dimensions; it has no prompt template and no prefixes.",
        hub=HubFile(
            "ggml-org/bge-m3-Q8_0-GGUF",
            "bge-m3-q8_0.gguf",
            "9eba04c5d75ba5a1595e45de734d36bef4e5cb98",
        ),
        size=634_553_760,
        sha256="aa473d51f451a22f0fcf39ba3330c14bed38a385712b1113440f69df4047a173",
    ),
    CatalogEntry(
        name="bge-reranker-v2-m3",
        title="bge-reranker-v2-m3 Q8_0",
        file="bge-reranker-v2-m3-Q8_0.gguf",
        use=Use.RERANKING,
        licence="Apache-2.0",
        notes="Reads the best passages again beside the question; 568 million parameters, one logit.",
        hub=HubFile(
            "gpustack/bge-reranker-v2-m3-GGUF",
            "bge-reranker-v2-m3-Q8_0.gguf",
            "3093af03b1a635e67b084b1d8c03c5f5e020fd05",
        ),
        size=635_676_416,
        sha256="a43c7c9b11a4c1517e5bf95151960e1621d1b72f7a493364b01e386cf1aaa1d3",
    ),
)

CATALOG = {entry.name: entry for entry in ENTRIES}
