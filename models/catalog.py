"""The models that Sổ Tay knows: where each file is, what it must be, what it may be used for and what it needs."""

from dataclasses import dataclass
from enum import StrEnum

from models.parts_index import CODER_05B, CODER_15B, SMOLLM2_135M, Part

MIB = 1024 * 1024
CUDA_MIB = 529  # measured beside the weights of the 7B model on an H100 (CUDA 13); smaller cards take less
COMPUTE_MIB = 230  # measured: compute buffers of one process with as many outputs as sequences


class Use(StrEnum):
    """What a model is in the catalogue for."""

    ANSWERS = "answers"
    DEMO = "demo"
    TESTS = "tests"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a model hub. `revision` is a commit where one was seen with the file's hash, else a branch."""

    repo: str
    file: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model file. None stands for "not known", never for zero.

    `kv_bytes` are the bytes that one token takes in the KV cache at f16: layers x KV heads x head size x 2 x 2.
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
    kv_bytes: int | None = None
    host_mib: int = 0
    guided: bool = False

    def vram_mib(self, context: int, sequences: int = 1) -> int | None:
        """Estimated memory on the GPU with all layers there, f16 cache and flash attention, in MiB.

        Measured for the 7B model (within 2 %); for the others the same sum over their own sizes.
        """
        if self.size is None or self.kv_bytes is None:
            return None
        weights = self.size // MIB - self.host_mib + CUDA_MIB
        return weights + self.kv_bytes * context * sequences // MIB + COMPUTE_MIB


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
        kv_bytes=57_344,  # 28 layers x 4 x 128
        host_mib=298,
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
        kv_bytes=36_864,  # 36 layers x 2 x 128
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
        kv_bytes=131_072,  # Mistral 7B: 32 layers x 8 x 128
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
        kv_bytes=28_672,  # 28 layers x 2 x 128
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
        kv_bytes=28_672,
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
        kv_bytes=12_288,  # 24 layers x 2 x 64
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
        kv_bytes=23_040,  # 30 layers x 3 x 64
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
)

CATALOG = {entry.name: entry for entry in ENTRIES}


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings for a machine. `sequences` may be served at once by the batching engine, each with `context` tokens."""

    model: str
    context: int
    sequences: int
    n_gpu_layers: int


ALL_LAYERS = -1
PRESETS = {
    "cpu": Preset("qwen2.5-1.5b-instruct", context=4096, sequences=1, n_gpu_layers=0),
    "12gb": Preset("qwen2.5-7b-instruct", context=4096, sequences=16, n_gpu_layers=ALL_LAYERS),
    "16gb": Preset("qwen2.5-7b-instruct", context=8192, sequences=16, n_gpu_layers=ALL_LAYERS),
    "24gb": Preset("qwen2.5-7b-instruct", context=8192, sequences=32, n_gpu_layers=ALL_LAYERS),
    "40gb": Preset("qwen2.5-7b-instruct", context=16384, sequences=32, n_gpu_layers=ALL_LAYERS),
}
PRESET_GPU_GB = {"12gb": 12, "16gb": 16, "24gb": 24, "40gb": 40}


def preset_for(gpu_gb: float | None) -> Preset:
    """The largest preset that a GPU of `gpu_gb` GB holds; the one for the CPU without a GPU or below 12 GB."""
    fitting = [name for name, least in PRESET_GPU_GB.items() if gpu_gb is not None and gpu_gb >= least]
    return PRESETS[fitting[-1] if fitting else "cpu"]
