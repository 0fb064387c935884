"""Words around names that tell a name from another word, without tone marks unless they are told to have them."""

from core.private.wordlists import phrase_set, word_set

UNITS = word_set(
    """
    ke ky nhan hanh truc van tai to radar ils vor dme ndb adsb vhf hf it ats cns atc aim noc an den dien co kinh vat
    dao bao thong khai mang khi tuan lai hau phap kiem ho dich minh em toi nay do kia accounting finance hr
    engineering technical
    """
)
"""What may stand after "tổ", "phòng" or "đài" to say which one."""
PAIR_TITLES = phrase_set(
    """
    nhan vien, ky su, dong chi, bac si, ung vien, hoc vien, giang vien, cong nhan, ky thuat vien, thuc tap,
    sinh vien, truong phong, pho phong, giam doc, to truong, to pho, doi truong, truong ban, truong dai, pho dai,
    ke toan, lai xe, bao ve, tap vu, thu kho, thu quy, kip truong, ky thuat, chuyen gia, tai xe, pho ban
    """
)
"""Titles of two words; a name follows them."""
ROLE_PAIRS = phrase_set(
    """
    ke toan, ky thuat, nhan su, hanh chinh, van thu, giam doc, bao ve, lai xe, truc ban, to truong, thu quy,
    thu kho, le tan, tap vu, truong phong, pho phong, truong ban, truong doi, doi truong, kip truong, quan ly,
    nhan vien, an toan, dao tao, ke hoach, it, hr
    """
)
"""What follows a title and is an office, no name: "chị kế toán"."""
PLACES = phrase_set(
    """
    quang nam, hai phong, dien bien, binh duong, hai duong, hung yen, nam dinh, thanh hoa, kien giang, an giang,
    tien giang, hau giang, long an, phu yen, vinh long, bac giang, bac ninh, phu quoc, tan son, phu bai, cam ranh,
    noi bai, tam dao, phu tho, binh dinh, khanh hoa, dong hoi, con dao, quy nhon, hoa binh, lang son, viet nam,
    bach khoa, dong nai, da lat, da nang, quang ninh, quang ngai, quang tri, quang binh, nghe an, tuyen quang,
    vinh phuc, binh phuoc, binh thuan, ninh thuan, ninh binh, tay ninh, dong thap, tra vinh, ben tre, can tho,
    ca mau, bac lieu, soc trang, gia lai, dak lak, dac lac, kon tum, buon ma, bac kan, yen bai, lai chau,
    lien khuong, chu lai, tuy hoa, cat bi, tho xuan, vung chua, bach mai, viet duc, phan tram, co tham, hong kong,
    bien hoa, phan thiet, phu cat, tan an, ba ria, vung tau, hoang sa, truong sa, sam son, do son, cua lo, bo cap,
    mui ne, ho tay, phu quy, tho chu, chau au, chau a, chau my, chau phi, chau uc, tin lanh, la ma, ba lan,
    trung quoc, hoa ky, ha lan, mong co, tay ban, ban nha, bo dao, dao nha, hoi giao, do thi, vien dong, han quoc,
    trieu tien, bac kinh, nhat ban, an do, y hoc, phuong tay, thien chua, cong giao, phat giao, dao tin, cong hoa,
    cong san, hoi dong, quoc gia, quoc dan, chu nghia, dang cong, nha nuoc, bo truong, bo lao, ha noi, ho chi,
    lam dong, cao bang, ly son, ha giang, ha tinh, ha nam, ha long, thai nguyen, thai binh, thai lan, son tra,
    son la, mai chau, cao lanh, tong cong, to quoc, to chuc, vi tri, chu tich, cong ty, thi xa, van phong, an toan,
    ban giam
    """
)
"""Two words with capitals that are no person: places, peoples, bodies."""
VERBS = word_set(
    """
    dang dinh sang thi tao trinh toi sinh hien phat thong dat vui an hop thu tinh tra trang viet tien nhu ca chi the
    tai hoan hai hoc lam phu phuc trung tu uy ve vi y yen luc ly kim dan dau doi hoi cho co la se da vua muon can
    noi nghi gui nho dai luu tap xem tim mua lay lo len xuong cung bao ngoan chinh thang gio nam minh
    """
)
"""Given names that are more often verbs and such when typed without marks and capitals: "anh đang" is nobody."""
NOT_FIRST = word_set(
    """
    thi trang dat trinh hien tinh cong thong sinh phat dang tao thuong thu tin hop ky nhu toan chi dong tan dien
    luat giao vi dai hoi tri tien tiep tuong tuyen truong phong phu quy quoc quang bao binh chinh chung hon the mai
    hoan ngan nghi luong viet nam van y tham khoa khi khanh kim
    """
)
"""Words that begin sentences of other sorts than "Hùng bị ...": "Trang bị ...", "Đạt được ...", "Thi trượt ..."."""
AFTER_NAMES = word_set(
    """
    to phong doi kip tram dai ke ky van bao lai tap thu va voi thi xin vo vao luong thuong duoc ra hoi noi cho gui
    nao nhi ha vay the sao a oi ban ay ben duoi tren hom sang chieu toi and or in at for with
    """
)
"""What people say after a name alone: a unit, a verb, a particle."""
BEFORE_NAMES = word_set(
    """
    cua cho voi va vu chuyen ban thang con nghe bao noi don thay gap hoi hay la sao vi de nho nay chieu hom bua qua
    kia trua toi roi ma do boi ve den cung hoac giua ai is did does has was will can should why for about of to with
    from and by whether than
    """
)
"""What people say before a name alone."""
OWNING = word_set("cua cho ve voi va of")
"""Of these, the ones that stand before anything."""
BODIES = word_set(
    """
    hoi doan dang cong trung hiep lien hanh chinh khoa kinh quoc tong hop luat bo ban so cuc nha song nui truong
    vien dai cao pho chu thu doi thong tai van ke ky nhan quan phong giam to chi dao dieu khu thanh tinh quy uy tien
    tin the phap phat bao y
    """
)
"""Words with a capital that begin the name of a body, a place or a thing after "của"."""
COUNTRIES = word_set("mỹ anh nhật ý nga việt úc pháp đức hàn thái lào âu my nhat y viet uc phap han lao")
"""Given names that are countries as well, with their marks and without."""
ENGLISH_TOO = word_set("may the do an van bay hang sao toi than hat tin chi long")
"""Given names without marks that are English words."""
NOT_OWNED = word_set(
    """
    dang hien trinh tao tinh phat thong nhu sinh toan tien dat viet thu tai thi an bao sang toi vui ve
    """
)
"""Given names that are verbs after "của anh" all the same."""
DOING = word_set(
    """
    bi duoc dang vua moi da mac nghi nhan luong sinh xep linh lanh thi rot truot dau o co was is has got failed
    passed earns makes lai hay om
    """
)
"""What follows a name that begins a sentence."""
AT = word_set(
    """
    nguoi dan goc quan linh dai tram tinh tp thanh pho san bay o tai di huyen duong cang dao ra vao in at airport
    station hang mien vung khu phuong xa tieng nuoc truong cau song bien nui
    """
)
"""What stands before places and peoples."""
ELDERS = word_set("anh chị ông bà cô chú bác thầy sếp")
"""Titles, with their marks, of whom people speak as a subject."""
DOING_MARKED = word_set(
    """
    bị được đang vừa mới đã mắc nghỉ nhận lương sinh xếp lĩnh lãnh thi rớt trượt đậu ở có lại hay ốm tự bỏ lấy trốn say
    uống đánh chửi cãi ngủ ăn làm vô vào xin đòi kêu méc khai
    """
)
"""The same with their marks."""
SURE_TITLES = word_set("anh chi ong a c mr ms sep")
"""Titles that are believed without marks before any given name that is no verb."""
MEEK_TITLES = word_set("em e ban nv cu")
"""Titles that are believed without marks only before a given name that is no other word."""
PARTICLES = word_set("ay oi a nay do kia ta em")
"""What follows a title and only ends the address: "anh ơi"."""
