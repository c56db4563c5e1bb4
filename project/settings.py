"""Settings: read from the environment and `.env`; docs/operator.md lists every variable."""

import os
import re
import sys
import warnings
import zoneinfo
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from notifications.schedule import SCHEDULE
from project import paths, storage

BASE_DIR = paths.BASE_DIR
env = environ.Env()
env.read_env(str(BASE_DIR / ".env"))

# The rules of time zones are those of the package tzdata, in every process: the system's may be years old. TZDIR has
# the C library follow, by whose clock logs are written.
zoneinfo.reset_tzpath(())
zoneinfo.ZoneInfo.clear_cache()
os.environ["TZDIR"] = str(resources.files("tzdata") / "zoneinfo")

# Who may reach this site decides how strict it is. As long as only this machine can, plain HTTP and a secret of its
# own making will do; once a real host name is allowed, or a proxy passes others on, it is a production site: HTTPS, and
# a secret from the operator.
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK))
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
LOCAL = LOOPBACK.issuperset(ALLOWED_HOSTS) and not BEHIND_PROXY

# What every address begins with, where other sites live under the same name.
PATH_PREFIX = paths.prefix()
if not re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", PATH_PREFIX):
    raise ImproperlyConfigured("PATH_PREFIX is like /bell: ASCII letters, digits, and . _ ~ - between slashes.")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or (paths.local_secret() if LOCAL else "")
SECRET_LENGTH = 32
if not LOCAL:
    why = "others than this machine can reach the site (ALLOWED_HOSTS, BEHIND_PROXY)."
    if len(SECRET_KEY) < SECRET_LENGTH or len(set(SECRET_KEY)) < SECRET_LENGTH // 4:
        raise ImproperlyConfigured(f"Set SECRET_KEY to {SECRET_LENGTH} random characters or more: {why}")
    if DEBUG:
        raise ImproperlyConfigured(f"Leave DEBUG off, it shows settings and data to whoever causes an error: {why}")

INSTALLED_APPS = [
    # `runserver` becomes Daphne's by this. No other process needs it, and with Twisted it takes long to load.
    *(["daphne"] if "runserver" in sys.argv else []),
    "messaging",
    "notifications",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Not "allauth" itself, which is only templates: a page of it that we have not made ours is to be an error.
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    # Outermost: whoever answers below, also when a name or a form is refused, these give it the headers that guard it.
    "project.middleware.SecurityHeaders",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "project.middleware.ContentSecurityPolicy",
    "project.middleware.WithLength",
    "project.middleware.HooksFirst",
    # Above all that reads or changes what a page says.
    "project.middleware.CompressedPages",
    # Before all that refuses: load balancers ask over plain HTTP, and by an address that is not the site's name.
    "project.health.HealthMiddleware",
    "project.middleware.ErrorPages",
    "notifications.api.middleware.ApiMiddleware",
    "project.middleware.Utf8FormsOnly",
    "project.middleware.NoNulInAddresses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "notifications.limits.middleware.LimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "project.middleware.SignInRequired",
    "project.middleware.RefusedForms",
    "django.contrib.messages.middleware.MessageMiddleware",
    "messaging.accounts.time_zones.ByOwnClock",
    "messaging.accounts.devices.SeenDevices",
    "messaging.accounts.second_factor.SecondFactorRequired",
]
ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
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
                "messaging.context_processors.sidebar",
                "messaging.context_processors.site",
            ],
        },
    },
]

# The database: SQLite beside the code unless DATABASE_URL names another.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{paths.state_dir() / 'bellwire.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Write locks are taken when a transaction begins and waited for: with Django's defaults, concurrent posts fail
    # with "database is locked".
    DATABASES["default"]["ENGINE"] = "project.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Requests run on threads that come and go, so connections are kept in a pool and not by thread.
    pool = {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=20), "timeout": 10}
    DATABASES["default"].setdefault("OPTIONS", {}).update({"pool": pool})

# Redis carries pushes (database 0) and Celery's queue (database 1). Without REDIS_URL, bin/run starts one.
REDIS_URL = env.str("REDIS_URL", default=f"unix://{paths.redis_socket()}")
_redis = urlsplit(REDIS_URL)
if _redis.scheme == "unix":
    LAYER_URLS = [f"unix://{_redis.path}?db=0"]
    CELERY_BROKER_URL = f"redis+socket://{_redis.path}?virtual_host=1"
