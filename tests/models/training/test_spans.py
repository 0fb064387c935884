"""The finder's layer is made of the rows that come with it, always the same."""

import json
from datetime import date
from importlib import resources

import numpy as np

from core.private.likely import FILE, likely, read_readers
from core.private.reading import Reading
from core.private.spans import Kind
from models.training.logistic import Sparse
from models.training.spans import MOST_TOUCHED, Row, Table, digest, examples, rows_of, shipped_rows, threshold_of, train

MADE = date(2026, 11, 27)
DEVICES = ("camera", "router", "máy in", "tủ", "máy chủ", "bộ đàm", "cửa kho", "loa")


def a_few_rows() -> list[Row]:
    rows: list[Row] = []
    for number, device in enumerate(DEVICES):
        secret, price = f"kho{number}vao", f"{number + 11} triệu"
        rows.append(marked(f"{device} mở bằng chữ {secret} nhé", secret, Kind.SECRET))
        rows.append(marked(f"chị Mai được {price} về tay", price, Kind.SALARY))
        rows.append(Row(f"{device} đời {secret} giá {price} đã gồm thuế", ()))
    return rows


def marked(text: str, datum: str, kind: Kind) -> Row:
    start = text.index(datum)
    return Row(text, ((start, start + len(datum), kind),))


def test_the_shipped_layer_is_of_the_shipped_rows() -> None:
    text = resources.files("core").joinpath("data").joinpath(FILE).read_text(encoding="utf-8")
    about = read_readers(text).about
    rows = shipped_rows()
    assert about["sha256"] == digest(rows)
    assert about["rows"] == len(rows)
    assert len(text) < 400_000


def test_the_same_rows_give_the_same_layer_and_it_tells_them_apart() -> None:
    rows = a_few_rows()
    text = train(rows, MADE)
    assert text == train(rows, MADE)
    readers = read_readers(text)
    assert json.loads(text)["about"]["cross_validation"]["SECRET"]["data"] == len(DEVICES)
    found = {span.type for span in likely(Reading("đèn mở bằng chữ kho9vao nhé"), readers)}
    assert found == {Kind.SECRET}
    assert not [*likely(Reading("đèn đời kho9vao giá 9 triệu đã gồm thuế"), readers)]


def test_rows_are_read_with_their_data_and_what_overlaps_in_part_teaches_nothing() -> None:
    line = json.dumps({"text": "mã vào Ab12cd nhé", "spans": [{"start": 7, "end": 13, "type": "SECRET"}]})
    (row,) = rows_of([line, ""])
    assert row.data == ((7, 13, Kind.SECRET),)
    assert [one.is_datum for one in examples([row], Kind.SECRET)] == [True]
    part = Row(row.text, ((7, 9, Kind.SECRET),))
    assert [*examples([part], Kind.SECRET)] == []


def test_the_threshold_touches_no_more_clean_rows_than_allowed() -> None:
    count = 2_000
    scores = np.linspace(-5.0, 5.0, count)
    nothing = Sparse(np.zeros(count + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), 1)
    zeros = np.zeros(count, dtype=np.int64)
    table = Table(nothing, (0,), zeros, np.arange(count), zeros, 0)
    at = threshold_of(table, scores, np.ones(count, dtype=np.int64))
    touched = float((scores >= at).mean())
    assert 0 < touched <= MOST_TOUCHED
