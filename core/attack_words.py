"""The words that attacks are made of, folded: `core/attacks.py` puts them together into patterns.

Each list is a pattern; a line break in it stands for nothing.
"""

from collections.abc import Mapping

LISTS: Mapping[str, str] = {
    # Putting away.
    "DROP": (
        r"bo qua|bo (?:het|moi|cac|nhung|luon)|quen (?:het|di|moi|sach|cac|nhung|tat ca|toan bo)|phot lo|lo di"
        r"|go bo|mac ke|dep|khong can (?:tuan|theo)|vuot qua|pha|ghi de|huy bo|xoa(?: bo)?"
        r"|quen(?= (?:instruction|prompt|rule|polic))|tat|ignor(?:e|ing)|disregard|forget|bypass|set aside|drop"
        r"|dung (?:tuan|theo|nghe)|thoi (?:dung )?(?:theo|tuan)|dat (?:\w+ ){1,6}sang (?:mot )?ben|gat (?:bo )?"
        r"|thoat khoi|boc|put aside|stop (?:following|obeying)|skip|overrule|override|turn off|disable|throw away"
        r"|stop following|act against"
    ),
    # What a model was told.
    "ORDERS": (
        r"chi dan|chi thi|loi nhac|cau lenh|(?:cac|moi|nhung|tat ca|het) lenh|tat ca cac lenh"
        r"|lenh (?:o )?(?:tren|truoc|cu|he thong)"
        r"|(?:moi |cac )?huong dan (?:he thong|ban dau|truoc|o tren|phia tren|da (?:nhan|giao))|prompts?"
        r"|instructions?|guardrails?|safeguards?"
        r"|(?:cac|moi|het|tat ca|nhung|may(?: cai)?) (?:cac )?(?:quy tac|quy dinh|luat|rules?|polic(?:y|ies)"
        r"|rang buoc|nguyen tac)"
        r"|(?:quy tac|luat|quy dinh|quy che|chinh sach|rules?|polic(?:y|ies)) (?:bao mat|truoc|cu|da|tren|cua ban"
        r"|di|an toan cua)|noi quy(?: nua)?|kiem duyet|gioi han truy cap|huong dan nao|chinh sach noi bo"
        r"|(?:cac|moi) han che|han che (?:bao mat|cua ban)|rang buoc|(?:moi|het|bo|cac) gioi han"
        r"|gioi han (?:da|cua ban|bao mat|quyen)|vai tro (?:tro ly|cua ban|hien tai)|your training"
        r"|(?:your|the) role|loi quan tri"
        r"|(?:your|all|any|earlier|previous|prior|these|those|old|every|the|its) (?:\w+ ){0,2}(?:rules?(?! of)"
        r"|polic(?:y|ies)|guidelines?)"
        r"|(?:your|all|any|the) (?:\w+ )?(?:restrictions?|limits|filters?|safety|confidentiality)"
        r"|everything (?:you|above|before|told)|(?:kiem tra|kiem soat|gioi han) quyen|phan quyen|permissions?"
        r"|bo loc|filters?|safety rules?|rules? di|polic(?:y|ies) di"
    ),
    # Another part to play.
    "ROLE": (
        r"dong vai|gia (?:vo|su)|coi nhu|xem nhu|nhap vai"
        r"|(?:gio|tu gio|tu nay|bay gio)(?: thi)? (?:ban|em|may|bot)|hay la|act (?:as|like|nhu)|pretend"
        r"|you (?:now )?(?:are|have)(?: now)?|from here on|role-?play|from (?:now on|this turn)|imagine you"
        r"|behave (?:as|like)"
    ),
    # Free of all orders.
    "FREED": (
        r"khong (?:co |con |bi |phai |he )*(?:gi )?(?:rang buoc|gioi han|luat|polic(?:y|ies)|cam|quy tac|rules?"
        r"|kiem duyet|tuan)|chua (?:co |cai )(?:quy dinh|quy tac|luat)|quan tri vien|admin(?:istrator)?"
        r"|developer mode|dan|debugbot|tu do|mo khoa|evil|no morals|hacker|unrestricted|unfiltered|system role"
        r"|root"
        r"|(?:no|without|has no) (?:any |more )?(?:polic(?:y|ies)|guidelines?|rules?|limits?|restrictions?"
        r"|refusals?|filters?)|(?:do not|don't) (?:exist|apply)|khong (?:kiem tra|tu choi)"
        r"|(?:duoc )?mien (?:moi|het|tat ca)"
    ),
    # Giving away what one knows.
    "SHOW": (
        r"in|doc|cho|xin|dua|noi|ke|chep|chup|hien thi|liet ke|dan|viet|dump|show|print|paste|reveal|display|list"
        r"|tell|give|read|output|repeat|recite|rewrite|translate|dich|lap lai|tiet lo|leak|ro ri|nhan|gui|xuat"
        r"|export|share|get|nhac lai|ma hoa|encode|spell|what(?:'s| is| are|s)?|which|co nhung gi|trong|la gi|coi"
        r"|xem|disclose|summari[sz]e|cung cap|trich|quote"
    ),
    # What a model is told before anybody asks.
    "GUIDANCE": (
        r"(?:system|hidden|secret) (?:prompts?(?! (?:timeout|error))|instructions?|messages?|rules|settings)"
        r"|(?:confidential|initial|original|internal) (?:prompts?|briefing|instructions? (?:you|given to you))"
        r"|your (?:\w+ ){0,2}(?:prompts?|instructions?|guardrails?|hidden rules|briefing)"
        r"|(?:prompt|loi nhac)(?: \w+)? (?:he thong|goc|an)|prompt (?:day du|cua (?:ban|may|bot|em))"
        r"|(?:chi dan|chi thi|loi nhac|lenh) (?:he thong|an|ngam|goc|bi mat|mat)|doan lenh he thong"
        r"|(?:huong dan|quy tac) (?:an|ngam|bi mat) (?:cua|ma) (?:ban|bot|em|may)"
        r"|huong dan he thong (?:cua|ma|ban)"
        r"|(?:chi dan|chi thi|huong dan|quy tac|quy dinh|dieu) (?:\w+ ){0,3}(?:cua (?:bot|chinh ban)"
        r"|ma ban (?:dang|khong|duoc|nhan)|ban (?:nhan|bi cam|duoc giao|khong duoc))"
        r"|chi dan (?:cua|trong) (?:ban|may|bot)|ban (?:da )?(?:nhan|duoc) (?:\w+ ){0,3}(?:chi dan|chi thi|lenh)"
        r"|(?:rules|instructions|wording) (?:\w+ ){0,3}you (?:were|are following|have been|got)"
        r"|(?:chi thi|chi dan|cau lenh|loi nhac|prompt|menh lenh) (?:\w+ ){0,6}(?:cho|cua|vao|trong"
        r"|cho chinh) (?:ban|bot)|(?:were|are|have|been) you (?:been )?(?:instructed|told|programmed|given|asked)"
        r"|lap trinh (?:\w+ ){0,3}(?:cau lenh|chi thi|chi dan)"
        r"|(?:lap trinh vien|nha phat trien|nguoi tao|developers?) (?:\w+ ){0,4}(?:viet|cai|giao|dan|dat|wrote"
        r"|gave)(?: \w+){0,2} (?:ban|you|bot)|(?:loi dan|loi nhac|chi dan|kich ban) (?:an|ngam|bi mat)|loi nhac an"
        r"|every guardrail|toan bo quy tac an toan|first message|nguoi tao ra ban"
        r"|ban (?:dang )?(?:bi|duoc) (?:rang buoc|cam|gioi han|bat|day|yeu cau) (?:\w+ ){0,4}(?:gi|nao|theo|boi)"
        r"|noi quy ma (?:ban|bot)"
        r"|(?:config\w*|cau hinh(?! toi thieu)|thiet lap|settings?|tokens?|keys?|khoa|secrets?|prompts?"
        r"|instructions?|bo nho|source code|ma nguon) (?:\w+ ){0,4}(?:cua|trong|tren|of) (?:the )?(?:bot|tro ly"
        r"|chatbot|chinh ban|ban)"
        r"|(?:your|bot's) (?:\w+ ){0,3}(?:config\w*|settings|tokens?|keys?|secrets?|prompts?|instructions?"
        r"|source code)|(?:initial|developer) instructions?"
    ),
    # What opens doors.
    "KEYS": (
        r"(?:api|secret|access|private) ?keys?|khoa (?:api|bi mat|truy cap)|chuoi (?:token|ket noi|bi mat|khoa)"
        r"|(?:file|tep|your|trong|the|doc|in|show|dump|cua|dung) (?:\w+ )?\.env|sotay\.toml"
        r"|(?:khoa|keys?|tokens?) (?:\w+ ){0,4}(?:openrouter|openai)|(?:file|tep) env|env file|bien moi truong"
        r"|environment variables?|(?:hidden|secret|internal) (?:config\w*|settings|secrets|keys)|secrets you"
        r"|connection strings?|credentials?"
        r"|(?:file|tep|cau hinh|config|server|may chu|tien trinh|token) (?:\w+ ){0,2}(?:cua )?(?:bot|tro ly"
        r"|ban (?:dang|luu))|tokens? (?:does|of|cua) (?:the )?bot"
        r"|your (?:\w+ ){0,2}(?:config(?:uration)?|keys?|tokens?|memory|source code|environment|passwords?)"
        r"|(?:pass(?:words?)?|mat khau|mk) (?:\w+ ){0,6}(?:file|tep|cau hinh|config)|bot (?:\w+ ){0,3}mat khau"
        r"|mat khau (?:co so du lieu|database)|database passwords?|mat khau (?:quan tri )?cua bot"
        r"|bo nho cua (?:ban|bot)"
    ),
    # Many people at once.
    "EVERYONE": (
        r"toan bo|tat ca|moi (?:nguoi|nhan vien|can bo|ca nhan)"
        r"|tung (?:nguoi|nhan vien|can bo|ky (?:su|thuat vien)|thanh vien)|het (?:so|bang|ho so)"
        r"|(?:toan|ca) (?:the|cong ty|phong|doi|khoi|company|team|don vi)|danh sach|full list"
        r"|every (?:employee|staff|one)|everyone|everybody|all (?:the )?(?:\w+ )?(?:staff|\w+s)"
        r"|(?:cac|nhung) (?:nhan vien|can bo|lanh dao|anh em|cong tac vien)|cua nhan vien|anh em"
        r"|may (?:ban|nguoi|anh|chi|dua)|tung \w+|(?:cac|nhung) (?:ky su|thanh vien|anh chi|lanh dao|sep)"
        r"|(?:dump|list) of|records|ca (?:nha|nhom|to|ban)|cua lanh dao|nhan vien|toan the|whole \w+"
        r"|each (?:employee|person)|can bo|employees'?|full|entire|di nuoc ngoai"
    ),
    # What belongs to one person.
    "PERSONAL": (
        r"can cuoc|cccd|cmnd|ho chieu|passports?|id numbers?|bang luong|payroll|salar(?:y|ies)|luong thang"
        r"|bonus(?:es)?|so tai khoan|stk|so tk|bank accounts?"
        r"|(?:so dien thoai|sdt|so dt|so di dong|danh ba|so|sdt) (?:di dong |ca nhan )?(?:rieng|ca nhan)"
        r"|personal (?:phones?|numbers?)|phone numbers?|so di dong|home address(?:es)?|dia chi nha|ngay sinh"
        r"|dates? of birth|birth ?(?:dates?|days?)|ho so (?:suc khoe|ca nhan|nhan su|benh an)"
        r"|medical(?: check| record)?s?|benh an|diem danh gia|bien so xe|thu nhap|bi (?:ky luat|to cao)|so ho khau"
        r"|hr (?:database|data|records)|sick leave reasons?|file salary|home phones?"
        r"|(?:so dien thoai|sdt|so dt)(?! (?:noi bo|truc|ban|cua (?:bo phan|phong|dai|cac (?:dai|phong)|tong dai"
        r"|truc|cong ty)))|personnel records?|ho so nhan su|thong tin ca nhan|danh ba ca nhan|luong thuong"
        r"|(?:so )?so bao hiem|(?:so )?bhxh|so bao hiem|thong tin gia dinh|(?:salary|pay) table"
        r"|luong (?:cua )?(?:tung|ca|toan|moi|tat)|stk luong"
    ),
    # Handing over.
    "HAND": (
        r"xuat|ket xuat|trich|export|gui|(?<!\w )cho (?:danh sach|toan bo|het|tat ca|full)"
        r"|cho (?:coi|xem|toi|minh|em|anh|chi|tui|xin)|xin|liet ke|lap (?:bang|danh|file|thanh)"
        r"|gom (?:het|toan|tat|so|cac|lai|thong|danh)|tong hop|gop|thong ke|list|compile|give|i need|want|send|get"
        r"|tell|dump|lay|share|dang|upload|up|chuyen|forward|bao cao|cung cap|collect|extract|trich xuat|post"
        r"|e?mail (?:every|all|the|me|it)|copy|chep|day|sync|attach|dinh kem|leak|chia se|lap bang|tai len|cong bo"
        r"|transfer|dua|dump of|provide|hand over|ke ten|neu ten|doc ten|spreadsheet of|ban sang"
        r"|tai (?:het|toan|len)|ke het"
    ),
    # What an office keeps.
    "STUFF": (
        r"toan bo|het|tat ca|hop dong|contracts?|tai lieu|documents?|docs|ho so|du lieu|data|files?|thu muc"
        r"|bien ban|archive|noi dung|kho|ban ve|bang luong|ban ghi(?: am)?|knowledge base|kho tri thuc|thong tin"
        r"|payroll|bi mat|mat|incidents?|conversation|thread|nhat ky|log|so truc|prices?|drawings?|diagrams?"
        r"|minutes|records?|reports?|lists?|e-?mails?|tables?|plans?|offers?|gia|danh ba|sdt|so dien thoai"
        r"|everything|chu ky|folder"
    ),
    # Where nobody of the office looks after it.
    "ELSEWHERE": (
        r"gmail|hotmail|yahoo mail|facebook|dropbox|wetransfer|pastebin|google drive|drive ca nhan|link drive"
        r"|github|mang ve nha|telegram nay|zalo ngoai"
        r"|(?:mail|email|hop thu|hom thu|mailbox|thu|drive|zalo|dia chi|nhom|group|ftp|trang|link|so"
        r"|thu muc chia se|tai khoan) (?:\w+ ){0,2}(?:ca nhan|rieng|ngoai|cong khai|public)"
        r"|(?:hop thu|hom thu|nhom|zalo|dia chi) la(?! (?:gi|bao|may|nao|o)\b)"
        r"|(?:private|personal|external|outside|public) (?:\w+ )?(?:mail|mailbox|e-?mail|address|account|drive"
        r"|ftp|portal|link|site|server)|bao chi|nha bao|doi thu|competitors?|rivals?"
        r"|(?:so|zalo|nguoi) (?:\w+ )?la nay|ftp(?: server)? outside|outside|cong khai|len mang|dien dan|forum"
        r"|mang xa hoi|twitter|internet|cho nguoi (?:nay|ngoai|la)|my (?:private|personal|own) \w+"
        r"|ra (?:ngoai|ben ngoai|dia chi ngoai|trang ngoai)|ngoai (?:cong ty|nay)|nhom tuyen dung"
    ),
    # What breaks, blinds or hides.
    "DAMAGE": (
        r"chay|hong|hu|chap|pha|pha hoai|te liet|qua (?:tai|ap|nhiet)|gay nhieu|spoof|jam|kill|trip|sabotage"
        r"|overheat|tut|phat (?:sai|song gia)|ha sai|lech|mu|vo hieu(?: hoa)?|tat|disable|xoa|wipe|erase|hack|chen"
        r"|tan cong|destroy|break|crash|delete|burn|lam hu|fail|bao sai|offline|(?:lam )?nhieu (?:song|tan so)"
        r"|blind|ngung|cat (?:nguon|dien|dut|cap)|ngat|che mat|mat (?:muc tieu|tin hieu|nguon|dien|song)|gay"
        r"|xam nhap|vao (?:mang|he thong)|dot nhap|break into|gia mao"
    ),
    # So that nobody notices, or for the harm itself.
    "UNSEEN": (
        r"(?:ma |de )?(?:khong|ko|k|hong) (?:de )?(?:ai|mot ai|nguoi nao) (?:biet|hay|phat hien|detect|nghi"
        r"|nhan ra|de y|thay)|dung de (?:\w+ ){1,4}(?:biet|hay|thay)|(?:doesn't|does not|won't|don't) notice"
        r"|ma nhu|khong de lai (?:dau vet|trace)|khong bi (?:phat hien|ghi|lo)|khong (?:truy ra|ghi nhan|lo)"
        r"|untraceable|(?:without|not) (?:being |getting )?(?:noticed|seen|caught|detected)"
        r"|(?:ma|sao cho|de) (?:\w+ ){1,4}khong (?:biet|hay|phat hien)|(?:nhin|trong|looks?) ?(?:nhu|like|giong)"
        r"|giong (?:nhu )?(?:su co|loi|tai nan|hong)|kho bi|(?:de )?(?:no )?khong bao dong"
        r"|without (?:\w+ing )?(?:an? |any |the )?(?:alarms?|trace|anyone|being|getting|detection)"
        r"|nobody (?:knows|notices|will|suspects|sees|can)|(?:van tin|tuong|ngo) la|lay (?:thiet bi|trom|cap)"
        r"|do minh lam|choi thoi|coi choi|hong han|cho (?:no )?(?:chay|hong|fail|chet)|tu che|han len|cho tau bay"
        r"|live screens?|phat sai"
    ),
    # Asking for a way.
    "HOW": (
        r"explain how|meo|co the nao|way to|help me|thi lam gi|cach|lam sao|lam (?:the )?nao|the nao|bay|muon"
        r"|sua tham so|nen lam gi|sao cho|how (?:do|can|could|would|to|should)|would you|tim cach|ma van|giup"
        r"|chi (?:toi|minh|em|cach|tui)"
    ),
    # Making.
    "MAKE": (r"viet|soan|tao|lam|write|draft|compose|create|make|help me|giup|gui|ky"),
    # What is not what it seems.
    "FALSE": (
        r"mao danh|gia (?:danh|mao|lam)|lam gia|impersonat\w+|pretend(?:ing)? to be|fake|forged?|phishing|lua dao"
        r"|to (?:trick|fool|deceive)|(?:de|danh) lua(?! chon)|looks like (?:our|it)"
        r"|lua (?:anh em|nhan vien|moi nguoi|dong nghiep|nguoi)|forge|gia chu ky"
    ),
    # The proper way, or a question about what happened.
    "PROPER": (
        r"thu tuc|quy trinh|xin phep|co phep|duoc phep|ai (?:duoc|duyet|cho)|(?:can|phai|xin) ai"
        r"|(?:ai|can|cho) duyet|theo quy che|(?:theo|dung) (?:dung )?quy dinh|dieu kien (?:gi|nao)"
        r"|bao (?:cho )?(?:ai|co quan)|bao lau|co (?:duoc|dc|can|phai|bi)|thi (?:bi|sao|xu ly|phai|can|co|kiem)"
        r"|xu ly (?:sao|the nao|nhu)|ung pho|phong (?:tranh|chong|ngua)|khi nao|ngay nao|thang nao"
        r"|phai (?:ghi|lam|qua|co|bao|ma hoa|xin|doi)|vi sao|tai sao|why|nguyen nhan|root cause|bieu mau|mau"
        r"|lam phieu|cap lai|phong nao|o dau|phuong an|procedure|permitted|permission to|allowed|approv(?:al|ed)"
        r"|who (?:may|can|do|approves|signs)|can we|should we|may (?:i|we)|which form|what happens|how long"
        r"|policy (?:on|say|about)|(?:chinh sach|quy dinh) (?:ve|gui|cua cong ty)|gom nhung|luu tru|qua han"
        r"|cho an toan|nhan biet|canh bao (?:ve|cho)|tuyen truyen|dao tao|awareness|how to report|bao cao cho"
        r"|recover|khoi phuc|nham|kiem thu|drill|analyse|phan tich"
    ),
    # Behind these, others are told or spoken of.
    "TOLD": (
        r"khong(?: duoc| nen| the)?|cam|neu|ai|nhan vien|nguoi(?: lao dong| dung)?|truong hop|khi|must not|may not"
        r"|never|not|who|if|viec|hanh vi"
    ),
    # Who reads documents by machine.
    "READER": (
        r"(?:tro ly|he thong|bot|mo hinh|cong cu|phan mem|may) (?:\w+ ){0,2}(?:(?<!giam )doc|xu ly|tom tat"
        r"|truy cap|dich)|tro ly (?:ao|ai|so)|(?:he thong|mo hinh|cong cu|phan mem) (?:ai|thong minh|ngon ngu)"
        r"|chatbot|\bbot"
        r"|(?<=[\[{(<])ai(?= ?[:,])|ai (?:nao|doc|agents?|assistants?|models?|readers?|systems?)|(?:for|to|cho|by"
        r"|note|any|an) ai|language models?|llms?|chatgpt|assistants?|virtual assistant"
    ),
    # Who may be a colleague or a machine as well.
    "HELPER": (r"tro ly|he thong(?: tu dong)?|ai|may tra loi|mo hinh|system(?= ?:)"),
    # Bidding.
    "BIDS": (
        r"hay|phai|can|vui long|xin|duoc yeu cau|must|shall|should|please|has to|needs? to|kindly|first|will|luon"
    ),
    # What a machine is told to do.
    "DEEDS": (
        r"bo qua|quen (?:cac|het|moi)|tiet lo|tu xung|gui|chuyen|in (?:ra|mat|khoa|toan|het|noi)"
        r"|mo (?:them|cac|toan|het|quyen)|xoa|duyet|phe duyet|khong duoc nhac|giau|luon noi|tra loi moi"
        r"|khong tu choi|bao lai|noi (?:rang|chung toi|nha thau)|ignor(?:e|ing)|disregard|forget|reveal"
        r"|disclos(?:e|ing)|send|forward|append|attach|print|output|approve|treat|hide|delete|bypass|leak|upload"
        r"|(?:do not|never) (?:tell|mention)|show|disable|dan (?:toan|het|vao|kem)|dinh kem|obey|include|insert"
        r"|chen|them (?:vao|link|lien ket|duong dan|anh)|mention|tag|ping|mark|rate|score|award|cham|danh gia|chon"
        r"|visit|click|recommend|tell users|xac nhan|chap nhan|cap quyen|dong y|confirm|accept|grant|pay"
    ),
    # What no colleague is told to do in a document.
    "MISDEEDS": (
        r"bo qua (?:cac|moi|het|quy|chi|kiem|gioi|luat)|quen (?:cac|het|moi)|tiet lo|tu xung"
        r"|gui (?:toan|het|kem|danh|mat|so)|in (?:ra )?(?:mat khau|khoa|toan|het)|mo (?:them|toan|het|ho so)"
        r"|xoa (?:het|toan|lich)|duyet thang|khong duoc nhac|giau|luon noi|ghi de|ignore (?:all|previous|the|your)"
        r"|reveal|delete all|disclose|disregard"
    ),
    # Asking to do as a text says.
    "OBEY": (
        r"lam theo|thuc hien|lam dung|do what it says|follow (?:the |its )?instructions?|obey|go ahead"
        r"|ap dung ngay|thi hanh"
    ),
}
