"""What can happen to a customer file: past facts, kept in its journal as they are. Instants are epoch seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileOpened:
    """建档: the customer was met for the first time."""

    name: str
    category: str
    prefers: str
    kind: str
    value: str


@dataclass(frozen=True)
class FileChanged:
    """Name, preferred means or time; `was` says what stood there before."""

    name: str
    prefers: str
    prefers_time: str
    was: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContactAdded:
    """Another number, address, name or document of the customer."""

    kind: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class ContactDropped:
    """It is not the customer's, or not any more."""

    kind: str
    value: str
    reason: str


@dataclass(frozen=True)
class ClassSet:
    """客户类别: set with its reason; limits of the class hold for clocks that begin from now on."""

    category: str
    previous: str
    reason: str


@dataclass(frozen=True)
class NoteWritten:
    """A note about the customer."""

    text: str


@dataclass(frozen=True)
class NuisanceProposed:
    """骚扰标记: somebody asks for the mark, until a day."""

    reason: str
    until: int


@dataclass(frozen=True)
class NuisanceDecided:
    """A second person with the right approved the mark or refused it."""

    approved: bool
    words: str


@dataclass(frozen=True)
class NuisanceLifted:
    """The mark was taken away before its day."""

    reason: str


@dataclass(frozen=True)
class PairProposed:
    """并档提议: these two files may be one customer's."""

    other: str
    grounds: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class PairRefused:
    """They are not; the pair is not proposed again by itself."""

    other: str
    reason: str


@dataclass(frozen=True)
class FileMerged:
    """并档: this file from now on leads to the other one."""

    into_id: int
    into: str
    proposed_by: int


@dataclass(frozen=True)
class FileTaken:
    """并档: the other file now belongs to this one."""

    other: str
    proposed_by: int


@dataclass(frozen=True)
class FileParted:
    """拆档: this file stands for itself again."""

    main: str
    reason: str


@dataclass(frozen=True)
class FileGiven:
    """拆档: the other file stands for itself again; what came after the merging stays here."""

    other: str
    reason: str


@dataclass(frozen=True)
class ListItemSet:
    """An entry of an edited list, as it now reads."""

    list: str
    code: str
    zh: str
    en: str
    active: bool
    data: dict[str, object]