else:
    LAYER_URLS = [REDIS_URL]
    # A URL that names a database of its own keeps Celery's keys in that same one.
    CELERY_BROKER_URL = REDIS_URL if re.search(r"/\d+$", _redis.path) else _redis._replace(path="/1").geturl()

# Groups are spread over as many servers as there are addresses; only pushes go there, nothing is kept.
LAYER_URLS = env.list("LAYER_URLS", default=LAYER_URLS)

# The time-outs are what lets a request outlive a hung Redis; redis-py's own default closes idle subscriptions.
REDIS_OPTIONS = {"socket_timeout": 15, "socket_connect_timeout": 5, "health_check_interval": 30}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": url, **REDIS_OPTIONS} for url in LAYER_URLS], "prefix": "bellwire"},
    },
}

# What processes count together, with database 2 for a Redis of our own: how often something was done.
CACHES = {
    "default": {
        "BACKEND": "notifications.limits.cache.SharedCache",
        "LOCATION": f"unix://{_redis.path}?db=2" if _redis.scheme == "unix" else REDIS_URL,
        "KEY_PREFIX": "bellwire",
        "OPTIONS": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4},
    }
}
# So many times within so long (s, m, h, d); 0 is no limit. LIMITS in the environment changes some of them.
DEFAULT_LIMITS = {
    "sign_in": "10/5m",  # wrong passwords for one name from one address
    "sign_in_address": "60/5m",  # from one address
    "second_factor": "10/5m",  # wrong codes of one person, who has the password
    "sign_in_name": "50/5m",  # for one name, from addresses that its owner has not signed in from in 30 days
    "sign_up": "20/1h",  # accounts made from one address
    "mail": "5/1h",  # mails that are asked for to one address of e-mail
    "mail_address": "30/1h",  # and from one address
    "posts": "120/1m",  # messages of one person, edits among them
    "hooks": "120/1m",  # what is posted to one hook, and as much again of what it refuses
    "reactions": "240/1m",  # of one person, on and off
    "presence": "1200/1m",  # what pages of one person say of being looked at, and of writing
    "showing": "30/10m",  # how often one person chooses what others are shown of them
    "reading": "240/1m",  # what one person marks as read and unread by buttons and keys
    "writing": "300/1m",  # drafts of one person that are kept, and previews
    "search": "120/1m",  # searches of one person, as they type, too
    "chats": "60/1h",  # rooms and direct chats that one person makes
    "invitations": "200/1h",  # people whom one person brings into rooms and new chats
    "uploads": "300/10m",  # files that one person sends
    "exports": "20/1h",  # of one person
    "webhooks": "120/1h",  # that one person makes, tries, or has send again
    "announcements": "60/1h",  # of one author
    "handshakes": "3000/1m",  # sockets that one address opens
    "api": "1200/1m",  # requests of one person's programs
    "notifications": "600/1m",  # people whom one person's programs tell something
}
LIMITS = DEFAULT_LIMITS | env.dict("LIMITS", default={})
SOCKETS_PER_PERSON = env.int("SOCKETS_PER_PERSON", default=50)
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=2000)
if unknown := LIMITS.keys() - DEFAULT_LIMITS.keys():
    raise ImproperlyConfigured(f"LIMITS has no {', '.join(sorted(unknown))}; it has {', '.join(DEFAULT_LIMITS)}.")

CELERY_TASK_IGNORE_RESULT = True
# There is no place for results; unless it is safe for threads, each thread looks for one at its first task, for 50 ms.
CELERY_RESULT_BACKEND_THREAD_SAFE = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A post must not wait for a queue that is down: no retry in the request, the sweeper finds what was not queued.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
    "max_retries": 0,
    "visibility_timeout": 600,
}
# Long tasks, those that report, wait in a queue of their own and so can have workers of their own. A worker takes both
# unless `--queues` says otherwise.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"celery": {}, "jobs": {}}
CELERY_TASK_ROUTES = {
    "messaging.tasks.export_chat": {"queue": "jobs"},
    "notifications.tasks.deliver": {"queue": "jobs"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    **SCHEDULE,
    "sweep-unnotified-messages": {"task": "messaging.tasks.sweep_unnotified", "schedule": 15.0},
    "delete-left-files": {"task": "messaging.tasks.delete_left_files", "schedule": 600.0},
    "make-missing-previews": {"task": "messaging.tasks.make_missing_previews", "schedule": 60.0},
    "sweep-presence": {"task": "messaging.tasks.sweep_presence", "schedule": 5.0},
    "do-later": {"task": "messaging.tasks.do_later", "schedule": 5.0},
    "index-messages": {"task": "messaging.tasks.index_messages", "schedule": 15.0},
    "delete-old-exports": {"task": "messaging.tasks.delete_old_exports", "schedule": 3600.0},
}
# By which of our own variables and commands it is done, what the push doctor advises.
PUSH_DOCTOR_ADVICE = {
    "versions": "Install requirements.txt again.",
    "database": "Look at DATABASE_URL, and whether the database runs.",
    "layer": "Look at REDIS_URL and LAYER_URLS, and whether Redis runs.",
    "worker": "Run `celery -A celery_app worker` with the same REDIS_URL and LAYER_URLS as the site.",
    "beat": "Run one `celery -A celery_app beat` and a worker.",
}

# Mail. Without EMAIL_URL it is printed, which is of use on this machine alone: other sites have no page that mails.
SENDS_MAIL = LOCAL or bool(env.str("EMAIL_URL", default=""))
EMAIL_URL = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_URL)
# What a page has to mail is queued, and a worker sends it by what EMAIL_URL names.
MAIL_BACKEND = EMAIL_URL["EMAIL_BACKEND"]
EMAIL_BACKEND = "messaging.accounts.mail.QueuedBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Bellwire <bellwire@localhost>")

