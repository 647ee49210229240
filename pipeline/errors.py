"""
The errors that Pharos shows to a person. Each message is one line: what is wrong, where, and what to do.

Rows never raise: they are rejected with a reason and counted (`pipeline.contracts.split`).
"""


class PharosError(Exception):
    """Something was refused; the message is for the user, the command line exits 1 with it."""

    def __str__(self) -> str:
        """The message as one line: what a file or its name brought in that does not print shows as its escape."""
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in super().__str__())


class SourceError(PharosError):
    """A file from a provider is refused whole: which file, where, why, what to do."""


class SettingsError(PharosError):
    """A zone, gate, agency, source or setting cannot be used as it stands: which file, why, what to do."""


class BusyError(PharosError):
    """Another run holds the lock; nothing was done."""


class DeliveryError(PharosError):
    """A release could not be written or handed over; trying again is safe."""


class ContractError(AssertionError):
    """Our own bug: a table inside Pharos does not conform to its schema."""
