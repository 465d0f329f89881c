"""Why a server was not reached, told so that an admin knows what to do."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from bhyt_filedrop.domain.connecting import not_reached, untrusted


def a_certificate_error(code: int, message: str = "tại sao") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (10, "đã hết hạn; quản trị máy chủ phải gia hạn."),
        (9, "chưa đến ngày có hiệu lực; xem lại đồng hồ hai máy."),
        (62, "cấp cho tên khác; ghi host đúng như tên trong chứng thư (tại sao)."),
        (64, "cấp cho tên khác; ghi host đúng như tên trong chứng thư (tại sao)."),
        (18, "không được tin cậy (tại sao); ghi tệp chứng thư của cơ quan cấp vào ca_file trong"),
        (63, "không được tin cậy (tại sao); ghi tệp chứng thư của cơ quan cấp vào ca_file trong"),
        (11, "không được tin cậy (tại sao); ghi tệp chứng thư của cơ quan cấp vào ca_file trong"),
        (8, "không được tin cậy (tại sao); ghi tệp chứng thư của cơ quan cấp vào ca_file trong"),
    ],
)
def test_a_certificate_is_told_by_what_is_wrong_with_it(code: int, says: str):
    assert says in untrusted(a_certificate_error(code), "ca_file")


def test_an_error_that_names_no_reason_asks_for_the_authority():
    assert "không được tin cậy ();" in untrusted(OSError("x"), "ca_file")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "cổng 2222 từ chối"),
        (socket.gaierror(-2, "Name or service not known"), "không tìm thấy máy chủ ftp.example"),
        (OSError(errno.EHOSTUNREACH, "No route"), "không có đường mạng đến ftp.example"),
        (OSError(errno.ENETUNREACH, "No net"), "không có đường mạng đến ftp.example"),
        (OSError(errno.EIO, "Input/output error"), "([Errno 5] Input/output error)."),
        (ValueError("one\n  two"), "không kết nối được (one two)."),
        (TimeoutError(), "không kết nối được (TimeoutError)."),
    ],
)
def test_a_connection_that_does_not_come_about_is_told_by_its_cause(error: Exception, says: str):
    assert says in not_reached(error, "ftp.example", 2222)


def test_a_long_reason_is_cut():
    assert not_reached(ValueError("x" * 301), "ftp.example", 21) == (
        f"không kết nối được ({'x' * 300})."
    )
