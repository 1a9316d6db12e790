"""What can go wrong when the record is read as a whole, each in a sentence that an administrator can act on."""


class AuditError(Exception):
    """Any fault of what is derived from the record. The record itself is untouched."""


class CatalogueError(AuditError):
    """The tables in which the record is laid out cannot be made or read."""
