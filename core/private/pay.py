"""Amounts that are somebody's pay: money near a word for pay and near a person in a sentence, and not in a rule."""

import re
from collections.abc import Iterator

from core.private.people import Who, mentions
from core.private.phrases import Phrasebook
from core.private.reading import Reading
from core.private.spans import Kind, Span
from core.private.wordlists import word_set

_COUNT = r"(?:mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi|tram|le|linh)"
_ENGLISH = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|"
    r"nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)"
)
_UNIT = r"(?:trieu|tr|cu|chai|mil|million|k|nghin|ngan|ty|ti|lit|m)"
_MONEY = r"(?:dong|vnd|usd|dollars?|do la|do|euros?|eur|sgd|aud|gbp|jpy|yen|baht|won|d|\$|₫)"
_EVERY = r"(?: ?/ ?(?:thang|nam|ngay|gio|tiet|dem|ca|buoi|month|year|day|hour|night)|(?: net| gross))?(?!\w)"
"""What belongs to an amount of pay, too: for how long it is, and whether taxes are off."""
_FIGURES = re.compile(
    rf"\d(?:\d{{0,2}}(?:[., ]\d{{3}}){{1,3}}(?! ?{_UNIT}\b)(?: ?{_MONEY}(?!\w))?"
    rf"|\d{{0,2}}(?: ?- ?\d{{1,3}})?(?:[.,]\d+)? ?{_UNIT}(?![a-z])"
    rf"(?: ?\d{{1,3}}(?! ?%|\d)(?: ?(?:nghin|ngan|k)\b)?)?(?: ruoi)?(?: ?{_MONEY}(?!\w))?"
    rf"|\d{{3,8}}(?:[.,]\d+)? ?(?:dong|vnd|do(?: la)?|euros?|yen|jpy|baht|won)(?!\w)"
    rf"|\d{{1,8}} ?(?:usd|dollars?|sgd|aud|gbp|eur)(?!\w)"
    rf"|\d{{0,2}} cham \d{{1,3}}(?: trieu| tr)?"
    rf"|\d{{5,8}}(?: ?{_MONEY}(?!\w))?"
    rf")(?!\w){_EVERY}"
)
_CURRENCY_FIRST = re.compile(
    rf"(?:\b(?:vnd|usd|eur|sgd|aud|gbp|jpy) ?|[$€₫] ?)\d(?:[\d.,]*\d)?(?: ?{_UNIT})?(?!\w){_EVERY}"
)
_WORDS = re.compile(
    rf"\b(?:{_COUNT}(?: {_COUNT})* (?:trieu|nghin|ngan|cu|ty(?! le))(?: (?:ruoi|"
    rf"{_COUNT})(?: {_COUNT})*(?: (?:nghin|ngan|tram)(?: ruoi)?)?)?(?: dong)?"
    rf"|{_ENGLISH}(?:[ -](?:and )?{_ENGLISH})* (?:dollars|million|dong|usd|vnd)(?: (?:dong|vnd))?)(?!\w)"
)
_WORD_UNITS = word_set("trieu nghin ngan cu ty dollars million usd vnd")
_COUNTED = word_set("một mốt hai bốn tư năm lăm sáu bảy tám chín mười mươi trăm lẻ triệu nghìn ngàn củ tỷ rưỡi đồng đô")
_COEFFICIENT = re.compile(r"\bhe so(?: luong)?(?: la| hien (?:tai|nay|gio))*:? ?[1-9][.,]\d\d(?![\d%])")
"""Of a grade of pay, with two decimals as the tables have it."""
_GRADE = re.compile(r"(?<![\w.,])\d[.,]\d{1,2}(?![\w%]|[.,]\d)")
_GRADES = word_set("so bac ngach coefficient grade")
_BEFORE = frozenset(".,/-")
_BOOK = Phrasebook(
    {
        "pay": """
            lương, !thưởng, thưởng tết, tiền thưởng, thuong tet, thuong quy, duoc thuong, thuong sang kien,
            thuong nong, thuong du an, thu nhập, phụ cấp,
            trợ cấp, tiền công, thù lao, tiền làm thêm, tiền trực, truy lĩnh, !lãnh, lãnh lương, !lĩnh, !cầm,
            cầm về, thực nhận, thực lĩnh, mức đề nghị, nâng bậc, bồi dưỡng, hoa hồng, lg, salary, bonus,
            allowance, pay, payslip, pay slip, income, earn, earns, wage, gross, net, promised, offer, paid,
            hệ số, được trả, chỉ vào, vào có, ký hợp đồng, nhận hơn, nhận gần, nhận tới, được nhận, em nhận, tôi nhận,
            mình nhận, nhận có, nhận được, deal, package, makes, mỗi tháng, một tháng, tháng được, a month,
            per month, tncn, truy thu, ăn chia, tiền tháng, tiền tết, kpi, stipend, commission, earned, earning,
            ting ting, tinh tinh, về có, hợp đồng ghi, vào được, chốt lương, tiền về, được chia, đang nhận,
            lãnh có, lãnh được, lãnh hơn, lãnh gần, lĩnh được, kiếm được, mức khởi điểm, khởi điểm, chốt mức,
            !hưởng, tháng 13, đóng trên mức, mức đóng, overtime, nhuận bút, tiền giảng, tiền dạy, ngoài giờ, chỉ còn,
            sau khi trừ, pc, đề nghị mức, được hỗ trợ, trả e, only got, chi trả cho, trả cho, trả công, một buổi,
            mỗi buổi, mỗi giờ, per hour, an hour
        """,
        "sure": """
            lương, thu nhập, !thưởng, lãnh lương, lãnh được, lãnh có, em nhận, tôi nhận, mình nhận, nhận có,
            chỉ vào, được trả, trả tôi, trả em, !lĩnh, salary, bonus, earn, earns, pay slip, payslip, wage,
            thực nhận, thực lĩnh, lg, truy lĩnh, thù lao, promised, thưởng tết, paid, income, ting ting,
            tinh tinh, về có, hợp đồng ghi, vào được trả, chốt lương, gross, net, ký hợp đồng, ký mức,
            chỉ còn, overtime, mức đóng, đóng trên mức, phụ cấp, pc, allowance
        """,
        "surest": """
            lương chính, lương cứng, lương net, lương gross, thu nhập, thực nhận, thực lĩnh, lương thực, salary,
            pay slip, payslip, take home, lương hiện tại, lương tháng, income, truy lĩnh, lương vẫn, lương giờ,
            lương mới, lương cũ
        """,
        "own": """
            !tôi, toi, em, mình, tui, tớ, mk, !t, e, my, i, me, của tôi, con tôi, vợ tôi, chồng tôi, he, she,
            his, her, ứng viên, anh ấy, chị ấy, candidate, cháu, con, giấy xác nhận, phiếu lương, bảng lương,
            pay slip, payslip, offer letter, lương chính, lương thực, vk, ck, vợ, chồng, they, ting ting, về có,
            hợp đồng ghi
        """,
        "mine": """
            lương em, !lương tôi, lương mình, lương tui, của em, của tôi, của mình, của tui, em được, tôi được,
            mình được, em đang, tôi đang, mình đang, em nhận, tôi nhận, mình nhận, cho em, cho tôi, cho mình,
            my salary, my bonus,
            my pay, my allowance, i get, i got, i earn, i was paid, his salary, her salary, his bonus, her bonus
        """,
        "rule": """
            quy chế, quy định, tối thiểu, cơ sở, thông tư, nghị định, chức danh, áp dụng, định mức, mức trần,
            tối đa, mỗi người, !mọi, tất cả, lưu trú, công tác phí, hạn mức, dự toán, gói, giảm trừ, minimum,
            policy, per diem, trở lên, trở xuống, dưới, vượt, từ trên, chế độ, đóng bảo hiểm, khung, bậc thuế,
            người lao động, nhân viên mới, thang bảng, phí, hóa đơn, tạm ứng, luật, toàn công ty, cho nhân viên,
            cho kỹ sư, sáng kiến, hợp đồng mua, regulation, threshold, cap, rule, bậc 1, bậc 2, bậc 3, bậc 4,
            bậc 5, bậc 6, bậc 7, bậc 8, bậc 9, phải nộp thuế, chịu thuế, mức lương, nguyên lương
        """,
        "business": """
            tạm ứng, hoàn ứng, kinh phí, ngân sách, vật tư, hóa đơn, quyết toán, thanh toán, !mua, đặt cọc, tiền hàng,
            báo giá, chứng từ, công tác phí, lưu trú, lệ phí, học phí, tài trợ, dự án, gói thầu, invoice, budget,
            advance, purchase, deposit, quote, tender
        """,
    }
)
_PAY_WORDS = word_set(
    """
    luong thuong nhap cap cong lao linh lanh cam nhan nghi bac duong hong lg salary bonus allowance pay payslip slip
    income earn earns wage gross net promised offer paid tra vao dong deal package makes thang month tncn thu chia
    pc huong overtime but tro got giang day con tru
    tien kpi stipend commission earned earning ting tinh ve chot duoc he kiem muc khoi buoi gio hour
    """
)
_TAKEN = re.compile(r"\b(?:nhan|linh|lanh|ky muc|thoa thuan muc|kiem)(?: (?:duoc|la|co|khoang|gan|hon|tam|ve))? $")
"""Right before an amount that somebody who is named gets."""
_NEAR, _SAME_BREATH = 90, 45
"""Characters between an amount and the words that make it somebody's pay; and where no person is named."""
_END = re.compile(r"(?<!\bmr)(?<!\bms)(?<!\btp)[.!?](?=\s)|\n\s*\n")


