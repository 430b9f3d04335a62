"""What an act says on the next page travels in a signed cookie of this instance.

It is said after the act is committed: kept in the session it would be one more transaction, which may fail (a full disk,
a locked database) and tell a person that an act which stands went wrong.
"""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class Flash(CookieStorage):
    cookie_name = f"gongbao_flash_{settings.GONGBAO_SITE}"
