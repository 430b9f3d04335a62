"""The door by which granian serves the office: `granian --interface asginl gongbao.office.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")
application = get_asgi_application()

from django.core.signals import request_finished  # noqa: E402  after Django is set up

from gongbao.office import warm  # noqa: E402

warm.before_listening()
request_finished.connect(warm.after_first_answer)
