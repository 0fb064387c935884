"""Where private data stands: exact offsets, whatever way it was typed; and what only looks like it is left alone."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.private_data import find

_MARK = re.compile(r"\[\[([A-Z]+):(.*?)\]\]")


def unmarked(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without the marks of the test, and the kinds and data that were marked."""
    return _MARK.sub(r"\2", text), _MARK.findall(text)


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type.value, text[span.start : span.end]) for span in find(text)]


@pytest.mark.parametrize(
    "marked",
    [
        "Anh Tín lĩnh [[SALARY:7,2tr]] tuần này",
        "Trưởng ca Lâm nhận [[SALARY:26.100.000đ]] tháng 4, phó ca Thịnh nhận [[SALARY:21,5 tr]]",
        "Anh Lâm nhận 26.100.000đ tạm ứng mua vật tư",
        "Phòng Kỹ thuật nhận 26.100.000đ kinh phí sửa cột",
        "thang truoc em lanh co [[SALARY:mười hai triệu rưỡi]]",
        "Chị Diễm ký mức [[SALARY:14.200.000 đồng]] từ 1/9",
        "lương vẫn [[SALARY:16 triệu rưỡi]] nhé",
        "đổi tài khoản lương của em từ [[BANK:711A40118236]] sang [[BANK:104870021533]] VietinBank",
        "Bản vẽ 711A40118236 để ở tủ nào?",
        "số trực ban tòa nhà 024 3827 1190 đúng chưa",
        "Invoice the harbour authority under tax code 0312847765",
        "mk may in: khoin3#221, mk may chu gio: [[SECRET:qtm_Lam41]]".replace("khoin3#221", "[[SECRET:khoin3#221]]"),
        "mk may ky tu la du?",
        "luong toi thieu vung 1 la 4.960.000d thi ky hop dong thap hon duoc k",
        "Góp ý xin gửi về hòm thư chung qlat@donvi.com.vn",
        "Xe thang nâng, biển công ty 29LD-418.06, bảo dưỡng quý nào?",
        "the ID number on my labour contract, [[CCCD:092094118360]], is wrong",
        "Khóa kích hoạt phần mềm vẽ mạch: [[SECRET:T5RX-3KQ8-WLM2-19HD]]",
        "wifi phòng họp lớn đổi thành [[SECRET:sangtot-antoan77]] từ sáng nay",
        "Ứng viên Nguyễn Hữu Lộc đề nghị mức [[SALARY:1.600 USD]]",
        "pc khu vuc cua e moi thang [[SALARY:1tr250]] sao chua co",
        "My standby allowance in May came to only [[SALARY:1,940,000 VND]]",
        "a Kiên hưởng tháng 13 là [[SALARY:36 củ]]",
        "em mới nhận lương [[SALARY:13.870.000]] mà bảng ghi khác",
        "ssh root vao may du phong bang [[SECRET:n2uoc-Lon_Rong]], dan o man hinh",
        "két sắt phòng vật tư mở bằng mã [[SECRET:72-15-38]] rồi vặn phải",
        "Tài khoản camera kho: truckho / [[SECRET:CongTay4*Sang]]. Xem lại đoạn 22h",
        "Mật khẩu file nén là [[SECRET:Q3-kt/2026]], nhớ giữ kín",
        "mã mở két 4 số [[SECRET:8137]]",
        "mất thẻ visa thì gọi tổng đài ngân hàng 1900545455",
        "quên mật khẩu cũ rồi, hình như [[SECRET:Tn207z]] gì đó",
        "hồ sơ thiếu số cmnd, Thảo đọc là [[CMND:225094781]], nhập không được",
        "số người nhà [[PHONE:0976 025 3 84]], gọi gấp",
        "lương em đang [[SALARY:19 triệu]] mà lên bậc 5 thì tăng bao nhiêu",
        "thưởng sáng kiến của em [[SALARY:4.000.000đ]] chuyển vào đâu",
        "Mật khẩu khởi tạo của nhân viên mới: [[SECRET:Xin.Chao/0719]]. Phải đổi trong bao nhiêu giờ?",
        "doi mat khau tu [[SECRET:mua4nangto]] sang [[SECRET:Mua5-Mat!]] ma he thong che ngan",
        "số mới ACB – [[BANK:25187640]], nhờ cập nhật",
        "mk wifi thế nào là đủ dài?",
        "Quên mật khẩu thì báo tổ CNTT, máy lẻ 2100",
        "Key switch on the TX rack is stuck in LOCAL, what now?",
        "The API token for the backup host is [[SECRET:bk_4mT8q1ZrW0xc]], rotate it",
        "khoa ssh de vao may chu sao luu: [[SECRET:AAAAB3NzaC1yc2EAAAADAQAB7x]]",
        "My VPN passcode expired, the old one was [[SECRET:Echo-Tango-51]]",
        "Két sắt phòng tài vụ đổi mã rồi: [[SECRET:41-08-63]]",
        "mã giải ngân ngân hàng nhắn [[SECRET:604817]]",
        "The blue Vision, [[PLATE:51K3.40927]], blocks the gate",
        "xe ban tai cong vu 65A-001.28 thay lop o dau",
        "Gửi bài qua bantin@donvi.example trước thứ Năm",
        "Em ký hợp đồng thử việc với mức [[SALARY:12 triệu 300 nghìn]] một tháng",
        "Chi trả cho cộng tác viên Lò Mỹ Duyên [[SALARY:6,5 triệu đồng]]",
        "wifi phòng họp lớn: [[SECRET:mimosa2031]]",
        "Gửi em qua [[EMAIL:hai-yen.do@icloud.com]], đừng gửi hộp thư chung phongtaichinh@donvi.vn",
        "[[PHONE:09 8 1 4 6 2 0 9 7]] là số em",
        "khấu trừ theo mã [[TAX:8461 220 735]]",
        "Tăng lương cho Thảo từ [[SALARY:12tr]] lên [[SALARY:15tr]] từ tháng sau",
        "Kế toán ghi lương bà Năm là [[SALARY:bảy triệu hai]]",
        "thưởng nóng [[SALARY:500k]] cho Hải vì trực bão",
        "Base of Mr. Khoi is [[SALARY:1,800 USD]] plus bonus [[SALARY:$300]]",
        "Lương net của em [[SALARY:30tr/tháng]] có phải quyết toán không",
        "Hợp đồng thử việc của Linh ghi mức lương [[SALARY:11.500.000 VND]]",
        "lương anh Ba khoảng [[SALARY:20-25tr]] đúng ko",
        "thu nhập chị Hiền năm ngoái [[SALARY:412 triệu]]",
        "em ăn lương [[SALARY:9 triệu rưỡi]] mà trừ hết [[SALARY:1tr2]]",
        "her salary is [[SALARY:25 million VND]] a month",
        "Salary: [[SALARY:32.000.000đ]] - Nguyễn Hồng Ân",
        "bác Tám về hưu nhận [[SALARY:6 triệu 8]] mỗi tháng",
        "tiền làm thêm của tổ anh Quý: Quý [[SALARY:2.450.000]], Dũng [[SALARY:1.980.000]]",
        "Mã số thuế người phụ thuộc: [[TAX:8765432109]]",
        "MST [[TAX:8432 109 876]] do công ty đăng ký hộ em",
        "[[TAX:8123456789]] là mã số thuế của em đó",
        "thuế TNCN của em theo mã [[TAX:8340912765]]",
        "tax no. [[TAX:8011223344]] (personal)",
        "mã thuế em: [[TAX:8.456.789.012]]",
        "tra mst [[TAX:8765 432 198]] giùm",
        "PIT number [[TAX:8098765432]]",
        "Số thuế cá nhân của anh Trung là [[TAX:8377216540]]",
        "Gọi [[PHONE:0243 826 7788]] gặp mẹ em ở nhà",
        "nhắn [[PHONE:+84-913-555-777]] nha",
        "Viber: [[PHONE:(+84)913555777]]",
        "số [[PHONE:0912,345,678]] của chú Sáu",
        "[[PHONE:0 9 1 2 3 4 5 6 7 8]] là số mới",
        "ĐT nhà riêng: [[PHONE:(024) 3826 7788]]",
        "[[PHONE:+1 415 555 0132]] is Mr. Lee's cell",
        "sdt[[PHONE:0987654321]] gap Hai",
        "SĐT:[[PHONE:0987.654.321]],[[PHONE:0901234567]]",
        "Hai số [[PHONE:0987654321]] - [[PHONE:0901234567]] đều không nghe",
        "[[PHONE:0987654321]]/[[PHONE:0901234567]] gọi cái nào cũng được",
        "tk [[BANK:19036789012345]] techcom chu tk PHAM THI MAI",
        "nộp vào [[BANK:0011 0041 23456]] VCB Sở giao dịch",
        "Agribank [[BANK:1500205123456]] Trần Văn Tý",
        "stk: [[BANK:0909123456]] momo",
        "số tài khoản BIDV của tôi 13 số [[BANK:1251000012345]]",
        "ATM [[BANK:9704 3600 1122 3344 556]]",
        "credit card [[BANK:4539 1488 0343 6467]] exp 11/27",
        "bank transfer to [[BANK:102-0000-45678]] please",
        "Thẻ VISA [[BANK:4539148803436467]]",
        "CMT [[CMND:012.345.678]]",
        "chứng minh thư cũ của mẹ [[CMND:245 667 889]]",
        "cmnd so [[CMND:023456789]], cccd so [[CCCD:079088001234]]",
        "số CMTND: [[CMND:111222333]] cấp 2011",
        "ID cũ (9 số) [[CMND:205 111 222]]",
        "Thẻ căn cước số [[CCCD:001.088.012.345]]",
        "[[CCCD:079 088 001 234]] Lê A",
        "cccd:[[CCCD:001088012345]];sdt:[[PHONE:0912345678]]",
        "căn cước công dân gắn chip [[CCCD:038-192-004-455]]",
        "mật khẩu wifi: [[SECRET:68686868]]",
        "pass máy trạm là [[SECRET:vatm@123]]",
        "Password=[[SECRET:P4ss.word!]]",
        "mk: [[SECRET:Hn2025#]] nhé",
        "user sa pass [[SECRET:Sql#2019]]",
        "mã OTP của em là [[SECRET:448 201]]",
        "[[SECRET:AKIA1234567890ABCDEF]] còn dùng không",
        "export API_KEY=[[SECRET:3f9a8b7c6d5e4f3a2b1c]]",
        '"password": "[[SECRET:hunter2]]"',
        "Authorization: Bearer [[SECRET:eyJhbGciOi.eyJzdWIi.abc123]]",
        "mật khẩu đăng nhập là [[SECRET:Conmeo99]], sao báo sai",
        "mk cửa kho [[SECRET:2580]]",
        "[[EMAIL:le.van.tam@yahoo.com]]",
        "Email em ạ: [[EMAIL:thuytien_pham@gmail.com]]!",
        "mailto:[[EMAIL:anhkhoa@outlook.com]]",
        "<[[EMAIL:b.tran@vidu.vn]]>",
        "biển [[PLATE:29A1-123.45]] mất trộm",
        "xe [[PLATE:51G-999.88]] của Hà",
        "ô tô [[PLATE:30A-123.45]] chắn cổng",
        "BKS [[PLATE:43A12345]]",
        "BSX: [[PLATE:59-T1 123.45]]",
        "xe máy [[PLATE:29-B1/12345]]",
        "Reach her at [[EMAIL:bich.le@fastmail.com]] after Monday",
        "the link at [[EMAIL:tam.ngo.sg@gmail.com]] never came",
        "mật khẩu ứng dụng của em [[SECRET:rwtk zqpm bvdn hxgs]], cài vào đâu",
        "Please open each line with care, then stop",
        "mã cửa kho đổi thành [[SECRET:7081*33]] rồi",
        "The old ID number on my contract is [[CMND:213.884.709]]",
        "Mã số thuế của chi nhánh Huế 0301234567-012 ghi lên hóa đơn",
        "đường dây nóng phản ánh ý kiến 0236 3 812 456 có ghi âm không",
        "Bắt buộc bật OTP từ 05/03 cho mọi tài khoản",
        "part number của quạt tủ VHF là 3TX9100-1BC24",
        "Bổ sung căn cước của Hồ Hữu Tin, số đây: [[CCCD:079094001523]]",
        "Thu nhập của chị Bưởi khai theo mã cá nhân [[TAX:8163000294]] nhé",
        "thuong sang kien [[SALARY:4 trieu]] cua a Nghiep chuyen dau",
        "Chuyên gia Lỗ Minh Trí, thù lao [[SALARY:12.700.000 đồng]], khấu trừ mấy phần trăm",
        "Số khung máy phát điện QAT1C4.4-PFE01999 ghi vào mục nào của màn hình",
        "mật khẩu cửa kho là [[SECRET:xkcdq]] nhé",
        "pass két sắt là [[SECRET:hoamaitrang]] đúng không",
        "Open a ticket at hotro.vidu.vn or call 199",
        "write to [[EMAIL:binh.vo at gmail.com]] instead",
        "Could reports@vidu.vn take a hazard note without a name?",
        "Số chứng minh thư loại 9 số của anh là [[CMND:245.771.903]]",
        "Bạn nào để con Vespa [[PLATE:60B7 41823]] ngay cửa",
        "xe [[PLATE:47C2-318.55]] đậu chắn xe cẩu của đội",
        "Xe tải biển 51D-204.66 của công ty cần giấy gì",
        "Xe 4 chỗ của trung tâm 43A-561.07 hết dầu",
        "thưởng quý của e [[SALARY:5,4 trieu]] chua ve",
        "Giảng viên được trả [[SALARY:400k/tiết]], nhận ở đâu",
        "Chị Lan lương [[SALARY:22 triệu net]] thì khai sao",
        "Lương của tôi là [[SALARY:SGD 950/ngày]]",
        "Khóa khôi phục BitLocker: [[SECRET:118305-220417-553091-660183-117204-330928-440715-551826]]",
        "Door PIN of the relay room is [[SECRET:7316#]] since Monday",
        "Cửa kho đổi mã rồi, mã mới [[SECRET:8240#]] nhé",
        "Két sắt mở bằng dãy số [[SECRET:11-48-73-26]]",
        "OTP to sign the form came on my phone: [[SECRET:730 452]]",
        "secret của 2FA: [[SECRET:KVKF Q3DP M2XU 7PLA]]",
        "Nhà thầu cấp pin UPS có mã số thuế 0312345678",
        "Doanh nghiệp số 0309112233 trúng thầu năm ngoái",
        "hoa don so 00077120 ngay 11/02/2025 bi sai ten hang, nha cung cap lam bien ban gi",
        "Xe 80A-123.45 là xe công của trung tâm",
        "Hotline 1900 6017 và tổng đài 024 3827 1513",
        "Lương cơ sở 2.340.000 đồng từ 1/7",
        "Phụ cấp ca đêm 350.000 đồng/ca theo quy chế",
        "Mã tài sản 079088001234 thanh lý chưa",
        "Số tài khoản 1111 và 1121 khác nhau gì",
        "Số lô 0987654321-A",
        "Tần số dự phòng 126.35, 127.3 và 128.15",
        "Công suất 8123456789 Wh trên công tơ",
        "PIN dự phòng 12V 7Ah thay khi nào",
        "MST công ty: 0100107518",
        "gửi về phongkythuat.cns@vidu.vn",
        "IMEI 356938035643809",
        "Dải IP 10.12.0.0/16 và 172.16.4.9",
        "ngày 12/03/2024 lúc 08:30:15",
        "Toạ độ 16.0544, 108.2022",
        "B737-800 VN-A123 hạ cánh 05/23",
        "ISBN 9786041234567",
        "Gói thầu 3.450.000.000 đồng",
    ],
)
def test_data_are_found_to_the_character_and_look_alikes_are_not(marked: str) -> None:
    text, expected = unmarked(marked)
    assert found(text) == expected


