"""The configuration: TOML and CSV files in one folder, checked as a whole before any use.

A bad configuration is refused with every problem named (file, key, value); it is never half used.
"""

from __future__ import annotations

from bhyt_filedrop.settings.keeping import RegisterSettings
from bhyt_filedrop.settings.loading import fingerprint, load
from bhyt_filedrop.settings.openid import OpenIdSettings
from bhyt_filedrop.settings.problems import ConfigError, Problem
from bhyt_filedrop.settings.secrets import secret, variable
from bhyt_filedrop.settings.values import (
    LEDGER_SECRET,
    TIME_ZONE,
    BouncesSettings,
    LogSettings,
    MailSettings,
    Settings,
    SweepSettings,
    TreeSettings,
    WebSettings,
)

__all__ = [
    "LEDGER_SECRET",
    "TIME_ZONE",
    "BouncesSettings",
    "ConfigError",
    "LogSettings",
    "MailSettings",
    "OpenIdSettings",
    "Problem",
    "RegisterSettings",
    "Settings",
    "SweepSettings",
    "TreeSettings",
    "WebSettings",
    "fingerprint",
    "load",
    "secret",
    "variable",
]
