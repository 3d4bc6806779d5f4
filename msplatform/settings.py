"""All settings. Each value that differs between installations comes from the environment."""

from pathlib import Path
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from msplatform import environment as env
from msplatform.logs import hide_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO = env.flag("DEMO")
DEBUG = False
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.secret_key(demo=DEMO)
SECRET_KEY_FALLBACKS = env.secret_key_fallbacks()
SITE_URL = env.address("SITE_URL", "http://localhost:8000" if DEMO else "")
if not SITE_URL:
    raise env.refuse("SITE_URL", "must be set to the public address of the site.")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ([SITE_HOST, "localhost", "127.0.0.1", "[::1]"] if DEMO else [SITE_HOST])
if DEMO and (why := env.demo_refusal(site_url=SITE_URL, allowed_hosts=ALLOWED_HOSTS)):
    raise ImproperlyConfigured(why)

# --- The house -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.mediawiki",
    "mozilla_django_oidc",
    "django_htmx",
    "template_partials",
    "csp",
    "django_structlog",
    "apps.core",
    "apps.record",
    "apps.accounts",
    "apps.notifications",
    "apps.deadlines",
    "apps.translations",
    "apps.people",
    "apps.guidelines",
    "apps.groups",
    "apps.initiatives",
    "apps.questions",
    "apps.resources",
    "apps.feedback",
    "apps.engagement",
    "apps.news",
    "apps.home",
    "apps.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "msplatform.probes.answer_first",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.ReaderMiddleware",
    "apps.accounts.middleware.BlockedAccountsReadOnlyMiddleware",
]

ROOT_URLCONF = "msplatform.urls"
WSGI_APPLICATION = "msplatform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.home.context_processors.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
                "apps.core.templatetags.ui",
            ],
        },
    }
]

# --- Database, cache, broker -----------------------------------------------------------------