def amounts(reading: Reading) -> Iterator[Span]:
    """Pay of a person, of the asker too; the amount with its unit."""
    if not reading.words & _PAY_WORDS:
        return
    found = sorted({*money(reading)})
    if found:
        places = Places(reading)
        near_pay = [
            (start, end)
            for start, end in found
            if places.are_near("pay", start) or _TAKEN.search(reading.plain, max(0, start - _SAME_BREATH), start)
        ]
        if near_pay:
            places.add_people(reading)
        yield from (Span(start, end, Kind.SALARY) for start, end in near_pay if places.is_somebodys(start))


def coefficients(reading: Reading) -> Iterator[tuple[int, int]]:
    """Small decimals that may be of a grade of pay, where grades are spoken of."""
    if reading.words & _GRADES:
        yield from (match.span() for match in _GRADE.finditer(reading.plain))


def money(reading: Reading) -> Iterator[tuple[int, int]]:
    """Amounts of money, in figures or in words."""
    text = reading.plain
    if reading.has_digits:
        for match in (*_CURRENCY_FIRST.finditer(text), *_FIGURES.finditer(text)):
            before = text[match.start() - 1] if match.start() else " "
            if not before.isalnum() and before not in _BEFORE:
                yield match.span()
        yield from (match.span() for match in _COEFFICIENT.finditer(text))
    if reading.words & _WORD_UNITS:
        yield from (
            match.span() for match in _WORDS.finditer(text) if _is_count(reading.marked[match.start() : match.end()])
        )


