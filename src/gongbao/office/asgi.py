"""The door by which granian serves the office: `granian --interface asginl gongbao.office.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")
application = get_asgi_application()
