"""Django's settings, read from the environment. Each variable is described in docs/guides/settings.md."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from encours.config.database import database_settings
from encours.config.home import data_folder, secret_key

PACKAGE = Path(__file__).resolve().parent.parent
DATA_FOLDER = data_folder()
FILES_FOLDER = DATA_FOLDER / "files"

SECRET_KEY = secret_key(DATA_FOLDER)
# Stored credentials are sealed with keys that lie outside the database: 32 bytes in base64, the current one first.
CREDENTIAL_KEYS = os.environ.get("ENCOURS_CREDENTIAL_KEYS", "")
CREDENTIAL_KEYS_FILE = DATA_FOLDER / "credential_keys"
# Folders below which an administrator may have one watched from the web pages; the command line may watch any.
DROP_FOLDERS = os.environ.get("ENCOURS_DROP_FOLDERS", str(DATA_FOLDER / "drop")).split(":")
DEBUG = os.environ.get("ENCOURS_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("ENCOURS_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
HTTPS = os.environ.get("ENCOURS_HTTPS") == "1"

INSTALLED_APPS = [
    "encours.store",
    "encours.backoffice",
    "encours.portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "encours.portal.middleware.PortalMiddleware",
    "encours.api.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "encours.backoffice.language.LanguageMiddleware",
    "encours.backoffice.company.CompanyMiddleware",
]

ROOT_URLCONF = "encours.config.urls"
WSGI_APPLICATION = "encours.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "encours.backoffice.company.company_context",
            ],
        },
    }
]


DATABASES = {
    "default": database_settings(url=os.environ.get("DATABASE_URL", ""), data_folder=DATA_FOLDER),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited by an administrator, nobody signs up
ACCOUNT_ADAPTER = "encours.backoffice.accounts.adapter.InvitedOnly"
ACCOUNT_FORMS = {
    "login": "encours.backoffice.accounts.forms.SignInForm",
    "reset_password": "encours.backoffice.accounts.forms.ForgottenPasswordForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# counted in CACHES, which the workers share: ten wrong passwords a minute per address, five per account in five minutes
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Encours"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
USE_THOUSAND_SEPARATOR = True

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_FOLDER / "cache",
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Uploads go to disk while they arrive, counted as they come.
FILE_UPLOAD_HANDLERS = ["encours.backoffice.imports.upload.LimitedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 << 20
IMPORT_MAX_BYTES = int(os.environ.get("ENCOURS_IMPORT_MAX_BYTES", 256 << 20))

# Mail: a server of one's own by ENCOURS_SMTP_URL (smtp://user:password@host:587 or smtps://), else a folder of
# .eml files that the "Envois" page shows, so that nothing leaves by accident.
MAIL_FOLDER = DATA_FOLDER / "mail"
SMTP_URL = os.environ.get("ENCOURS_SMTP_URL", "")
if SMTP_URL:
    _smtp = urlsplit(SMTP_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _smtp.hostname or "127.0.0.1"
    EMAIL_PORT = _smtp.port or (465 if _smtp.scheme == "smtps" else 25)
    EMAIL_HOST_USER = unquote(_smtp.username or "")
    EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
    EMAIL_USE_TLS = EMAIL_PORT == 587
    EMAIL_TIMEOUT = 30
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_FOLDER)
DEFAULT_FROM_EMAIL = "encours@localhost"
# where people reach the back office: links in mails to colleagues, which no request is there to ask
PUBLIC_URL = os.environ.get("ENCOURS_URL", "http://127.0.0.1:8000").rstrip("/")
# where customers reach their portal: messages carry links to it only when somebody said where it is
PORTAL_URL = os.environ.get("ENCOURS_URL", "").rstrip("/")
# proxies of one's own in front: how many addresses at the end of X-Forwarded-For are to be believed
PROXIES = int(os.environ.get("ENCOURS_PROXIES", "0"))
# What each channel of reminders needs to know: the fields of its `Config`.
CHANNELS = {"email": {"smtp_url": SMTP_URL, "folder": str(MAIL_FOLDER)}}

# How often one token of the API may ask.
API_REQUESTS_PER_MINUTE = int(os.environ.get("ENCOURS_API_REQUESTS_PER_MINUTE", "600"))

# Whether webhooks may go to addresses of the internal network, and over plain HTTP.
WEBHOOKS_INSIDE = os.environ.get("ENCOURS_WEBHOOKS_INSIDE") == "1"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # ECharts and progress bars set style attributes; no style sheet may be inlined
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
# in the database and not in a process's memory: several workers must see a person's choice at once
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "encours.backoffice.errors.csrf_failure"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000

PROCRASTINATE_IMPORT_PATHS = ["encours.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ENCOURS_LOG_LEVEL", "WARNING")},
}
