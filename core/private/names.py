"""Names of people in Vietnam and the words that go before them. Marks as in print; people also type them without."""

from core.private.wordlists import word_set

SURNAMES = word_set(
    """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh trịnh đào đoàn lâm mai trương cao tạ
    lưu lương hà quách tô châu thái kiều tôn tăng lục la phùng khuất bạch âu nghiêm giáp vương tống ung triệu đồng
    cù mã lại vừ giàng sùng thào lò vàng hầu ma nông lường cầm quàng tòng chu từ thạch sơn danh kim lộc ninh văn đàm
    hứa kha khổng khúc mạch đậu mẫn nhan ôn phó tề uông vòng giả hạ hồng khương kỷ liêu mông nghị nhâm sầm tằng thập
    thiệu trầm vưu cấn chử diệp dư đới điền đổng giản hàn mâu mộc mùa ngạc nhạc tào thượng trác ưng vạn quan sử lạc
    mẹc bế đoạn doãn bành nghê nhữ ông phí quản sái thiều tiêu tiết tưởng trà ty viên vi yên đường thân thi hoà vy
    hán lỗ lù chảo tẩn thàng phàn h y ksor rơ siu rmah êban niê kpă
    """
)
SURE_SURNAMES = word_set("nguyen tran pham huynh hoang bui dang trinh phan ngo dinh truong duong doan luu phung vuong")
"""Surnames that are hardly anything else when typed in lower case without marks and followed by a given name."""
SUREST_SURNAMES = word_set("nguyen huynh bui trinh ngo")
LIKELY_SURNAMES = word_set("le vu vo ly dao lam cao")
"""Surnames without marks when a middle name such as "thi" or "van" follows."""
MIDDLES = word_set("thị văn thi van hữu đức huu duc")
GIVEN = word_set(
    """
    an anh ánh ân ái bách bảo bằng bích biên bình ca cẩm cảnh châu chi chí chiến chinh chính chung chương công cúc
    cường danh diễm diệp diệu dung dũng duy duyên dương dưỡng đại đạo đạt đăng điệp định đoan đoàn đông đức giang
    giao hà hải hân hạ hạnh hào hảo hằng hậu hiên hiền hiển hiệp hiếu hinh hoa hòa hoài hoan hoàn hoàng hồng huân
    huấn huệ hùng huy huyên huyền hưng hương hường hữu kha khải khang khanh khánh khiêm khoa khoan khôi khương kiên
    kiệt kiều kim kỳ lam lâm lan lành lân lê lệ liên liễu linh lĩnh loan lộc lợi long luân luận lực lương ly lý mai
    mạnh mẫn mận mến mi minh my mỹ nam nga ngà ngân nghi nghĩa nghiêm ngọc nguyên nguyệt nhã nhài nhàn nhân nhật nhi
    nhiên nho như nhung ninh oanh phát phi phong phú phúc phước phương phượng quân quang quế quốc quý quyên quyết
    quỳnh sang sáng sinh sơn sương tài tâm tân tạo tấn thạch thái thắm thắng thanh thành thảo thăng thế thêu thịnh
    thoa thoại thơ thơm thông thu thuần thuận thục thùy thúy thủy thư thương thường tiên tiến tiếp tín tình tịnh
    toàn toán tới trà trâm trang tráng tri trí triết triều triệu trinh trình trọng trung trúc trường tú tuân tuấn
    tuệ tùng tuyên tuyến tuyền tuyết tường tưởng tỷ uyên út văn vân vi viên việt vinh vĩnh vũ vui vượng vy xinh xuân
    xuyến yên yến khuê lượng đào đan điền hòe lài lựu sen tèo tí bông mơ thìn tuất hợi sửu dần mão tỵ ngọ mùi thân
    dậu bé ngoan hồ khuyên quyền thiện thiên thụy trân vỹ ý đảo đua nhâm quảng lãm triển tuyển hiến bốn năm chín
    mười sáu tám
    """
)
RARE = word_set(
    """
    toản phấn thoan chuyên luyện nương hoạch hợp hội khởi lập liêm năng nghị nhẫn phiên phục phụng quyến sâm tảo
    thẩm thép tiệp trạch trác tụ tựu vạn vịnh vọng vững xoan đạm đắc đệ đính đô đôn độ khanh luyến nhị phin quýnh
    thao thuyên trắc xứng bách bộ cát cừ dần dư gấm giàu hạt hoạt hơn khuyến kính lai liệu lữ mây minh nết nhạn nhựt
    nụ quới rồng sao sói thạo thoả thỏa thọ thương tới trang trừ tuyển văn vóc xinh đậu điểm đinh đoái huỳnh huyện
    khải nữ phước sử tiễn trực tùy
    """
)
"""Given names that are believed only where marks and capitals show them."""
ORDINALS = word_set("hai ba tư năm sáu bảy tám chín mười út cả")
"""What people in the south are called by: "chú Bảy"."""
WORDS_TOO = word_set(
    """
    chuyên luyện hợp hội khởi lập năng phiên phục thép vạn vững độ đô bộ dư giàu hạt hoạt khuyến kính lai liệu mây
    nết nụ rồng sao tới trừ vóc đậu điểm đinh huyện nữ sử trực tùy thọ thỏa thao đắc đệ quảng triển bốn năm cát nhị
    điền bách an anh ca chi chinh chung công danh dung dương giao ha hai hiên hoa hoan hơn hương khoa kim la lam lan
    lê long ly mai mi minh my nam nga ngân nghi nghĩa nhân nhật nho như phát phi phong phú phương quân quý quyền
    sang sáng sinh tài tạo tân tây thành thanh thắng tháng thế thoa thông thơ thu thư thương thường thủy tiên tiến
    tiếp tin tình toàn toán trà trang trí trung trường trình tuần tú tùng tuyến tuyển tường văn vân vi viên việt vui
    xuân ý mười chín sáu tám mùi bé hợi đại đạo đạt định đoàn đông đức đào đan hiện hiền hữu hải hòa hồng kỳ lực lợi
    lộc lý mạnh mơ nhàn phúc quang quốc sơn tâm thân thiên thiện tí út triều trọng vinh vũ yên bình bảo bằng biên
    cảnh chí chiến chính chương cường diệp duy hạ hạnh hà hào hậu hiếu hiệp hoàn hoàng kiên kiều khải khang khương
    lâm lành lân liên linh lĩnh luân luận lương mẫn nguyên quế quyết tấn tín tịnh tri triết tuân tuyên tưởng đăng
    """
)
"""Given names that are everyday words as well: alone, in lower case, they name nobody."""
TITLES = word_set(
    """
    anh chị em ông bà cô chú bác cậu bạn thầy sếp dì mợ cụ cháu bé thằng con lão mr mrs ms miss dr đc nv ks ksv
    """
)
SHORT_TITLES = word_set("a c e mr ms")
NOT_AFTER = {
    "ba": "thang nam tuan quy ngay lan loan gio buoc nguoi la dinh truong tri vi cong",
    "co": """
        quan dinh han tam loi nam ngan an tien hieu huong thuong sinh son duong thanh long minh bao phuc binh khanh
        dong dat chinh mai ly hoi khi hop hoa the so hai bang dang tinh giang nghia ich dau y thu chi khoan phai
        danh cau chieu toan thong tin thi viet van hang thuoc
    """,
    "chi": """
        phi tra nhanh tien thi dinh huy minh tiet nhan bo uy luong thuong ngan cho mua quy khanh cuc hoi binh phoi
        doan dan tap
    """,
    "chu": "ky dong tri nhat quan tich so the y yeu dau truong hang thich",
    "bac": "luong nam hai ba bo kinh si ninh giang lieu ha trung sy an thang",
    "anh": "huong sang em minh ve hung chup dep quoc viet",
    "ong": "nuoc dan khoi nhom bao gio thep nhua dong luon noi",
    "ban": """
        dieu hanh quyen nam dau hang giao bao hien chat luong tin chi an quan le do bo tay ve thao su viet dich goc
        cung kiem
    """,
    "cau": "hinh truc thang hoi chuyen giay tao lenh noi van chi tra ha giang dao phong",
    "thay": "the doi bang moi vi dong ro vao",
    "em": "be oi moi muon can dang",
    "con": "lai so nguoi duong tau dau hang trong han no thieu",
    "be": "bot",
    "thang": "nay may luong nam hai ba tam bay chin",
    "cu": "ly the phap quoc hanh long",
    "a": "la",
    "c": "",
    "e": "la",
    "b": "",
    "di": "chuyen dong cu hoc lam cong trang duong san tram",
    "lao": "dong",
    "chau": "a au phi my",
    "nv": "moi cu ky",
    "sep": "nao",
}
"""What follows the letters of a title that is none: "co quan" is an office, "ba thang" three months."""
NOT_NAMES = word_set(
    """
    phong ban to doi truong pho ke toan ky thuat nhan su giam doc hanh chinh van thu it hr kip ca tram dai nao ay do
    nay kia ta minh toi em oi a nhe cho hoi xin giup bi duoc co la dang se da vua moi hay va voi cua tai o trong
    ngoai lam di ve vien khach hang quan ly truc bao lai xe tap vu tho ho so tong kho y te bac si cu ben cung mot
    hai ba bon nam may nhieu cac nhung tung khac nen phai can muon ngoi dung kiem radar ils vor dme adsb vhf qa qc
    atc dvor company the your our my his her their staff employee team office manager director chief head boss noi
    nghi nop viet xem gui goi lay mua tra thi thay ma luong thuong
    """
)
"""Words without marks that follow a title and are no name: roles, units, and what people do."""
ENGLISH = word_set(
    """
    john david peter james mary anna tom mike michael robert william linda susan sarah kevin jack lucy alice bob
    paul mark daniel emma helen henry george brian steven tony jenny nancy kelly lisa amy laura eric frank jane
    """
)
NOT_OWNERS = word_set(
    """
    what who it that there here where how when let he she company today tomorrow yesterday year month week office
    staff employee employer team department vietnam government manager director world country supplier vendor
    contractor user customer airline airport station radar engineer technician operator people man one everyone
    someone anyone nobody system device server bot model school child parent spouse worker member regulator icao
    caav provider insurer
    """
)
