"""What the environment says to the web door. `docs/settings.md` lists every variable."""

from __future__ import annotations

import os

HOSTS = [host for host in os.environ.get("KEDANG_WEB_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
HTTPS = os.environ.get("KEDANG_WEB_HTTPS", "") == "1"
"""Whether people reach this door over https, through a proxy that sets X-Forwarded-Proto."""
PROXY = os.environ.get("KEDANG_WEB_PROXY") or "127.0.0.1"
"""Where the proxy is whose X-Forwarded-For and X-Forwarded-Proto are believed, when there is one."""
IDLE_MINUTES = int(os.environ.get("KEDANG_WEB_IDLE_MINUTES") or 60)
"""A session in which nothing happened for so long has ended."""
SECOND_FACTOR_REQUIRED = os.environ.get("KEDANG_WEB_SECOND_FACTOR", "") == "required"
SSO_ID, SSO_NAME = "sso", os.environ.get("KEDANG_SSO_NAME", "") or "单位统一登录"
SSO_ISSUER = os.environ.get("KEDANG_SSO_ISSUER", "")
"""Address of the OpenID Connect provider; empty: no single sign-on."""
SSO_CLIENT_ID = os.environ.get("KEDANG_SSO_CLIENT_ID", "")
SSO_CLIENT_SECRET = os.environ.get("KEDANG_SSO_CLIENT_SECRET", "")
