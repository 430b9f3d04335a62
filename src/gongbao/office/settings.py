"""Django's settings of one instance of the office. Everything that differs between instances is in environment.py."""

from __future__ import annotations

from pathlib import Path

from gongbao.office import environment
from gongbao.policy import place

GONGBAO_HOME = environment.home()
place.keep_in(GONGBAO_HOME / "compiled")  # what packs become, so that a process starts in milliseconds
GONGBAO_SITE = environment.site()
GONGBAO_PACKS = environment.packs()
GONGBAO_DEMO = environment.flag("GONGBAO_DEMO")
GONGBAO_GAZETTES = environment.os.environ.get("GONGBAO_GAZETTES", "")
HERE = Path(__file__).resolve().parent

SECRET_KEY = environment.secret_key(GONGBAO_HOME)
DEBUG = environment.flag("GONGBAO_DEBUG")
ALLOWED_HOSTS = [h for h in environment.os.environ.get("GONGBAO_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in environment.os.environ.get("GONGBAO_ORIGINS", "").split(",") if o]

# The rooms, by what people do there; a room is an app with a ROOM in its room.py (see docs/explanation/office.md).
ROOMS = [
    name
    for name in (
        "desk",
        "hotline",
        "supervision",
        "indicators",
        "tasks",
        "incidents",
        "alerts",
        "resources",
        "duty",
        "credit",
        "drills",
        "sending",
        "library",
        "management",
    )
    if all((HERE / name / file).exists() for file in ("apps.py", "room.py", "urls.py"))
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "axes",
    "gongbao.office.people",
    "gongbao.office.cases",
    "gongbao.office.exchange_table",
    "gongbao.office.pages",
    *(f"gongbao.office.{name}" for name in ROOMS),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gongbao.office.pages.headers.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gongbao.office.people.required.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongbao.office.pages.live.marked",
    "gongbao.office.pages.refusals.PlainRefusals",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gongbao.office.urls"
ASGI_APPLICATION = "gongbao.office.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gongbao.office.pages.frame.frame",
            ],
            "builtins": ["gongbao.office.pages.templatetags.office"],
        },
    }
]

DATABASES = {
    "default": environment.database(
        environment.os.environ.get("DATABASE_URL") or f"sqlite:///{GONGBAO_HOME / 'office.sqlite3'}"
    ),
    "exchange": environment.database(
        environment.os.environ.get("GONGBAO_EXCHANGE_URL") or f"sqlite:///{GONGBAO_HOME / 'exchange.sqlite3'}"
    ),
}
if GONGBAO_SITE == "drill" and environment.os.environ.get("GONGBAO_DRILL_OF"):  # only ever read, see drills/clearing.py
    DATABASES["real"] = environment.database(environment.os.environ["GONGBAO_DRILL_OF"])
DATABASE_ROUTERS = ["gongbao.office.exchange_table.router.ExchangeRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "pages:board"
LOGOUT_REDIRECT_URL = "people:sign_in"

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "people/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_AGE = 12 * 3600  # one shift
SESSION_COOKIE_NAME = f"gongbao_{GONGBAO_SITE}"
CSRF_COOKIE_NAME = f"gongbao_csrf_{GONGBAO_SITE}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("GONGBAO_HTTPS")
CSRF_FAILURE_VIEW = "gongbao.office.pages.refusals.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if environment.flag("GONGBAO_HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = GONGBAO_HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # no collectstatic needed on one machine
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = GONGBAO_HOME / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

EMAIL_TIMEOUT = 30
_mail = environment.mail(environment.os.environ.get("GONGBAO_SMTP", ""))
EMAIL_HOST, EMAIL_PORT = _mail["host"], _mail["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["user"], _mail["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["starttls"], _mail["tls"]
DEFAULT_FROM_EMAIL = environment.os.environ.get("GONGBAO_MAIL_FROM", "") or "gongbao@localhost"
GONGBAO_SMS_URL = environment.os.environ.get("GONGBAO_SMS_URL", "")
GONGBAO_SMS_TOKEN = environment.os.environ.get("GONGBAO_SMS_TOKEN", "")
GONGBAO_SMS_REPORT_TOKEN = environment.os.environ.get("GONGBAO_SMS_REPORT_TOKEN", "")
GONGBAO_SEND_PAUSE = environment.whole("GONGBAO_SEND_PAUSE", 300, 5, 3600)
GONGBAO_SEND_ATTEMPTS = environment.whole("GONGBAO_SEND_ATTEMPTS", 12, 1, 100)
GONGBAO_SEND_WITHIN = environment.whole("GONGBAO_SEND_WITHIN", 24, 1, 24 * 14)
GONGBAO_ADDRESS = environment.os.environ.get("GONGBAO_ADDRESS", "")
GONGBAO_PUBLIC = environment.flag("GONGBAO_PUBLIC")

MESSAGE_STORAGE = "gongbao.office.pages.flash.Flash"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
