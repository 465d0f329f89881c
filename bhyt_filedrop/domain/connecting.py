"""Why a server could not be reached, in words for whoever looks after this product.

The same few causes stand behind SFTP, FTP, FTPS and mail; each is told once, here, in one line that
says what to do. Errors are known by their numbers and kinds, so that nothing here needs a network.
"""

from __future__ import annotations

import errno

_EXPIRED, _NOT_YET = 10, 9
_OTHER_HOST = frozenset({62, 64})
"""OpenSSL's X509_V_ERR numbers: out of its dates, made out to another host or address."""

_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


def untrusted(error: BaseException, key: str) -> str:
    """Say why a certificate is not trusted (`ssl.SSLCertVerificationError`); `key` is the setting
    that names an authority of one's own."""
    code = getattr(error, "verify_code", None)
    why = getattr(error, "verify_message", "")
    if code == _EXPIRED:
        return "chứng thư TLS của máy chủ đã hết hạn; quản trị máy chủ phải gia hạn."
    if code == _NOT_YET:
        return "chứng thư TLS của máy chủ chưa đến ngày có hiệu lực; xem lại đồng hồ hai máy."
    if code in _OTHER_HOST:
        return (
            "chứng thư TLS của máy chủ không được tin cậy vì cấp cho tên khác; ghi host đúng như "
            f"tên trong chứng thư ({why})."
        )
    return (
        f"chứng thư TLS của máy chủ không được tin cậy ({why}); ghi tệp chứng thư của cơ quan cấp "
        f"vào {key} trong bhyt-filedrop.toml."
    )


def not_reached(error: BaseException, host: str, port: int) -> str:
    """Say why no connection came about; what nobody foresaw is told in the error's own words."""
    if isinstance(error, ConnectionRefusedError):
        return f"không kết nối được: cổng {port} từ chối, dịch vụ ở đó không chạy hoặc sai cổng."
    if type(error).__name__ == "gaierror":
        return f"không kết nối được: không tìm thấy máy chủ {host}; xem lại host và DNS."
    if isinstance(error, OSError) and error.errno in _NO_WAY:
        return f"không kết nối được: không có đường mạng đến {host}; xem lại mạng, tường lửa."
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return f"không kết nối được ({reason})."
