"""Addresses in a text: of pages, of mail, of machines, also bare ones, as the platforms and browsers find them.

Two texts hold the same address when it stands in both whole and letter for letter, so that nothing can be added to a
known one: neither a query nor a longer path nor another host.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf
cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg
gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp
kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne
nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk
sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn
vu wf ws ye yt za zm zw
"""
_OTHERS = """
academy agency aero app arpa art asia associates bank bar beauty best bet biz blog bond business buzz cafe cam camp
capital care cash casino cat center cfd chat cheap city click cloud club codes coffee com community company consulting
contact cool coop corp country cyou date deals delivery design dev digital direct directory doctor domains download edu
education email energy engineering enterprises equipment events example exchange expert fail family fans farm fashion
finance financial fit foundation fun fund fyi gallery game games gdn gift gives global gmbh gold goog google gov group
guide guru hair health help home homes host hosting house icu inc info ink institute int international internal invalid
investments jobs kim lan land legal life limited link live loan loans local localhost lol love ltd management market
marketing markets media men microsoft mil mobi moe mom money monster mov museum name net network news ninja observer
office one onion online ooo org page partners party photo photos pics pink plus press pro productions properties pub
quest racing realty red rent repair report rest review reviews rip rocks run sale school science security services sex
shop show site skin social software solutions space store stream studio style supply support surf systems team tech
technology tel test tips today tools top toys trade training travel university uno vip voyage watch webcam website wiki
win work works world wtf xin xxx xyz yachts yoga zip zone
"""
_DOMAINS = frozenset(f"{_COUNTRIES} {_OTHERS}".split())
"""Last parts of hosts: all countries, the usual others, and those that offices use inside."""

_REST = r"[^\s<>\"|`{}]"
_HOST = r"(?:\w[\w-]*\.)+\w[\w-]{1,62}"
_MACHINE = r"(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
_PATTERN = re.compile(
    rf"(?P<page>[a-z][a-z0-9+.-]{{1,30}}:[/\\]{{2}}{_REST}*|https?:[/\\]?\w{_REST}*|www\.{_REST}+)"
    rf"|(?P<script>(?:java|vb|live)script:{_REST}*|data:(?:\w+/|[;,]){_REST}*)"
    rf"|(?P<mail>[\w.+-]{{1,64}}@(?:{_MACHINE}|{_HOST}))(?:[:/?#\\]{_REST}*)?"
    rf"|(?:(?<![\w.-])(?P<machine>{_MACHINE})|(?<!\w)(?P<host>{_HOST}))"
    rf"(?:[:/?#\\]{_REST}*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:[/\\]{2}|(?:https?|\w*script|data):", re.IGNORECASE)
_BEGUN = re.compile(r":[/\\]{2}|(?<=script):|(?<=data):", re.IGNORECASE)
"""What makes a scheme of the word before it."""
_ENDS = ".,;:!?'\"”’»…)]}>*_~/\\"
"""What may stand behind an address and is no part of it."""
_NUMBERS, _BYTE = 4, 255


@dataclass(frozen=True, slots=True)
class Address:
    """An address and where it starts and ends. `is_host`: a bare one, without page, port or mailbox."""

    start: int
    end: int
    text: str
    is_host: bool = False


def find(text: str) -> Iterator[Address]:
    """The addresses of the text, in order; none overlap."""
    at = 0
    while found := _PATTERN.search(text, at):
        at = found.end()
        host = found["machine"] or found["host"] or ""
        if host and not (_leads_somewhere(host) or _BEGUN.match(text, found.start() + len(host))):
            at = found.start() + len(host)
        elif not found["mail"] or _takes_mail(found["mail"].partition("@")[2]):
            bare = _bare(found[0])
            named = bare.lstrip("_")
            start, end = found.start() + len(bare) - len(named), found.start() + len(bare)
            yield Address(start, end, named, is_host=len(bare) <= len(host))


def known_in(texts: Iterable[str]) -> frozenset[str]:
    """The addresses of the texts that may be shown: hosts, mailboxes, and pages by http or https."""
    found = (address.text for text in texts for address in find(text.replace("](", "] (")))
    return frozenset(text for text in found if _may_be_shown(text))


def _may_be_shown(address: str) -> bool:
    """One that ends where something is to be put in is no address that people use."""
    is_page = address.startswith(("https://", "http://"))
    return not address.endswith("=") and (is_page or not _SCHEME.match(address))


def _bare(address: str) -> str:
    """Without what stands behind it; of an address that is nothing but its beginning, that."""
    scheme, bare = _SCHEME.match(address), address.rstrip(_ENDS)
    return scheme[0] if scheme and len(bare) < scheme.end() else bare


def _takes_mail(host: str) -> bool:
    return any(map(str.isalpha, host)) or _leads_somewhere(host)


def _leads_somewhere(host: str) -> bool:
    *labels, last = host.split(".")
    if last.isdigit():
        numbers = (*labels, last)
        is_whole = len(numbers) == _NUMBERS and labels[0] != "0"
        return is_whole and all(n.isdigit() and n == str(int(n)) and int(n) <= _BYTE for n in numbers)
    last = last.strip("-_").lower()
    if last.isascii():
        return last in _DOMAINS or last.startswith("xn--") or "www" in map(str.lower, labels)
    return not any("\u00c0" <= sign <= "\u024f" or "\u1e00" <= sign <= "\u1eff" for sign in last)
