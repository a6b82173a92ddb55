"""What a PDF carries beside its pages: /AF of the catalogue (PDF/A-3) and the tree /EmbeddedFiles."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from encours.core.wording import Wording
from encours.ports.einvoices import MAX_XML_BYTES
from encours.ports.files import UnableToReadFile

# A Factur-X has one or a handful of attachments; a tree without end is an attack
_MOST_ATTACHMENTS = 200

BROKEN_PDF = Wording(
    "pdf_broken",
    fr="Ce PDF est endommagé ou tronqué et ne peut pas être ouvert. Transférez-le à nouveau.",
    en="This PDF is damaged or truncated and cannot be opened. Transfer it again.",
)
ENCRYPTED = Wording(
    "pdf_encrypted",
    fr="Ce PDF est chiffré : un Factur-X ne l'est jamais. Demandez le fichier d'origine.",
    en="This PDF is encrypted: Factur-X never is. Ask for the original file.",
)
UNREADABLE_ATTACHMENT = Wording(
    "pdf_attachment_unreadable",
    fr="La pièce jointe {name} de ce PDF ne peut pas être lue.",
    en="The attachment {name} of this PDF cannot be read.",
)
ATTACHMENT_TOO_LARGE = Wording(
    "pdf_attachment_too_large",
    fr="La pièce jointe {name} de ce PDF dépasse {limit} Mo : ce n'est pas une facture.",
    en="The attachment {name} of this PDF is larger than {limit} MB: it is no invoice.",
)

# What pikepdf raises on objects that are not what they should be: a PDF from outside may hold anything
_MALFORMED = (pikepdf.PdfError, KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError)


@dataclass(frozen=True)
class Attached:
    """An attached file; `content` unpacks it, within the size an invoice may have."""

    name: str
    content: Callable[[], bytes]


@contextmanager
def attachments(path: Path) -> Iterator[list[Attached]]:
    """The attachments of a PDF, those of /AF first; they can be read while it is open. Raises `UnableToReadFile`."""
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise UnableToReadFile(ENCRYPTED()) from error
    except _MALFORMED as error:
        raise UnableToReadFile(BROKEN_PDF()) from error
    with pdf:
        if pdf.is_encrypted:
            raise UnableToReadFile(ENCRYPTED())
        try:
            specifications = _specifications(pdf)
        except _MALFORMED as error:
            raise UnableToReadFile(BROKEN_PDF()) from error
        found: dict[str, Attached] = {}
        for specification in specifications[:_MOST_ATTACHMENTS]:
            attached = _attached(specification)
            if attached:
                found.setdefault(attached.name, attached)
        yield list(found.values())


def _specifications(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    catalogue = pdf.Root
    listed = list(catalogue.AF) if isinstance(catalogue.get("/AF"), pikepdf.Array) else []
    names = catalogue.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    if isinstance(tree, pikepdf.Dictionary):
        listed += [specification for _, specification in pikepdf.NameTree(tree).items()]
    return listed


def _attached(specification: pikepdf.Object) -> Attached | None:
    """A file specification with an embedded stream; None for anything else (a link to a file, rubbish)."""
    try:
        files = specification.get("/EF")
        if not isinstance(files, pikepdf.Dictionary):
            return None
        stream = files.get("/UF", files.get("/F"))
        name = str(specification.get("/UF", specification.get("/F", "")))
        if not isinstance(stream, pikepdf.Stream):
            return None
    except _MALFORMED:
        return None
    return Attached(name, lambda: _unpacked(name, stream))


def _unpacked(name: str, stream: pikepdf.Stream) -> bytes:
    """The stream's bytes; a deflated one is unpacked only as far as an invoice may go."""
    shown = name[:60]
    try:
        packed = stream.read_raw_bytes()
        filters = _filters(stream)
        if not filters:
            content = packed
        elif filters == ["/FlateDecode"] and "/DecodeParms" not in stream:
            content = zlib.decompressobj().decompress(packed, MAX_XML_BYTES + 1)
        elif len(packed) * 1100 <= MAX_XML_BYTES:  # no filter of PDF packs tighter
            content = stream.read_bytes()
        else:
            raise UnableToReadFile(UNREADABLE_ATTACHMENT(name=shown))
    except (*_MALFORMED, zlib.error) as error:
        raise UnableToReadFile(UNREADABLE_ATTACHMENT(name=shown)) from error
    if len(content) > MAX_XML_BYTES:
        raise UnableToReadFile(ATTACHMENT_TOO_LARGE(name=shown, limit=MAX_XML_BYTES // 1024 // 1024))
    return content


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(item) for item in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
