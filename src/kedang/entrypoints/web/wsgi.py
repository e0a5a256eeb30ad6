"""The web door for a server of WSGI: `kedang.entrypoints.web.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.web.settings")
application = get_wsgi_application()
