"""What can go wrong with people's data, each as one sentence that says what to do.

Knows nothing of how a face shows it. A wrong secret is no error: it is the answer `False`.
"""


class PeopleError(Exception):
    """Any fault of this package; its message is one sentence for staff or an administrator."""


class SecretFileError(PeopleError):
    """A file that should hold a secret cannot be trusted or read."""


class PepperError(PeopleError):
    """The pepper under keys/ is missing, damaged or open to others."""


class HashError(PeopleError):
    """The machine could not compute the hash of a secret."""


class CommitmentError(PeopleError):
    """What should be committed to is outside the format."""


class PersonError(PeopleError):
    """A person cannot be added as asked: the id or the name is taken or malformed."""


class StoreError(PeopleError):
    """people.db cannot be used."""


class StoreLockedError(StoreError):
    """Another program held people.db for too long."""


class StoreFullError(StoreError):
    """There is no room to write people.db."""


class StoreDamagedError(StoreError):
    """people.db, or a value in it, is not what was written."""


class StoreExposedError(StoreError):
    """People other than its owner could read or write people.db."""
