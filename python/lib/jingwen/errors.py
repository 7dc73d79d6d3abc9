"""What can go wrong. Every exception of this package is a `JingwenError`, and also what Python
itself would raise in its place, so that either may be caught."""


class JingwenError(Exception):
    """The parent of all. The message says what was being done, to what, and what to do."""


class UsageError(JingwenError, ValueError):
    """The call itself is wrong: an unknown rule, a bad rule table, options that do not fit."""


class NotTextError(JingwenError, ValueError):
    """The bytes are no text: an image, an archive, noise."""


class MissingFileError(JingwenError, FileNotFoundError):
    """There is no such file or folder."""


class ExistsError(JingwenError, FileExistsError):
    """What lies at the place of an output is not ours to replace."""


class DiskError(JingwenError, OSError):
    """The disk failed, or is full."""


class DamagedError(JingwenError):
    """A file of our own formats does not hold what it should."""


class LockedError(JingwenError, BlockingIOError):
    """Another process writes there."""


class FaultError(JingwenError, RuntimeError):
    """A fault of this package. Please report it; nothing of the interpreter is harmed."""