@pytest.mark.parametrize(
    ("marked"),
    [
        "Hộ chiếu [[PASSPORT:C1234567]] của tôi sắp hết hạn",
        "passport no. [[PASSPORT:B9876543]] please",
        "Số sổ BHXH [[INSURANCE:7912345678]] của em sai tên",
        "thẻ BHYT [[INSURANCE:DN4797912345678]] hết hạn",
        "gplx [[LICENCE:790123456789]] hạng B2",
        "Em sinh ngày [[BIRTH:14/02/1995]]",
        "Tôi ra đời ngày [[BIRTH:12/9/1966]]",
        "DOB: [[BIRTH:12-03-1989]]",
        "địa chỉ nhà: [[ADDRESS:12/5 ngõ 7 Láng Hạ]]",
        "IBAN [[BANK:GB82 WEST 1234 5698 7654 32]]",
    ],
)
def test_further_kinds_have_their_own_names(marked: str) -> None:
    text, expected = unmarked(marked)
    assert found(text) == expected


DATA = [
    ("PHONE", "Gọi anh Nam {}", "0912 345 678"),
    ("CCCD", "Căn cước của tôi là {}", "001 203 004 567"),
    ("CMND", "CMND {} cấp năm 2009", "012.345.678"),
    ("BANK", "Số tài khoản {} BIDV", "1903 4567 8901"),
    ("TAX", "Mã số thuế của tôi {}", "8123 456 789"),
    ("EMAIL", "Thư riêng {} nhé", "lan.nguyen@gmail.com"),
    ("PLATE", "Biển số {} của chị Hạnh", "51F-123.45"),
    ("SALARY", "Lương của anh Tuấn là {}", "25 triệu rưỡi"),
]


