"""Sessions in the database, for whatever a cookie may say."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django's own, which would ask the database for any key: PostgreSQL fails at a NUL."""

    def _validate_session_key(self, key: str | None) -> bool:
        is_valid = super()._validate_session_key(key)  # type: ignore[misc]  # django-stubs leave it out
        return bool(key and is_valid and key.isascii() and key.isalnum())
