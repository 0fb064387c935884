"""The words beside a number that say what it is, without tone marks. Of several the nearest before the number wins."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.private.wordlists import word_set

_PHRASES: Mapping[str, str] = {
    "account": """
        stk, sotk, so tk, so tai khoan, tai khoan, tk, account, acct, acc, a c, iban, account number, so ck, tknh
    """,
    "bank": """
        chuyen khoan, chuyen tien, ck, bank, banking, ngan hang, nhan tien, nhan luong, hoan ung, chuyen vao,
        tra vao, gui vao, nop vao, da vao, ve the, bao co, ghi co, napas, vcb, vietcombank, vietcom, bidv, vietin,
        vietinbank, ctg, agribank, agri, techcombank, techcom, tcb, mb, mbb, mbbank, acb, vpbank, vpb, vp bank,
        tpbank, tpb, sacombank, stb, scb, hdbank, hdb, vib, shb, msb, ocb, seabank, eximbank, exim, lienviet,
        lpbank, lpb, pvcombank, bac a bank, nam a bank, abbank, vietbank, kienlongbank, shinhan, woori, hsbc, timo,
        transfer
    """,
    "card": """
        so the, the atm, the tin dung, the ghi no, the visa, the ngan hang, the napas, the noi dia, visa,
        mastercard, master, amex, jcb, card, credit, debit, atm, the
    """,
    "phone": """
        sdt, so dt, so dien thoai, dt, dtdd, dien thoai, di dong, so may, dd, zalo, viber, whatsapp, tel, phone,
        mobile, cell, goi, alo, lien he, lien lac, lh, nhan tin, sms, call, text, ring, imessage, momo, reach,
        contact, telegram, ib, so di dong, phone number, so cua, cell phone
    """,
    "hotline": "hotline, tong dai, duong day nong, fax, switchboard",
    "id": """
        cccd, so cccd, can cuoc, can cuoc cong dan, cc, dinh danh, so dinh danh, ma dinh danh, citizen id,
        national id, identity, id card, id number, identity card, the can cuoc, cancuoc, ccc, giay to tuy than,
        giay to, id
    """,
    "old id": """
        cmnd, so cmnd, cmt, cmtnd, chung minh, chung minh nhan dan, chung minh thu, so cm, cm, cmthu, cmnd cu
    """,
    "tax": """
        mst, mst cn, mstcn, ma so thue, ma thue, ma ca nhan, ma so ca nhan,
        so thue, thue tncn, thue ca nhan, pit, pit number, pit no, tax code,
        tax id, tax number, tin, pit code, tax
    """,
    "passport": "ho chieu, so ho chieu, passport, pp, hc, passport no, passport number",
    "insurance": """
        bhxh, so bhxh, ma bhxh, so so bhxh, bhyt, bao hiem, bao hiem xa hoi, bao hiem y te, so so, the bhyt,
        social insurance, health insurance, so bao hiem, ma bao hiem, insurance number
    """,
    "licence": """
        gplx, so gplx, bang lai, bang lai xe, giay phep lai xe, driving licence, driving license, driver license
    """,
    "code": """
        otp, pin, ma pin, mat khau, mk, pass, password, passcode, pwd, cvv, cvc, ma xac thuc, ma xac nhan,
        ma xac minh
    """,
    "mark": "ma, so hieu",
    "thing": """
        serial, serial number, serial no, sn, s n, seri, so seri, so serial, pn, p n, part, part number, part no,
        ma vat tu, ma hang, ma tai san, ma thiet bi, ma phieu, ma ho so, ma du an, ma don, ma van don, ma hop dong,
        ma loi, ma su co, ma goi thau, ma lo, ma vach, ma hoa don, hop dong, so hop dong, so hd, hd, so hieu,
        van ban, cong van, so cong van, quyet dinh, so quyet dinh, qd, thong tu, nghi dinh, hoa don, so hoa don,
        invoice, inv, po, pr, don hang, ticket, phieu, so phieu, phieu thu, phieu chi, phieu nhap, phieu xuat,
        to trinh, bien ban, imei, mac, barcode, van don, tracking, lot, lo, so lo, version, ver, phien ban,
        firmware, build, tan so, freq, frequency, toa do, squawk, icao, notam, chuyen bay, flight, ban ve, drawing,
        incident, case, isbn, ho so, cong to, chi so, model, nsn, rfq, contract, order, job, work order, wo,
        log, session, timestamp, epoch, unix, hash, checksum, crc, ip, port, asset, asset tag, ref, reference,
        document, doc no, so may, ma so thiet bi, goi thau, bo dem, counter, dong ho, track, gio bay, so dang ky,
        giay phep, license key, san pham, product, sku, lenh, stt, bien nhan, ma bao duong, ma linh kien, linh kien,
        phieu xuat kho, phieu nhap kho, so ve, se ri, so se ri, ve sua chua, ma ve, meeting, zoom meeting, webinar,
        module, board, block, id log, ban ghi, record, event, su kien, du an, project, ma kho, so kho, so the kho,
        the kho, so danh ba, ma khach hang, nhan vien, the nhan vien, ma nhan vien, equipment id, device id, ma may,
        so khung, so may phat, ma so doanh nghiep, ma doanh nghiep, doanh nghiep so, cong ty so, msdn,
        ma so kinh doanh, ma so dkkd
    """,
}
_BY_PHRASE = {tuple(phrase.split()): kind for kind, text in _PHRASES.items() for phrase in text.split(",")}
_LAST_WORDS = frozenset(phrase[-1] for phrase in _BY_PHRASE)
SHORT_NUMBER_WORDS = frozenset(
    phrase[-1] for phrase, kind in _BY_PHRASE.items() if kind in {"account", "bank", "passport"}
)
"""Without one of these words in it a text holds no number of a person of fewer than nine digits."""
_LONGEST = max(map(len, _BY_PHRASE))
_FILLERS = word_set(
    """
    so no number la is cua thi nay id code ma nr la: num no: so: cu moi em minh toi e m mk tui my our the 9 12
    """
)
_NUMBERED = frozenset({"so", "no", "number", "ma", "nr"})
_BETWEEN = 4
"""Words that may stand between "hợp đồng" and "số": "hợp đồng bảo trì điều hòa số"."""
_WORD = re.compile(r"[a-z]+|\d+")
_LONG_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Clue:
    """A word beside a number. `is_close`: nothing but filling words between; `is_used`: another long number between."""

    kind: str
    is_close: bool
    is_used: bool = False


def clues_before(window: str) -> list[Clue]:
    """What the text before a number says of it, the nearest word first."""
    words = _WORD.findall(window)
    found: list[Clue] = []
    is_close, is_used, at = True, False, len(words)
    while at > 0:
        kind, size = _ending_at(words, at)
        if kind:
            is_numbered = kind == "thing" and words[-1] in _NUMBERED and len(words) - at <= _BETWEEN
            found.append(Clue(kind, is_close or is_numbered, is_used))
        word = words[at - 1]
        is_close = is_close and not kind and word in _FILLERS
        is_used = is_used or (word[0].isdigit() and len(word) >= _LONG_NUMBER)
        at -= size
    return found


def clue_after(window: str) -> Clue | None:
    """What the text right after a number says of it."""
    words = _WORD.findall(window)
    for at in range(len(words)):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            if kind := _BY_PHRASE.get(tuple(words[at : at + size])):
                return Clue(kind, is_close=all(word in _FILLERS for word in words[:at]))
    return None


def _ending_at(words: Sequence[str], end: int) -> tuple[str, int]:
    """The kind of the longest phrase that ends there, and how many words it takes; no kind takes one word."""
    if words[end - 1] not in _LAST_WORDS:
        return "", 1
    for size in range(min(_LONGEST, end), 0, -1):
        if kind := _BY_PHRASE.get(tuple(words[end - size : end])):
            return kind, size
    return "", 1
