"""Signs of what a question needs that a person would look for: kinds of question words, tasks and circumstances. Pure.

A model learns what each sign is worth, in the whole question and in its last clause; none of them decides alone. They
are matched against `complexity_words.plain`. What stands in no training row is known by them all the same.
"""

import math
import re
from collections.abc import Mapping

from core.complexity_words import any_of

_JUDGING = "(so_sanh|danh_gia|phan_tich|de_xuat|nguyen_nhan|giai_phap|du_bao|ke_hoach|toi_uu|xu_huong)"
_TABLE = f"""
how many: bao_(nhieu|lau|xa) may_(ngay|gio|tieng|thang|nam|lan|bo|met|phut|giay|nguoi|cai|lop|cap|bac|tang|phan|muc)
  may_(dong|trieu|do|volt|ampe|kw|loai) may$ may_*$ how_(many|much|long|often|far|high|big)
where: dau (cho|phong|trang|muc|tu|kho)_nao tang_may where which_(room|page|form)
who: ai dau_moi who whom
when: (khi|luc|ngay|thang)_nao bao_gio may_gio (ngay|thu)_may when what_(time|date|day) deadline
define: la_gi nghia_(la|gi) viet_tat dinh_nghia what_(is|are) what_does...(mean|stand)
which: (loai|so|ma|ten|mau|cong|kenh|hang|ban|link|website|email|nhan|hieu|don_vi|bang|chuan|tan_so)_(gi|nao|may)
yes or no: (co|da|duoc)...(khong|chua) ^(can_i|can_we|do|does|is|are|am_i|may_i)
my case: thi...(co|duoc|phai|tinh|bi|sao|lam|can) truong_hop neu if
how to: quy_trinh thu_tuc buoc trinh_tu thu_tu_nao cach huong_dan (lam|the|nhu|ra)_(sao|nao|the_nao) (lam|can)_gi
  can_lam xu_ly how_(do|to|can|should) steps procedure what_should_i_do walk_me guide
conditions: dieu_kien ngoai_le tru_khi nhung_truong_hop unless exception* conditions eligib*
draft: viet soan dich thao dien tom_(tat|luoc) rut_gon draft* write translate summari*
fault: loi hong treo chet khong_(len|vao|in|chay|ket_noi|nghe|mo|nhan) bao_dong mat_(ket_noi|nguon|tin_hieu) alarm*
  error* does_not doesn_t fail*
compare: so_sanh hay hon ben_nao can_nhac chon...nao phuong_an_nao vs versus or better compar*
advise: nen dang_(tien|gia|lam|de) hop_ly toi_uu phu_hop tot_nhat hieu_qua kha_thi de_xuat khuyen_nghi kien_nghi goi_y
  tu_van should_(we|the|our) worth optim* best recommend* suggest*
cause: (vi|tai)_sao sao (do|vi|tai)_dau nguyen_nhan goc thu_pham nghi dieu_gi_(khien|lam) lien_quan anh_huong
  root_cause why what_(causes|is_behind|drives|makes) culprit
recurring: cu dan van lien cang bong lien_(tuc|tiep) lap_lai moi_khi chi_khi (tang|giam)_dan dot_ngot (sau|tu)_khi du_da
  mac_du keep* again recurring every* only_(at|when|during|after) gradual* even_after still despite
forecast: du_(bao|doan) xu_huong nam_(sau|toi) sap_toi tuong_lai se_(tang|giam|thieu|du) bao_gio_thi uoc forecast*
  predict* trend* next_year
plan: ke_hoach lo_trinh chien_luoc phuong_an phan_bo (sap|xep)_(xep|lich) uu_tien thiet_ke xay_dung de_an giai_phap lap
  bo_tri to_chuc_lai cai_to chuyen_doi gop cat_giam roadmap plan strateg* priorit* schedule* allocat* *design*
constraint: ma_(van|khong) sao_cho trong_khi han_che ngan_sach rang_buoc can_bang rui_ro chi_phi tiet_kiem du_nguoi
  chi_(co|con) thieu_(nguoi|tien) without while within given budget* trade_?off* risk* cost* only_have
evidence: gia_thuyet kha_nang khoanh_vung kiem_chung ket_luan bang_chung chung_minh loai_tru phan_biet hypothes*
  evidence separat* rule_out
gap: con_thieu thieu_gi ho_o lo_hong doi_chieu so_voi lech khop chenh mau_thuan khac_nhau dap_ung gap* conflict* against
  complian*
several sources: (hai|ba|bon|nam|cac|ca|tung|moi)_(nam|phong|dai|tram|to|ben|don_vi|nha_cung_cap|quy|thang|san_bay|kip)
  giua...va across between all_(sites|stations) both from...to
judge: danh_gia phan_tich nhan_(xet|dinh) dien_giai rut_ra noi_len y_nghia analy* evaluat* assess* review*
judging word in a name: (phieu|bien_ban|ky|hop|mau|bao_cao|phong|to|bang|hoi_dong|so|don|ban|dot)(_*)?_{_JUDGING}
  (quy_che|ho_so|bieu|lich|de_cuong|phan_mem|tieu_chi|ket_qua|thang|hop_dong|de_nghi|chuyen_de|cuoc|phien)(_*)?_{_JUDGING}
  (evaluation|analysis|comparison|assessment|review|trend|forecast)_(form|sheet|meeting|report|board|team|log|file|tool)
I: toi em minh my i me
we: phong_minh cong_ty chung_ta ta minh_nen we our us don_vi
told before: hom_(qua|kia|nay) sang_nay dem_qua tuan_truoc vua_(roi|xong) chi_(muon|can|con|hoi|thieu) mot_cau duy_nhat
  yesterday last_(week|night|month) this_morning just_(need|want|one|tell) only_question
and another: va...(gi|nao|ai|dau|bao|khong|sao) and...(who|what|how|when|where|which)
"""
_ENTRIES = (entry.partition(": ") for entry in _TABLE.strip().replace("\n  ", " ").splitlines())
CUES: Mapping[str, re.Pattern[str]] = {name: re.compile(rf"\b{any_of(phrases)}\b") for name, _, phrases in _ENTRIES}
"""Each sign and what shows it."""
_QUESTION = re.compile(
    rf"\b{any_of('gi nao ai dau sao bao_(nhieu|gio|lau) may khong what who how where when why which')}\b"
)
_PAUSE = re.compile(r"[,.;:!?]")
_NUMBER = re.compile(r"\b0\b")
_JOINT = re.compile(r"\b(?:va|voi|and|with)\b")
SHORT, LONG = 6, 25
"""Words; a sign among others, never a verdict."""


