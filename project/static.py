"""How static files are named."""

from functools import lru_cache

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files once they have been collected; before that, those of the apps by their own names."""

    def stored_name(self, name: str) -> str:
        """Return the hashed name, if there is one."""
        return str(super().stored_name(name)) if self.hashed_files else name

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the address; a page has some fifty of them, and they stay the same as long as the process lives."""
        return self._url_among(len(self.hashed_files), name, force)

    @lru_cache(maxsize=1024)  # noqa: B019 - there is one storage, for the whole process
    def _url_among(self, known: int, name: str | None, force: bool) -> str:
        return super().url(name, force)
