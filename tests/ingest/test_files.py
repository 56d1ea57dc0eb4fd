"""Opening files: encodings, packing, and everything that is no text."""

import gzip
import io
import zipfile

import pytest

from shuzhi.errors import InputError
from shuzhi.ingest.files import read

LINE = "监测点编码,城市\n1434A,成都\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_with_and_without_mark(write, encoding):
    text = read(write("a.csv", LINE.encode(encoding)))
    assert text.data.decode() == LINE
    assert text.notes == ()


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_gbk_is_taken_and_said(write, encoding):
    text = read(write("a.csv", LINE.encode(encoding)))
    assert text.data.decode() == LINE
    assert "GBK" in text.notes[0]


def test_one_broken_byte_does_not_make_it_gbk(write):
    text = read(write("a.csv", LINE.encode() + b"1431A,\xff\n"))
    assert "成都" in text.data.decode()
    assert "not UTF-8" in text.notes[0]


def test_character_cut_at_the_end(write):
    text = read(write("a.csv", LINE.encode()[:-2]))
    assert text.data.decode().startswith("监测点编码,城市\n1434A,成")


def test_line_ends_of_other_systems(write):
    assert read(write("a.csv", "a,b\r\n1,2\r\n")).data == b"a,b\n1,2\n"
    assert read(write("b.csv", "a,b\r1,2\r")).data == b"a,b\n1,2\n"


def test_gzip_whole_several_members_and_cut(write):
    packed = gzip.compress(LINE.encode())
    assert read(write("a.csv.gz", packed)).data.decode() == LINE
    assert read(write("b.csv.gz", packed + packed)).data.decode() == LINE + LINE
    long = "1234567890\n" * 50_000
    cut = read(write("c.csv.gz", gzip.compress(long.encode())[:-20]))
    assert not cut.whole
    assert "ends early" in cut.notes[0]
    assert long.startswith(cut.data.decode())


def test_gzip_bomb_is_refused(write, monkeypatch):
    monkeypatch.setattr("shuzhi.ingest.files.MAX_BYTES", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than 1 MB"):
        read(write("a.csv.gz", gzip.compress(b"0" * (1 << 22))))


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_empty(write, content):
    with pytest.raises(InputError, match="empty"):
        read(write("a.csv", content))


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook(), "xlsx"),
        (b"PK\x03\x04 something else", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "xls"),
        (b"%PDF-1.7\n%\xb5", "PDF"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,\0\0\n", "NUL"),
        (gzip.compress(gzip.compress(b"a,b", mtime=0), mtime=0), "gzip file inside"),
        (b"<!DOCTYPE html><html>", "web page"),
    ],
)
def test_binary_says_what_it_looks_like(write, content, says):
    with pytest.raises(InputError, match=says) as caught:
        read(write("a.csv", content))
    assert "a.csv" in str(caught.value)


def test_nul_bytes_name_the_line(write):
    with pytest.raises(InputError) as caught:
        read(write("a.csv", b"a,b\n1,2\n3,\0\n"))
    assert caught.value.line == 3


def test_no_such_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)
