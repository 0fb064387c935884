"""Greetings, thanks and moods: answered by one sentence, without a search and without a model.

A message is small talk when it is made of such phrases and nothing else. One word that may be about the office, and it
is a question: a greeting that is searched for costs a moment, a question that is smiled at costs an answer.
"""

import re
from collections.abc import Mapping

from core.complexity_words import any_of
from core.folding import fold

_PHRASES: Mapping[str, str] = {
    "answer.who": """
        ban_(la|ten)_(ai|gi) ban_lam_duoc_gi ban_giup_duoc_gi ban_co_phai_la_(may|nguoi)
        ban_(la_)?(nguoi|ai|may|bot)(_that)?_hay_(la_)?(may|bot|nguoi) ban_(lam|giup)_duoc_nhung_(gi|viec_gi)
        who_are_you what_are_you what_can_you_do what_is_your_name are_you_(a_)?(person|bot|robot|human|machine|real)
    """,
    "answer.thanks": "(xin_)?cam_on thanks thank_you thank thx tks many_thanks cheers much_appreciated",
    "answer.bye": """
        tam_biet bye goodbye (hen_)?gap_lai mai_gap(_lai)? ngu_ngon good_?night see_you(_(tomorrow|later|monday))?
        chuc(_*)?_(ngay|tuan|buoi_toi|cuoi_tuan|ngay_moi|nam_moi)_(vui_ve|tot_lanh|an_lanh|hanh_phuc)
        have_a_(nice|good|great)_(day|evening|weekend|one) happy_(friday|monday|weekend|new_year|birthday|tet)
        chuc_mung_(nam_moi|sinh_nhat|giang_sinh) merry_christmas
    """,
    "answer.greeting": "(xin_)?chao hello hi hey alo good_(morning|afternoon|evening) chao_buoi_(sang|chieu|toi)",
    "answer.chat": """
        met_qua(_roi)? buon_(qua|ngu_qua|ngu) chan_qua(_roi)? vui_qua stress_qua
        (gioi|hay|tuyet|xin|dinh|thong_minh|de_thuong|nhanh)(_(qua|that|the|ghe|du|voi|lam))+
        tuyet_voi tot_lam qua_(tot|dinh|hay|da) well_done great awesome nice good_job perfect wow lol haha+ hihi+ hehe+
        ok(_roi)? oke okay uh um vang da duoc_roi ((toi|minh|em)_)?(hieu|biet)_roi noted got_it i_see khong_sao(_dau)?
        never_mind no_problem xin_loi(_*)? sorry dua_(thoi|ti|chut) test (ban_)?(co_)?khoe_khong
        how_are_you(_(doing|today))? co_ai_o_do_khong ban_(an_com|ngu)_chua (toi|minh|em)_(met|buon|vui)(_qua)?
        i_(am|m)_(so_)?tired
    """,
}
"""Of a message that holds several, the first kind decides."""
_FILLERS = any_of(
    """
    ban em anh chi bot sotay so_tay there all ca_nha moi_nguoi oi a nhe nha nhi nhieu lam qua rat very much so roi day
    do the vay hom_nay nay luon nua minh toi tui ad team va guys everyone thoi voi vui_ve please too again
    """
)
_KINDS = {message: re.compile(rf"\b{any_of(phrases)}\b") for message, phrases in _PHRASES.items()}
_WHOLE = re.compile(rf"(?:(?:{'|'.join(any_of(phrases) for phrases in _PHRASES.values())}|{_FILLERS})(?: |$))+")
MOST_WORDS = 14


def small_talk(text: str) -> str | None:
    """The id of the reply to a message that is nothing but small talk; else None."""
    bare = " ".join(re.sub(r"[^\w ]+", " ", fold(text)).split())
    if len(bare.split()) > MOST_WORDS or not _WHOLE.fullmatch(bare):
        return None
    return next((message for message, pattern in _KINDS.items() if pattern.search(bare)), None)
