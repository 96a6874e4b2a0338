"""Static files with a hash in their name, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names once `collectstatic` has run; plain names before, as on a fresh checkout."""

    def stored_name(self, name: str) -> str:
        """The name under which `name` is served."""
        return super().stored_name(name) if self.hashed_files else name