def shape(spoken: str, clause: str) -> dict[str, float]:
    """Lengths and counts of a question and its last clause, each about 0 to 1."""
    length, asks = len(spoken.split()), len(_QUESTION.findall(spoken))
    return {
        "length": math.log(length + 1) / 2,
        "words": min(length, 90) / 30,
        "words of the last clause": min(len(clause.split()), 45) / 15,
        "pauses": min(len(_PAUSE.findall(spoken)), 5) / 3,
        "question words": min(asks, 4) / 2,
        "question words of the last clause": min(len(_QUESTION.findall(clause)), 3) / 2,
        "question mark": float("?" in spoken),
        "numbers": min(len(_NUMBER.findall(spoken)), 6) / 2,
        "short": float(length <= SHORT),
        "long": float(length >= LONG),
        "joints": min(len(_JOINT.findall(spoken)), 6) / 2,
        "no question word": float(not asks),
    }


def signs(spoken: str, clause: str) -> dict[str, float]:
    """Every sign by name: 1.0 where it is there, 0.0 where not, and the shape."""
    whole = {name: float(bool(pattern.search(spoken))) for name, pattern in CUES.items()}
    last = {f"{name}, last clause": float(bool(pattern.search(clause))) for name, pattern in CUES.items()}
    return {**whole, **last, **shape(spoken, clause)}
