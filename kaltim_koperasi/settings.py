"""The one settings file. Everything that differs between machines comes through env.py."""

import secrets
from pathlib import Path

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from kaltim_koperasi import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = env.flag("DEBUG", default=False)


def _development_key():
    """A key of this checkout's own, so that nobody ever develops with a key that stands in a file of the project."""
    path = VAR_DIR / "secret_key"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()


SECRET_KEY = env.secret("SECRET_KEY", default=_development_key() if DEBUG else None)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else None)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# What full addresses in mails begin with. Never taken from a request: whoever asks could choose it.
SITE_URL = env.origin("SITE_URL")

# The office: its name changed between 2013 and 2025, so it is never written in a template.
OFFICE_NAME = env.text(
    "OFFICE_NAME", default="Dinas Perindustrian, Perdagangan, Koperasi dan UMKM Provinsi Kalimantan Timur"
)
OFFICE_SHORT_NAME = env.text("OFFICE_SHORT_NAME", default="Disperindagkop UMKM Prov. Kaltim")
OFFICE_ADDRESS = env.text("OFFICE_ADDRESS", default="")
OFFICE_PHONE = env.text("OFFICE_PHONE", default="")
OFFICE_EMAIL = env.text("OFFICE_EMAIL", default="")
COMPLAINT_URL = env.text("COMPLAINT_URL", default="https://www.lapor.go.id/")
MINISTRY_REGISTER_URL = env.text("MINISTRY_REGISTER_URL", default="https://nik.depkop.go.id/")

INSTALLED_APPS = [
    "kaltim_koperasi",
    "portal",
    "progress",
    "assistance",
    "meetings",
    "reporting",
    "cooperatives",
    "figures",
    "imports",
    "notices",
    "files",
    "accounts",
    "regions",
    "common",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "simple_history",
    "kaltim_koperasi.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "kaltim_koperasi.apps.StaticFiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "kaltim_koperasi.middleware.RequestId",
    "kaltim_koperasi.middleware.OwnResources",
    "common.api.AnyOrigin",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Random padding hides lengths from BREACH; Django masks its CSRF tokens besides.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "kaltim_koperasi.middleware.RefuseBrokenInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.SecondFactorRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kaltim_koperasi.urls"
WSGI_APPLICATION = "kaltim_koperasi.wsgi.application"

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
                "portal.context.office",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "common.templatetags.portal"],
        },
    }
]

DATABASES = {"default": env.database("DATABASE_URL", base=BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": env.cache("REDIS_URL"),
    # How far long work is. The worker writes it and the pages read it, so the memory of one process will not do.
    "progress": {**env.cache("REDIS_URL", folder=VAR_DIR / "progress"), "KEY_PREFIX": "progress", "TIMEOUT": 86400},
}
# Long work waits in the database for `manage.py db_worker`; there is no other queue.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Sign-in -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RoleBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/kerja/"
LOGOUT_REDIRECT_URL = "/"
# A one-time link (invitation, password reset) lives three days.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
# Roles that approve or sign off need a second factor wherever real data is.
MFA_REQUIRED = env.flag("MFA_REQUIRED", default=not DEBUG)

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Koperasi Kaltim] "
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/masuk/"
# Of the two throttles there are only axes' counters: one place to look at, one place to release.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "reset_password": "accounts.forms.RequestResetForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
}
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Koperasi Kaltim"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.SetUpCodeForm",
}
AXES_HANDLER = "accounts.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.refusal"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.client_address"
AXES_USERNAME_CALLABLE = "accounts.lockout.typed_username"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Language and time -------------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["kaltim_koperasi.formats"]
TIME_ZONE = "Asia/Makassar"
USE_TZ = True

# A web address typed without a scheme is taken for https, as from Django 6 on.
FORMS_URLFIELD_ASSUME_HTTPS = True

# Files -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Pages name files by their hashed names only; a library's source maps and licences are served as they are.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "webp", "ico", "woff2", "gz", "br", "map", "txt"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Headers -----------------------------------------------------------------------------------------
SECURE_PROXY = env.flag("BEHIND_TLS_PROXY", default=False)
if SECURE_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not DEBUG and env.flag("SSL_REDIRECT", default=True)
# Switched off by name: then the proxy in front redirects, and Django need not warn.
SILENCED_SYSTEM_CHECKS = [] if SECURE_SSL_REDIRECT or DEBUG else ["security.W008"]
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
_COOKIE_PREFIX = "" if DEBUG else "__Host-"
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sesi"
SESSION_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "accelerometer", "gyroscope")
}

# Sessions: three hours without a click, twelve hours in all (promise P11).
SESSION_IDLE_SECONDS = 3 * 3600
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
ACCOUNT_SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
# Messages wait in the session: one cookie less, and none that a public page could set.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Mail --------------------------------------------------------------------------------------------
for _name, _value in env.email("EMAIL_URL").items():
    globals()[_name] = _value
HAS_MAIL = "dummy" not in globals()["EMAIL_BACKEND"]
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default=OFFICE_EMAIL or "portal@localhost")

# Log ---------------------------------------------------------------------------------------------
# To the console, for systemd or a container to keep; each line carries the number that the error page shows.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "kaltim_koperasi.log.RequestIdInLog"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {request_id} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

# API ---------------------------------------------------------------------------------------------
# Requests of one address in a minute; whoever wants everything takes a file of /data/ instead of a thousand pages.
API_REQUESTS_PER_MINUTE = env.integer("API_REQUESTS_PER_MINUTE", default=600, least=1, most=1_000_000)
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["kaltim_koperasi.throttling.AddressThrottle"],
    "DEFAULT_SCHEMA_CLASS": "common.api.PublicSchema",
    "EXCEPTION_HANDLER": "common.api.refusal",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Koperasi Kaltim",
    "DESCRIPTION": _(
        "Open data of the cooperatives of East Kalimantan: read only, without a key. The next page stands in `next`; "
        "send `ETag` back as `If-None-Match` to ask whether anything has changed."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "list", "validatorUrl": None},
}
