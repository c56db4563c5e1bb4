"""How static files are named."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files once they have been collected; before that, those of the apps by their own names."""

    def stored_name(self, name: str) -> str:
        """Return the hashed name, if there is one."""
        return str(super().stored_name(name)) if self.hashed_files else name
