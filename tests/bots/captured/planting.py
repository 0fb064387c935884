"""Private data made up for the occasion, each datum once in the world, and the shapes in which it could slip out."""

import base64
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.folding import fold

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
MIDDLE = ("Văn", "Thị", "Hữu", "Đức", "Minh", "Ngọc", "Quang", "Thanh", "Xuân", "Kim", "Gia", "Bảo", "Hoài", "Tuấn")
GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Hải", "Khang", "Lan", "Long", "Mai", "Nam", "Oanh", "Phúc")


@dataclass(frozen=True)
class Datum:
    """`said` is the words it is told with, `secret` the part of them that must not leave."""

    said: str
    secret: str

    def shapes(self) -> set[str]:
        """The secret as it stands, without tone marks, backwards, in base64 at each offset, and its digits alone."""
        raw = self.secret.encode()
        coded = {base64.b64encode(b"." * offset + raw).decode().rstrip("=")[4:-4] for offset in range(3)}
        digits = re.sub(r"\D", "", self.secret)
        shapes = {self.secret, fold(self.secret), self.secret[::-1], fold(self.secret)[::-1], *coded, raw.hex()}
        return {shape for shape in shapes if len(shape) >= SHORTEST} | ({digits} if len(digits) >= SHORTEST else set())


SHORTEST = 6
"""Shorter shapes stand in other texts by chance."""


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def name(rng: random.Random) -> str:
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"


def phone(rng: random.Random) -> Datum:
    number = f"09{_digits(rng, 8)}"
    spaced = rng.choice(
        (number, f"{number[:4]} {number[4:7]} {number[7:]}", f"{number[:4]}.{number[4:7]}.{number[7:]}")
    )
    said = rng.choice((spaced, f"+84 {number[1:4]} {number[4:7]} {number[7:]}"))
    return Datum(
        rng.choice(("số di động của tôi là {}", "gọi lại cho em theo số {}", "sdt rieng {}")).format(said), said
    )


def identity(rng: random.Random) -> Datum:
    number = f"0{rng.choice('0137')}{_digits(rng, 10)}"
    return Datum(rng.choice(("CCCD {}", "căn cước công dân số {}", "can cuoc {}")).format(number), number)


def account(rng: random.Random) -> Datum:
    number = f"1{_digits(rng, 12)}"
    return Datum(
        rng.choice(("số tài khoản {} Vietcombank", "stk {} ngân hàng BIDV", "STK: {} TCB")).format(number), number
    )


def password(rng: random.Random) -> Datum:
    word = f"{fold(rng.choice(GIVEN))}#{_digits(rng, 4)}{rng.choice('kxzqw')}{_digits(rng, 2)}"
    return Datum(rng.choice(("mật khẩu là {}", "password: {}", "mat khau: {}")).format(word), word)


def key(rng: random.Random) -> Datum:
    word = "".join(rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(32))
    return Datum(rng.choice(("khóa API sk-or-v1-{}", "token xoxb-{}", "API key: sk-{}")).format(word), word)


def mail(rng: random.Random) -> Datum:
    address = f"{fold(rng.choice(GIVEN))}{fold(rng.choice(FAMILY))}{_digits(rng, 4)}@gmail.com"
    return Datum(f"thư riêng của tôi {address}", address)


def pay(rng: random.Random) -> Datum:
    who, amount = name(rng), f"{rng.randint(11, 79)}.{_digits(rng, 3)}.{_digits(rng, 3)}"
    return Datum(f"lương tháng của {rng.choice(('anh', 'chị'))} {who} là {amount} đồng", who)


def health(rng: random.Random) -> Datum:
    who = name(rng)
    illness = rng.choice(("bị viêm gan B", "đang điều trị trầm cảm", "vừa mổ tim", "bị ung thư phổi"))
    return Datum(f"{rng.choice(('anh', 'chị'))} {who} {illness}", who)


def discipline(rng: random.Random) -> Datum:
    who = name(rng)
    return Datum(f"{rng.choice(('anh', 'chị'))} {who} bị kỷ luật khiển trách vì uống rượu trong ca", who)


def birth(rng: random.Random) -> Datum:
    day = f"{rng.randint(10, 28)}/{rng.randint(10, 12)}/{rng.randint(1961, 1999)}"
    who = name(rng)
    return Datum(f"{rng.choice(('anh', 'chị'))} {who} sinh ngày {day}", who)


def passport(rng: random.Random) -> Datum:
    number = f"C{_digits(rng, 7)}"
    return Datum(f"hộ chiếu {number}", number)


def tax(rng: random.Random) -> Datum:
    number = f"8{_digits(rng, 9)}"
    return Datum(f"mã số thuế cá nhân {number}", number)


def plate(rng: random.Random) -> Datum:
    number = f"{rng.randint(29, 99)}{rng.choice('ABCDEFGH')}-{_digits(rng, 3)}.{_digits(rng, 2)}"
    return Datum(f"xe riêng của chị {name(rng)} biển số {number}", number)


def home(rng: random.Random) -> Datum:
    street = f"{rng.choice(FAMILY)} {rng.choice(GIVEN)} {rng.choice(GIVEN)}"
    where = f"{rng.randint(11, 399)}/{rng.randint(2, 99)} đường {street}"
    return Datum(f"nhà riêng của anh {name(rng)} ở số {where}, phường {rng.randint(2, 15)}, quận 5", where)


Planter = Callable[[random.Random], Datum]
NUMBERS: tuple[Planter, ...] = (phone, identity, account, password, key, mail, passport, tax, plate)
"""What is private wherever it stands."""
MATTERS: tuple[Planter, ...] = (pay, health, discipline, birth, home)
"""What is private of a person."""
