"""Bodies: what comes out is what was put in, in the framing that readers expect."""

import gzip
import io
import struct
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.firehose import objects

bodies = st.binary(max_size=300_000) | st.integers(0, 600_000).map(lambda size: b"signup" * (size // 6))


def blocks(body: bytes, at: int) -> list[bytes]:
    """Read length-prefixed chunks, as snappy-java and Hadoop write them."""
    found = []
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        found.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def raw(chunk: bytes) -> bytes:
    size, shift = 0, 0
    for byte in chunk:  # the length that every raw snappy block begins with
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    plain: bytes = pa.Codec("snappy").decompress(chunk, decompressed_size=size, asbytes=True)
    return plain


@given(bodies)
def test_snappy_is_the_stream_of_snappy_java(body):
    packed = objects.compress(body, "Snappy", "entry")
    assert packed[:16] == b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01"
    assert b"".join(map(raw, blocks(packed, 16))) == body


@given(bodies)
def test_hadoop_snappy_announces_the_plain_length_of_each_block(body):
    packed, plain, at = objects.compress(body, "HADOOP_SNAPPY", "entry"), b"", 0
    while at < len(packed):
        size, length = struct.unpack_from(">II", packed, at)
        chunk = raw(packed[at + 8 : at + 8 + length])
        assert len(chunk) == size
        plain, at = plain + chunk, at + 8 + length
    assert plain == body


def test_gzip_and_zip_hold_the_body():
    assert gzip.decompress(objects.compress(b"abc", "GZIP", "entry")) == b"abc"
    archive = zipfile.ZipFile(io.BytesIO(objects.compress(b"abc", "ZIP", "entry")))
    assert archive.namelist() == ["entry"]
    assert archive.infolist()[0].compress_type == zipfile.ZIP_DEFLATED
    assert archive.read("entry") == b"abc"


@pytest.mark.parametrize(
    ("compression", "extension", "encoding"),
    [
        ("UNCOMPRESSED", "", ""),
        ("GZIP", ".gz", "gzip"),
        ("ZIP", ".zip", "zip"),
        ("Snappy", ".snappy", "snappy-java"),
        ("HADOOP_SNAPPY", ".snappy", "hadoop-snappy"),
    ],
)
def test_each_compression_shows_in_key_and_header(compression, extension, encoding):
    assert objects.FORMS[compression] == objects.Form(extension, encoding)