# Who may make an account: everybody, who has an invitation, who has an address of certain domains, nobody.
_at_home = LOCAL and env.str("HOST", default="127.0.0.1") in {"localhost", "127.0.0.1", "::1"}
SIGN_UP = env.str("SIGN_UP", default="open" if _at_home else "invitation").strip().lower()
SIGN_UP_DOMAINS = [part.strip()[1:] for part in SIGN_UP.split(",")] if SIGN_UP.startswith("@") else []
MEMBERS_INVITE = env.bool("MEMBERS_INVITE", default=False)
if SIGN_UP not in {"open", "invitation", "closed"} and not re.fullmatch(r"@[\w.-]+(\s*,\s*@[\w.-]+)*", SIGN_UP):
    raise ImproperlyConfigured("SIGN_UP is open, invitation, closed, or domains like @example.org,@example.com.")
if SIGN_UP_DOMAINS and not SENDS_MAIL:
    raise ImproperlyConfigured("Set EMAIL_URL: who signs up by domain (SIGN_UP) confirms the address by mail.")

# People and sessions. Accounts are allauth's; its own limits are off, for ours are in LIMITS.
LOGIN_URL = LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["messaging.accounts.backends.CountingBackend"]
ACCOUNT_ADAPTER = "messaging.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "messaging.accounts.forms.SignInForm",
    "signup": "messaging.accounts.forms.SignUpForm",
    "add_email": "messaging.accounts.forms.EmailForm",
    "change_password": "messaging.accounts.forms.ChangePasswordForm",
    "set_password": "messaging.accounts.forms.SetPasswordForm",
    "reset_password": "messaging.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "messaging.accounts.forms.NewPasswordForm",
    "reauthenticate": "messaging.accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", *(["email"] if SENDS_MAIL else []), "password1*", "password2*"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "optional" if SENDS_MAIL else "none"
# Only where the password was given in the same browser before.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = False
# A second factor: an authenticator app, passkeys and keys, recovery codes. Some may have to have one.
REQUIRE_SECOND_FACTOR = env.str("REQUIRE_SECOND_FACTOR", default="")
if REQUIRE_SECOND_FACTOR not in {"", "staff", "everybody"}:
    raise ImproperlyConfigured("REQUIRE_SECOND_FACTOR is staff, everybody, or empty.")
MFA_ADAPTER = "messaging.accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "messaging.accounts.second_factor.AuthenticateForm",
    "reauthenticate": "messaging.accounts.second_factor.ReauthenticateForm",
    "activate_totp": "messaging.accounts.second_factor.ActivateTOTPForm",
    "add_webauthn": "messaging.accounts.second_factor.AddWebAuthnForm",
    "authenticate_webauthn": "messaging.accounts.second_factor.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "messaging.accounts.second_factor.ReauthenticateWebAuthnForm",
    "login_webauthn": "messaging.accounts.second_factor.LoginWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = False
PASSWORD_HASHERS = [
    "project.hashing.Argon2Hasher",
    "project.hashing.PBKDF2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {"NAME": "messaging.accounts.demo.PublishedPasswordValidator"},
    {"NAME": "messaging.accounts.security_log.NotedPasswords"},
]

# Whether webhooks may be sent to this machine and its network, and without TLS: for closed networks.
WEBHOOKS_ALLOW_PRIVATE = env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False)

