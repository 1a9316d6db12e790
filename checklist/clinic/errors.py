"""What can be wrong with a clinic folder, each in a sentence that an administrator can act on."""


class ClinicError(Exception):
    """The clinic folder, or what was asked of it, is at fault."""


class NoClinicError(ClinicError):
    """There is no clinic folder where one was looked for."""


class ConfigError(ClinicError):
    """clinic.toml cannot be used."""


class UnknownProtocolError(ClinicError):
    """No protocol of that name is in force here."""


class UnknownRunError(ClinicError):
    """No run of that name is in the record."""


class EvidenceError(ClinicError):
    """A file could not be kept as evidence."""


class CopyError(ClinicError):
    """A backup could not be made, or cannot be used."""