DATABASE_URL = env.service("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}", ("sqlite", "postgres", "postgresql"))
DATABASES = {"default": env.env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at the first statement, so that "read, decide, write" is as safe as a row lock.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.service("REDIS_URL", "", ("redis", "rediss", "unix"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # A cache that hangs must not hold up a page, and a sweep not longer than this.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

SWEEP_EVERY_SECONDS = 10
HEARTBEAT_EVERY_SECONDS = 10
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "msplatform.health:BeatingScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# Each queue has its work. Mailings have a worker of their own (docs/adr/0016), and so have the machines of others
# (docs/adr/0024): however long one takes, the clock and personal letters do not wait for it. What nobody has given a
# queue goes where it can delay nobody.
CELERY_TASK_DEFAULT_QUEUE = "mailings"
CELERY_TASK_QUEUES = {name: {"exchange": name} for name in ("clock", "letters", "mailings", "machines")}
CELERY_TASK_ROUTES = {
    "apps.deadlines.tasks.sweep": {"queue": "clock"},
    "apps.notifications.tasks.deliver": {"queue": "letters"},
    "apps.notifications.tasks.deliver_mailings": {"queue": "mailings"},
    "apps.notifications.tasks.deliver_digests": {"queue": "mailings"},
    "apps.resources.tasks.provision": {"queue": "machines"},
}
CELERY_BEAT_SCHEDULE = {
    # A round not started before the next one is due is dropped: the next one does its work.
    task: {"task": task, "schedule": SWEEP_EVERY_SECONDS, "options": {"expires": SWEEP_EVERY_SECONDS}}
    for task in CELERY_TASK_ROUTES
} | {
    "forget_old_sessions": {"task": "apps.accounts.tasks.forget_old_sessions", "schedule": 24 * 60 * 60},
    "reconcile": {
        "task": "apps.resources.tasks.reconcile",
        "schedule": 24 * 60 * 60,
        "options": {"queue": "machines"},
    },
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | int | float] = {
        "visibility_timeout": 120,
        # With the defaults a killed worker's task did not come back in 40 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 5,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    _queue = DATA_DIR / "broker"
    for _folder in (_queue / "messages", _queue / "control"):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.1,
    }

# --- Mail ------------------------------------------------------------------------------------

EMAIL_URL = env.service(
    "EMAIL_URL",
    f"filemail:///{DATA_DIR / 'letters'}" if DEMO else "",
    ("smtp", "smtps", "smtp+tls", "smtp+ssl", "submission", "consolemail", "filemail", "memorymail", "dummymail"),
)
if not EMAIL_URL:
    raise env.refuse("EMAIL_URL", "must be set, for example smtp://user:password@mail.example.org:25.")
vars().update(env.env.email_url_config(EMAIL_URL))
if EMAIL_URL.startswith("filemail"):
    EMAIL_FILE_PATH = str(Path("/" + urlsplit(EMAIL_URL).path.lstrip("/")))
EMAIL_TIMEOUT = 10
# A worker takes letters for this long; when it is killed meanwhile, they leave after that.
LETTER_CLAIM_SECONDS = 600
# What the mail server refused is tried again after this, then after twice as long, and so on.
LETTER_RETRY_SECONDS = 120
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Movement Strategy <strategy@{SITE_HOST}>")
if "@" not in DEFAULT_FROM_EMAIL:
    raise env.refuse("DEFAULT_FROM_EMAIL", "must be an e-mail address.")

# --- Signing in ------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "apps.accounts.staff.StaffBackend",
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home:me"
LOGOUT_REDIRECT_URL = "home:town_square"

# Wikimedia enforces a User-Agent that names the site and a contact.
VERSION = "1.0"
USER_AGENT = f"MovementStrategy/{VERSION} ({SITE_URL}; {DEFAULT_FROM_EMAIL}) requests"
REMOTE_TIMEOUT_SECONDS = 10

env.together("WIKIMEDIA_CLIENT_ID", "WIKIMEDIA_CLIENT_SECRET")
WIKIMEDIA_CLIENT_ID = env.text("WIKIMEDIA_CLIENT_ID")
WIKIMEDIA_CLIENT_SECRET = env.text("WIKIMEDIA_CLIENT_SECRET")
WIKIMEDIA_REST_API = env.address("WIKIMEDIA_REST_API", "https://meta.wikimedia.org/w/rest.php")
WIKIMEDIA_API = env.address("WIKIMEDIA_API", "https://meta.wikimedia.org/w/api.php")
ACCOUNT_ADAPTER = "apps.accounts.wikimedia.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "apps.accounts.wikimedia.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_PRESERVE_USERNAME_CASING = True
# Client and addresses come from the adapters: allauth would read them once, at import.
SOCIALACCOUNT_PROVIDERS = {"mediawiki": {"provider_class": "apps.accounts.wikimedia.WikimediaProvider"}}

STAFF_SIGN_IN = env.staff_sign_in()
OIDC_ISSUER = env.address("OIDC_ISSUER")
OIDC_RP_CLIENT_ID = env.text("OIDC_CLIENT_ID")
OIDC_RP_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET")
OIDC_RP_SCOPES = "openid profile groups"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_AUTHENTICATION_CALLBACK_URL = "accounts:staff_callback"
OIDC_OP_AUTHORIZATION_ENDPOINT = env.address("OIDC_AUTHORIZATION_ENDPOINT")
OIDC_OP_TOKEN_ENDPOINT = env.address("OIDC_TOKEN_ENDPOINT")
OIDC_OP_USER_ENDPOINT = env.address("OIDC_USERINFO_ENDPOINT")
OIDC_OP_JWKS_ENDPOINT = env.address("OIDC_JWKS_ENDPOINT")
OIDC_REVIEWER_GROUPS = env.words("OIDC_REVIEWER_GROUPS")

# --- Resources -------------------------------------------------------------------------------

RESOURCE_SERVERS = env.resource_servers()
JITSI_URL = RESOURCE_SERVERS["jitsi"].url
ETHERPAD_URL = RESOURCE_SERVERS["etherpad"].url
# A machine has answered within this or has not; it is asked again later.
PROVIDER_SECONDS = 10
PROVIDER_CONNECT_SECONDS = 5

# --- Safety ----------------------------------------------------------------------------------

_secure = SITE_URL.startswith("https://")
if not DEMO and not _secure:
    raise env.refuse("SITE_URL", "must begin with https:// (http:// works with DEMO=1 alone).")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _secure
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [env.origin(SITE_URL)]
CSRF_FAILURE_VIEW = "apps.core.views.form_expired"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Codex draws some of its icons as data: masks.
        "connect-src": [SELF],
        "form-action": [
            SELF,
            *env.sign_in_origins(WIKIMEDIA_REST_API, OIDC_ISSUER, OIDC_OP_AUTHORIZATION_ENDPOINT),
        ],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# --- Language, time, files -------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# The folder is filled by collectstatic; tests and a first `manage.py` come before that.
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- What the footer says --------------------------------------------------------------------

# Text, so that whoever runs it says it in their own words; "" for the usual sentence, which is translated.
RUN_BY = env.text("RUN_BY")
# Whoever led an initiative before this day can say so in the 60 days after it.
LAUNCHED_ON = env.day("LAUNCHED_ON")
PRIVACY_URL = "https://foundation.wikimedia.org/wiki/Policy:Privacy_policy"
SOURCE_URL = env.address("SOURCE_URL", "https://gitlab.wikimedia.org/")

# --- Logs ------------------------------------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
_log_processors: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_log_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "events": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _log_processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
                hide_secrets,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "events"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"apps": {"level": "INFO"}, "django_structlog": {"level": "WARNING"}},
}
