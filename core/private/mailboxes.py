"""Whose mailbox is it: one person's, or one of a role, a team or a firm?"""

import re

from core.private.wordlists import word_set

_ROLES = word_set(
    """
    support help helpdesk service services desk info contact admin administrator noreply reply donotreply sales hr
    it office mail postmaster webmaster security soc noc ops operation operations duty atc twr tower acc fic aim ais
    ans cns vatm met com team group all staff dept department billing account accounting accounts finance purchase
    purchasing procurement tender bid bidding warehouse store training recruit recruitment career careers jobs legal
    audit qa qc quality safety sms marketing media press news newsletter notify notification notifications alert
    alerts alarm monitor monitoring system sys server root backup bot test dev devops sre feedback hello booking
    order orders reception maintenance mro engineering technical tech field site lab library club event events
    dispatch crew cabin flight slot notam phongban trungtam truc kythuat nhansu ketoan vanthu hanhchinh tckt tchc
    khdt tcnl khkt daotao antoan radar ils vor dvor dme ndb adsb vhf hf den dienluc nguon mang maytinh cntt hethong
    hotro tuyendung muasam vattu baotri congdoan doanthanhnien danguy dauthau phapche lienhe thongbao tintuc
    khachhang cskh gopy giamdoc lanhdao vanphong kehoach bqlda qlda duan moithau qlkt khaithac bay bayhieuchuan
    thuvien hoinghi letan baove yte bepan nhabep congty chinhanh donvi bophan toquanly quanly nhamay xuong dieuhanh
    kiemtra kiemdinh hieuchuan thanhtra kiemtoan taichinh dauthauvattu vanhanh suachua vienthong thongtin congnghe
    portal bantin tapsan tapchi noibo congvan vanban baocao danhba tracuu dangky datphong datxe hopdong phaply phapche
    dautu congkhai tiepcongdan duongdaynong saoke app web hosting license licence survey khaosat workshop
    dpo privacy customs visa travel hotel desk1 desk2 report reports reporting incident incidents hazard
    emergency postbox inbox shared common general enquiries enquiry inquiry
    """
)
_PREFIXES = word_set("phong ban to doi kip ca tram dai kho tt p vp cn ct bp nhom no")
_PART = re.compile(r"[a-z]+")
_LONGEST = max(map(len, _ROLES))


def is_shared(name: str, host: str) -> bool:
    """Whether the name before the "@" is made of words for a role, a team or a unit, or is the firm's own name."""
    joined = "".join(_PART.findall(name))
    firm = _PART.match(host)
    if firm and joined == firm[0]:
        return True
    return bool(joined) and _is_made_of_roles(joined)


def _is_made_of_roles(joined: str) -> bool:
    """Whether words for roles, with or without one for a unit before them, make up the whole."""
    reached = {0: False}  # how far words reach, and whether one of them is a role
    for end in range(1, len(joined) + 1):
        for start in range(max(0, end - _LONGEST), end):
            word = joined[start:end]
            if start in reached and (word in _ROLES or word in _PREFIXES):
                reached[end] = reached.get(end, False) or reached[start] or word in _ROLES
    return reached.get(len(joined), False)
