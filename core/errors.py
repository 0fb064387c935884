"""Every error that a person may see, one sentence each, in the person's language.

    SotayError
    ├── SettingsError          settings that cannot be read or make no sense
    ├── StoreError             the database cannot be reached, is locked, full or of another version
    ├── IngestError            a folder that cannot be indexed (single files are refused, not raised)
    ├── IndexUnavailable       the search index is missing, damaged or in use by another process
    ├── AccessDenied           this person may not do this
    ├── BackupError            a backup that cannot be written, read or put back
    └── ModelError             no completion
        ├── ModelMissing       the file is not there
        ├── ModelDamaged       the file is not what the catalogue promises
        ├── ModelBusy          the queue is full
        ├── ModelTimeout       the deadline passed first
        ├── ModelRejected      the provider refuses this request for good (credit, key, policy, size)
        ├── ModelUnavailable   the provider or the model failed; another try may succeed
        └── NotCleared         the privacy gate has not let this request leave

Each carries the id of its text in the catalogues of `core/locales` and the facts that the text names.
"""

from core.texts import translate


class SotayError(Exception):
    """An error with a text in the catalogues: `message_id` names it, `facts` fill it.

    `str(error)` is the English text; `error.text("vi")` the Vietnamese one.
    """

    def __init__(self, message_id: str, **facts: object) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        self.facts = facts

    def text(self, language: str) -> str:
        return translate(language, self.message_id, **self.facts)

    def __str__(self) -> str:
        return self.text("en")


class SettingsError(SotayError):
    pass


class StoreError(SotayError):
    pass


class IngestError(SotayError):
    pass


class IndexUnavailable(SotayError):
    pass


class AccessDenied(SotayError):
    pass


class BackupError(SotayError):
    pass


class ModelError(SotayError):
    pass


class ModelMissing(ModelError):
    pass


class ModelDamaged(ModelError):
    pass


class ModelBusy(ModelError):
    pass


class ModelTimeout(ModelError):
    pass


class ModelRejected(ModelError):
    pass


class ModelUnavailable(ModelError):
    """`retry_after` is the wait in seconds that the provider asks for, None when it says nothing."""

    def __init__(self, message_id: str, *, retry_after: float | None = None, **facts: object) -> None:
        super().__init__(message_id, **facts)
        self.retry_after = retry_after


class NotCleared(ModelError):
    pass
