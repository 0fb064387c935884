"""What llama.cpp says of the devices of this machine."""

import ctypes

from llama_cpp._ggml import libggml

from models.llama.devices import can_offload, card_of, devices


def test_cards_are_listed_where_this_build_can_use_one() -> None:
    assert bool(devices()) == can_offload()


def test_a_device_tells_its_name_and_its_memory() -> None:
    """The CPU is a device like the others, and always there."""
    find = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int)(("ggml_backend_dev_by_type", libggml))
    card = card_of(find(0))
    assert card.name
    assert card.free_mib is not None
    assert 0 < card.free_mib <= card.total_mib
