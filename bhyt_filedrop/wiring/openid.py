"""Who else signs people in to the page, as the settings name it."""

from __future__ import annotations

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import IdentityProvider, NeverWorks
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.secrets import password


def provider_of(settings: Settings) -> IdentityProvider | None:
    """Return the provider, None where none is named; it is asked nothing yet.

    Raises NeverWorks where its library or the client's secret is missing.
    """
    named = settings.web.openid
    if not named.issuer:
        return None
    try:
        from bhyt_filedrop.edges.openid import OpenIdProvider
    except ImportError as error:
        raise NeverWorks(
            say(
                "Đăng nhập bằng OpenID Connect cần thêm thư viện: pip install "
                "'bhyt-filedrop[oidc]' (hoặc -r requirements-oidc.txt).",
                "Signing in by OpenID Connect needs one more library: pip install "
                "'bhyt-filedrop[oidc]' (or -r requirements-oidc.txt).",
            )
        ) from error
    return OpenIdProvider(named, password(named.credential))