def _is_count(words: str) -> bool:
    """Whether these are the words for numbers themselves, in a text with tone marks: "tư" is four, "từ" is from."""
    return all(word.isascii() or word in _COUNTED for word in words.split())


class Places:
    """Where words of pay, of rules and people stand in the text, by their first characters."""

    def __init__(self, reading: Reading) -> None:
        self._groups: dict[str, list[int]] = {
            group: [] for group in ("pay", "sure", "surest", "mine", "own", "rule", "business", "named", "head")
        }
        for hit in _BOOK.hits(reading):
            self._groups[hit.group].append(reading.tokens[hit.first].start)
        self._ends = [match.start() for match in _END.finditer(reading.plain)]

    def add_people(self, reading: Reading) -> None:
        """Those who are named, and those who hold an office."""
        for mention in mentions(reading):
            if mention.who is not Who.GROUP:
                group = "named" if mention.who is Who.NAMED else "head"
                self._groups[group].append(reading.tokens[mention.first].start)

    def is_somebodys(self, at: int) -> bool:
        """Whether money near a word for pay, or that is got, and which stands there, is a person's pay."""
        if self.are_near("named", at):
            return self.are_near("pay", at) or not self.are_near("business", at)
        if not self.are_near("pay", at):
            return False
        if self.are_near("mine", at, _SAME_BREATH) and not self.are_near("business", at):
            return True
        if self.are_near("rule", at):
            return False
        is_own = self.are_near("own", at) and self.are_near("sure", at) and not self.are_near("business", at)
        return self.are_near("head", at) or is_own or self.are_near("surest", at, _SAME_BREATH)

    def is_business(self, at: int) -> bool:
        """Whether an amount there is of the firm's own business, as an advance for goods, and no word says pay."""
        return self.are_near("business", at) and not self.are_near("sure", at)

    def groups_near(self, at: int) -> frozenset[str]:
        """The groups with a phrase close by, in the same sentence."""
        return frozenset(group for group in self._groups if self.are_near(group, at))

    def are_near(self, group: str, at: int, reach: int = _NEAR) -> bool:
        """Whether a phrase of the group stands close by, in the same sentence."""
        return any(abs(place - at) <= reach and not self._are_parted(place, at) for place in self._groups[group])

    def _are_parted(self, one: int, other: int) -> bool:
        first, last = sorted((one, other))
        return any(first < end < last for end in self._ends)
