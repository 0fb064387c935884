"""What memory a model takes with given settings.

Measured with Qwen2.5-7B Q4_K_M on an H100 (CUDA 13, flash attention, f16 cache): the sum below is within 1 % of every
reading. The layers' buffer was read on a CPU, whose allocator is the same, at 256 to 2,048 tokens a step, and
fits the readings on the card at 512. Other models and cards follow by arithmetic and were not measured.
"""

import math
from dataclasses import dataclass

from models.anatomy import Anatomy
from models.machine import MIB

CUDA_MIB = 529  # CUDA's own, beside the weights, on an H100; smaller cards take less
BESIDE_MIB = 88  # measured beside weights, cache and buffers after a prompt: kernels' work space
PROCESS_MIB = 263  # the bot without a model, in main memory
DRAFT_OUTPUTS = 64  # tokens of one step that give logits, where drafts are checked
F32, F16 = 4, 2
BLOCK = 256  # llama.cpp rounds a context up to this


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of the engine. `n_ctx` tokens for each of `slots` + `kept` streams; `gpu_layers` -1 is all.

    `beside_mib` is what the models of the search take, wherever this one is.
    """

    n_ctx: int
    slots: int
    kept: int
    n_batch: int
    gpu_layers: int = -1
    flash_attention: bool = True
    drafts: bool = True
    beside_mib: int = 0

    @property
    def streams(self) -> int:
        return self.slots + self.kept

    @property
    def outputs(self) -> int:
        """Tokens of one step that give logits, at most."""
        return max(self.slots, DRAFT_OUTPUTS) if self.drafts else self.slots


@dataclass(frozen=True, slots=True)
class Needs:
    """Memory of one place (a card or the main memory) by what takes it, in MiB."""

    weights: float = 0
    cache: float = 0
    buffers: float = 0
    other: float = 0

    @property
    def total(self) -> int:
        return math.ceil(self.weights + self.cache + self.buffers + self.other)


def gpu_needs(anatomy: Anatomy, plan: Plan) -> Needs:
    """What the card must hold."""
    if plan.gpu_layers == 0:
        return Needs()
    share = gpu_share(anatomy, plan)
    weights = share * anatomy.layer_bytes + anatomy.output_bytes + (anatomy.embedding_bytes if anatomy.tied else 0)
    return Needs(
        weights / MIB,
        share * cache_mib(anatomy, plan),
        buffers_mib(anatomy, plan),
        CUDA_MIB + BESIDE_MIB + plan.beside_mib,
    )


def ram_needs(anatomy: Anatomy, plan: Plan) -> Needs:
    """What main memory must hold; weights that the card holds are mapped from the file and not counted."""
    rest = 1 - gpu_share(anatomy, plan)
    weights = rest * anatomy.layer_bytes + anatomy.embedding_bytes + (0 if plan.gpu_layers else anatomy.output_bytes)
    logits = plan.outputs * anatomy.vocabulary * F32 / MIB
    buffers = logits + (buffers_mib(anatomy, plan) if rest else 0)
    return Needs(
        weights / MIB,
        rest * cache_mib(anatomy, plan),
        buffers,
        PROCESS_MIB + (0 if plan.gpu_layers else plan.beside_mib),
    )


def gpu_share(anatomy: Anatomy, plan: Plan) -> float:
    """The share of the layers on the card. The output matrix counts as one layer, the first to go there."""
    return 1.0 if plan.gpu_layers < 0 else min(1.0, max(0, plan.gpu_layers - 1) / anatomy.layers)


def cache_mib(anatomy: Anatomy, plan: Plan) -> float:
    """The cache of all streams at f16."""
    context = -(-plan.n_ctx // BLOCK) * BLOCK
    return anatomy.kv_bytes * context * plan.streams / MIB


def buffers_mib(anatomy: Anatomy, plan: Plan) -> float:
    """Results of one step inside the network. Its layers and its logits use the same memory after each other."""
    layer = F32 * (3 * anatomy.feed_forward + 4 * anatomy.embedding) + F16 * plan.n_ctx
    if not plan.flash_attention:
        layer += F32 * plan.n_ctx * (anatomy.heads + 1)
    logits = F32 * (anatomy.vocabulary + anatomy.embedding)
    return max(plan.n_batch * layer, plan.outputs * logits) / MIB