# Who may read /metrics; nobody while it is empty.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

SESSION_ENGINE = "project.sessions"

# Transport security
HTTPS = env.bool("HTTPS", default=not LOCAL)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# By this name a browser takes a cookie from this very host alone, so that a sister host cannot plant one; but only one
# for the whole host. Under a prefix no other site of the host is to be sent it, nor to have one in its place.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = PATH_PREFIX or "/"
_kind = "" if not HTTPS else "__Secure-" if PATH_PREFIX else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_kind}sessionid", f"{_kind}csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "project.late.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# By choice: it binds every other site of the domain, and browsers keep it for a year.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Where links in mails lead: what stands before the site's own addresses, of which the prefix is a part.
_host = next((name for name in (host.lstrip("*.") for host in ALLOWED_HOSTS) if name), "localhost")
_port = f":{env.str('PORT', default='') or 8000}" if LOCAL else ""
SITE_URL = env.str("SITE_URL", default="").rstrip("/").removesuffix(PATH_PREFIX)
SITE_URL = SITE_URL or f"http{'s' if HTTPS else ''}://{_host}{_port}"
MFA_TOTP_ISSUER = urlsplit(SITE_URL).hostname
# Another site that says who people are, by OpenID Connect.
OIDC_URL = env.str("OIDC_URL", default="")
OIDC_NAME = env.str("OIDC_NAME", default="") or urlsplit(OIDC_URL).hostname
if OIDC_URL and not (env.str("OIDC_CLIENT_ID", default="") and env.str("OIDC_SECRET", default="")):
    raise ImproperlyConfigured("OIDC_URL needs OIDC_CLIENT_ID and OIDC_SECRET, as the provider has given them to you.")
_provider = {
    "provider_id": "oidc",
    "name": OIDC_NAME,
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_SECRET", default=""),
    "settings": {"server_url": OIDC_URL.rstrip("/"), "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_provider] if OIDC_URL else []}}
SOCIALACCOUNT_ADAPTER = "messaging.accounts.sign_on.SignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # The button's form is led on to the provider.
        "form-action": [SELF, *([f"{urlsplit(OIDC_URL).scheme}://{urlsplit(OIDC_URL).netloc}"] if OIDC_URL else [])],
    }
}
# Of what is no page: a file, a line of text.
NO_PAGE_POLICY = {"default-src": [NONE], "frame-ancestors": [NONE]}
# Those that Django has no settings for.
SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "bluetooth",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "hid",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ),
}

# Static files: hashed names once they have been collected, as they lie in the apps before that.
STATIC_URL = f"{PATH_PREFIX}/static/"
STATIC_ROOT = paths.state_dir() / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Under ASGI a static file is read whole, and Django warns of it. They are small, and browsers keep them.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What people have asked for and nobody else may see. No address leads here; machines with workers share it.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": paths.state_dir() / "private"},
    },
    "attachments": storage.attachments(env.str("ATTACHMENTS_URL", default="")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "project.static.CollectedStorage"
    },
}

# Files in messages.
ATTACHMENT_SIZE = env.int("ATTACHMENT_SIZE", default=100 * 2**20)
ATTACHMENTS_PER_MESSAGE = env.int("ATTACHMENTS_PER_MESSAGE", default=10)
ATTACHMENT_PIXELS = env.int("ATTACHMENT_PIXELS", default=50_000_000)
# Where a proxy has the directory of the files, if it is to send them itself: `/files-of-bellwire/`.
X_ACCEL_REDIRECT = env.str("X_ACCEL_REDIRECT", default="")
# Beside where they will lie: then they are moved there, and not copied. /tmp may be memory.
FILE_UPLOAD_TEMP_DIR = paths.state_dir() / "private" / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

LANGUAGE_CODE = "en-us"
# The clock of the site, and of everybody whose own zone is not known.
TIME_ZONE = env.str("TIME_ZONE", default="").strip() or "UTC"
USE_TZ = True
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE is the name of a time zone, like Europe/Berlin, and not {TIME_ZONE!r}.")
if (_system := Path("/usr/share/zoneinfo")).exists() and not (_system / TIME_ZONE).exists():
    # Django asks for that file, and says no more than that the setting is incorrect.
    raise ImproperlyConfigured(
        f"This system has no TIME_ZONE {TIME_ZONE}: give its newer name, or bring tzdata up to date."
    )

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"short": {"()": "project.logs.ShortClientErrors"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"level": "INFO"}, "daphne": {"level": "WARNING"}},
}
