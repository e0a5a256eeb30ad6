"""Which kind of browser it is, as a code of a closed list: enough to know one's own, too little to follow anybody."""

from __future__ import annotations

BROWSERS = (
    ("wechat", "MicroMessenger"),
    ("edge", "Edg"),
    ("firefox", "Firefox"),
    ("firefox", "FxiOS"),
    ("chrome", "Chrome"),
    ("chrome", "CriOS"),
    ("safari", "Safari"),
)
SYSTEMS = (
    ("harmony", "HarmonyOS"),
    ("harmony", "OpenHarmony"),
    ("android", "Android"),
    ("ios", "iPhone"),
    ("ios", "iPad"),
    ("windows", "Windows"),
    ("mac", "Mac OS"),
    ("linux", "Linux"),
)
"""Sign by code; the first that stands in the header counts."""


def browser_of(user_agent: str) -> str:
    """ "chrome-windows", "other-other"."""
    return "-".join(
        next((code for code, sign in table if sign in user_agent), "other") for table in (BROWSERS, SYSTEMS)
    )
