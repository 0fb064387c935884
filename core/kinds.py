"""What sort of message this is, before anybody is asked: an attack, small talk, or a question for the office.

An office question that is turned away is the worst mistake of all, so everything is one until it is known to be
something else. Attacks and small talk are known by rules before the search. That a question lies outside the office is
a guess of the model or of a few patterns, and it is believed only when the search has found nothing near.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.complexity_words import any_of, plain
from core.signals import Signals
from core.smalltalk import small_talk


class Kind(StrEnum):
    """The sorts of messages."""

    OFFICE = "office"
    SMALL_TALK = "small talk"
    OUT_OF_SCOPE = "out of scope"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The sort of a message, why, and the id of the sentence that answers it; empty for an office question."""

    kind: Kind
    reason: str
    message_id: str = ""

    @property
    def is_answered(self) -> bool:
        return bool(self.message_id)


OFFICE = Sorted(Kind.OFFICE, "nothing speaks against it")
BELIEVED = 0.7
"""From this probability on the model is believed that nobody asks about the office, once nothing near was found."""

_WORLD = any_of(
    """
    thoi_tiet troi_(co_)?(mua|nang) (co|se)_mua_khong (gia_)?vang_(hom_nay|sjc) mua_vang bitcoin crypto chung_khoan
    co_phieu ty_gia xo_so bong_da ty_so world_cup ngoai_hang_anh champions_league doi_tuyen thu_do tong_thong
    (cach_nau|cong_thuc_nau|nau|lam)_(pho|canh|banh|mon|com|lau) recipe* phim_(gi|nao|hay) (loi_)?bai_hat lyric* ca_si
    tu_vi cung_hoang_dao boi tuoi_ty nguoi_yeu crush ban_(trai|gai) vo_toi chong_toi me_chong bai_tap_ve_nha homework
    giai_(phuong_trinh|ho_pt|bai_toan|bai) lam_tho bai_van giam_can an_kieng du_lich quan_(an|nhau|ca_phe|bun|pho)
    iphone samsung con_(meo|cho) nuoi_(meo|cho) weather football soccer capital_of horoscope movie* novel poem
    girlfriend boyfriend lottery stock_price* who_(won|painted|invented) tallest_building
    """
)
_OFFICE = any_of(
    """
    cong_ty co_quan don_vi phong(?!_tro) tram dai to_truc quy_(dinh|che|trinh) cong_doan hop_dong nhan_vien noi_bo
    ca_truc luong phep thuong bao_hiem_xa_hoi cong_tac may_chu thiet_bi radar ils dme vor vhf ads anten ups so_tay
    bieu_mau ky_luat dao_tao hoi_thao noi_quy policy company office staff procedure* equipment station* shift*
    """
)
_SUBJECT = re.compile(rf"(?!.*\b{_OFFICE}\b).*\b{_WORLD}\b", re.DOTALL)
"""A subject of the world in a text without a word of the office."""


@dataclass(frozen=True, slots=True)
class Sorter:
    """Sorts messages.

    `attack_in` names what is wrong with a text, or says None. `chances_of` gives a model's probabilities of the kinds
    of a text with its embedding, by the labels of its rows.
    """

    attack_in: Callable[[str], str | None] = lambda _text: None
    chances_of: Callable[[str, Sequence[float]], Mapping[str, float]] = lambda _text, _embedding: {}

    def before_search(self, text: str, query: str = "") -> Sorted:
        """What the words tell of a message and of the query that it became with what was said before."""
        if attack := self.attack_in(text) or (self.attack_in(query) if query != text else None):
            return Sorted(Kind.ATTACK, attack, "answer.refused_attack")
        if message_id := small_talk(text):
            return Sorted(Kind.SMALL_TALK, message_id.removeprefix("answer."), message_id)
        return OFFICE

    def after_search(self, query: str, signals: Signals) -> Sorted:
        """What is believed once nothing near was found."""
        if signals.is_near:
            return OFFICE
        chances = self.chances_of(query, signals.embedding)
        chat, outside = chances.get("chitchat", 0.0), chances.get("out_of_scope", 0.0)
        if chat + outside >= BELIEVED and chat > outside:
            return Sorted(Kind.SMALL_TALK, f"p {chat:.2f}, nothing near", "answer.chat")
        if _SUBJECT.match(plain(query)):
            return Sorted(Kind.OUT_OF_SCOPE, "a subject of the world, nothing near", "answer.out_of_scope")
        if chat + outside >= BELIEVED:
            return Sorted(Kind.OUT_OF_SCOPE, f"p {outside:.2f}, nothing near", "answer.out_of_scope")
        return OFFICE