def without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


DISGUISES = {
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "zero width": "\u200b".join,
    "full width": lambda text: "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in text),
    "odd spaces": lambda text: text.replace(" ", "\u00a0"),
    "odd dashes": lambda text: text.replace("-", "\u2011"),
    "other digits": lambda text: "".join(chr(0x1D7CE + int(char)) if char.isdigit() else char for char in text),
    "no marks": without_marks,
    "soft hyphens": "\u00ad".join,
}


@pytest.mark.parametrize(("kind", "sentence", "datum"), DATA, ids=[kind for kind, _, _ in DATA])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_way_of_writing_hides_a_datum(kind: str, sentence: str, datum: str, disguise: str) -> None:
    hidden = DISGUISES[disguise](datum)
    outside = without_marks(sentence) if disguise == "no marks" else sentence
    assert found(outside.format(hidden)) == [(kind, hidden)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Số của em là không chín bảy hai, ba bốn năm, sáu bảy tám", "PHONE"),
        ("so em la khong chin bay hai ba bon nam sau bay tam", "PHONE"),
        ("call zero nine one two three four five six seven eight", "PHONE"),
        ("số em 0 chín 1 hai 3 bốn 5 sáu 7 tám", "PHONE"),
        ("căn cước không không một hai không ba không không bốn năm sáu bảy", "CCCD"),
        ("mã OTP là bốn tám hai chín một ba", "SECRET"),
        ("lan.nguyen a còng gmail chấm com", "EMAIL"),
        ("lan [at] gmail [dot] com", "EMAIL"),
        ("số o912345678 nha", "PHONE"),
        ("lương của anh Nam hai mươi lăm triệu", "SALARY"),
    ],
)
def test_data_in_words_are_found(text: str, kind: str) -> None:
    assert [name for name, _ in found(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "năm hai nghìn không trăm hai mươi bốn có ba đợt kiểm tra",
        "một hai ba bốn năm sáu bảy, bắt đầu đếm",
        "Gửi support@vidu.vn, phongkythuat@vidu.vn hoặc hr-team@vidu.vn",
        "Hộp chung của đội: truc.dem@vidu.vn",
        "Máy lẻ 2345, ext. 118, tổng đài 1900 6868 và 1800 6799",
        "DVOR 113.7 MHz, ILS 110.3, kênh 37X, squawk 7600",
        "Đường băng 07L/25R, chuyến VN1234, VJ 0912",
        "P/N 822-1234-001, S/N 0356 2281 07, mã vật tư 0901234567",
        "Quyết định 1234/QĐ-KT ngày 05-02-2026, công văn số 0987/CV",
        "10°49'08\"N 106°39'07\"E, 16.0544, 108.2022",
        "2026-11-23 08:30:15, 20261123083015, 1763884215",
        "10.12.0.1, 192.168.10.25:8443, fe80::1",
        "Số lượng 123456789 con, đơn hàng 4500012345",
    ],
)
def test_numbers_of_work_are_nobodys(text: str) -> None:
    assert found(text) == []


def test_a_firms_tax_code_is_no_persons() -> None:
    assert found("Mã số thuế công ty 0100109106") == []
    assert found("Mã số thuế của tôi 0100109106") == [("TAX", "0100109106")]


@given(st.text(alphabet=st.sampled_from("0123456789 .-+()@aăáđ\u0301\u200bmkluongcủaNam\n:/"), max_size=120))
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    spans = find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(st.text(max_size=200))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for span in find(text):
        assert text[span.start : span.end]
