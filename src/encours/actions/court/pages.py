"""The PDF of a file: our own pages typeset in one go, then the papers that are PDF already put into their frames.

It says that it is PDF/A-3b when every paper placed in it says so of itself, holds nothing that contradicts it, and has colours that
mean the same; otherwise it is an ordinary PDF and says nothing.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import typst

from encours.actions.court import blocks
from encours.actions.court.archival import faults_of_paper
from encours.actions.court.exhibits import Exhibit, Original
from encours.core.court_files.bordereau import KIND_NAMES
from encours.core.court_files.papers import MEDIA_TYPES

Progress = Callable[[int, int], None]

# Papers are held open until they are written: no more of them at once than this.
_HELD_BYTES = 128 << 20
# A paper longer than this is in the archive alone: nobody prints it.
_MOST_PAGES = 500
_IMAGES = ("image/png", "image/jpeg")
# What pikepdf raises on objects that are not what they should be: a PDF from outside may hold anything
_MALFORMED = (
    pikepdf.PdfError,
    pikepdf.PasswordError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    RuntimeError,
)


@dataclass(frozen=True)
class MadePages:
    """`pages` gives the first page (from 1) and the number of pages of each piece, its cover included."""

    path: Path
    pages: dict[int, tuple[int, int]]
    page_count: int
    is_archival: bool


@dataclass(frozen=True)
class _Placed:
    """A paper whose pages stand in the PDF: `path` is set for a picture, typeset with our pages."""

    key: str
    original: Original
    pages: int
    path: str = ""


def make_pages(
    *, frame: dict[str, Any], exhibits: Sequence[Exhibit], on: date, folder: Path, progress: Progress
) -> MadePages:
    """The PDF in `folder`, which is the caller's to remove. `frame` is what `file.typ` prints around the exhibits."""
    placed, shown = _prepare(exhibits, folder)
    _write_data(frame, shown, placed, folder)
    total = 2 + sum(len(each) for each in placed.values())
    progress(1, total)
    base = folder / "own.pdf"
    typst.compile(
        folder / "file.typ", output=base, root=folder, ignore_system_fonts=True, pdf_standards=["a-3b"], pdf_tags=False,
        timestamp=datetime.combine(on, time(), UTC),
    )  # fmt: skip
    progress(2, total)
    return _fill(base, {one.key: one for each in placed.values() for one in each}, folder, progress, total)


def _prepare(exhibits: Sequence[Exhibit], folder: Path) -> tuple[dict[int, list[_Placed]], list[Exhibit]]:
    """What is placed by piece, and the exhibits with a word on each paper that cannot be."""
    placed: dict[int, list[_Placed]] = {}
    shown = []
    for exhibit in exhibits:
        own, notes = [], []
        for rank, original in enumerate(exhibit.originals):
            if not original.is_placed:
                continue
            found = _place(f"{exhibit.piece.number}-{rank}", original, folder)
            if found is None:
                notes.append(
                    blocks.note(
                        f"Le fichier {original.name} ne peut pas être reproduit ici ; il figure dans l’archive tel qu’il est conservé."
                    )
                )
            else:
                own.append(found)
        placed[exhibit.piece.number] = own
        shown.append(replace(exhibit, body=(*exhibit.body, *notes)))
    return placed, shown  # fmt: skip


def _place(key: str, original: Original, folder: Path) -> _Placed | None:
    if not original.file.path.is_file():
        return None
    if original.media_type in _IMAGES:
        name = f"{key}.{MEDIA_TYPES[original.media_type][1]}"
        _bring(original.file.path, folder / name)
        return _Placed(key, original, 1, name)
    try:
        with pikepdf.open(original.file.path) as pdf:
            count = len(pdf.pages)
    except _MALFORMED:
        return None
    return _Placed(key, original, count) if 0 < count <= _MOST_PAGES else None


def _bring(source: Path, target: Path) -> None:
    """Into the folder typst may read: linked where that is possible, so that nothing is copied."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_data(
    frame: dict[str, Any], exhibits: Sequence[Exhibit], placed: dict[int, list[_Placed]], folder: Path
) -> None:
    import json

    data = frame | {
        "pieces": [
            {
                "n": exhibit.piece.number,
                "label": exhibit.piece.label,
                "nature": KIND_NAMES[exhibit.piece.kind],
                "title": exhibit.piece.title,
                "day": blocks.day(exhibit.piece.day),
                "detail": exhibit.piece.detail,
                "body": list(exhibit.body),
                "placed": [
                    {"key": one.key, "pages": one.pages, "path": one.path, "caption": one.original.caption}
                    for one in placed[exhibit.piece.number]
                ],
            }
            for exhibit in exhibits
        ],
        "attached": list(_attached(exhibits, folder)),
    }
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    with as_file(files("encours.actions.court").joinpath("file.typ")) as template:
        shutil.copyfile(template, folder / "file.typ")


def _attached(exhibits: Sequence[Exhibit], folder: Path) -> Iterator[dict[str, str]]:
    """Electronic invoices travel with the pages that show them."""
    for exhibit in exhibits:
        for original in exhibit.originals:
            if original.media_type == "application/xml" and original.file.path.is_file():
                name = f"piece-{exhibit.piece.number:04}.xml"
                _bring(original.file.path, folder / name)
                yield {
                    "name": name, "path": name, "media_type": "application/xml",
                    "description": f"{exhibit.piece.label} : {original.name}",
                }  # fmt: skip


def _fill(base: Path, placed: dict[str, _Placed], folder: Path, progress: Progress, total: int) -> MadePages:
    """Papers into their frames. Saved and opened again whenever many are held."""
    pdf = pikepdf.open(base)
    marks, starts = _marks(pdf)
    is_archival, held, turn = True, 0, 0
    targets: dict[str, list[tuple[int, int, pikepdf.Rectangle]]] = {}
    for page, key, number, rectangle in marks:
        targets.setdefault(key, []).append((page, number, rectangle))
    for done, (key, own) in enumerate(targets.items(), start=1):
        content = placed[key].original.file.path.read_bytes()
        is_archival &= _put(pdf, content, own)
        held += len(content)
        if held > _HELD_BYTES:
            turn += 1
            halfway = folder / f"half-{turn}.pdf"
            pdf.save(halfway, deterministic_id=True)
            pdf, held = pikepdf.open(halfway), 0
        progress(2 + done, total)
    if not is_archival:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for name in ("pdfaid:part", "pdfaid:conformance"):
                if name in metadata:
                    del metadata[name]
    count = len(pdf.pages)
    path = folder / "made.pdf"
    pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    firsts = sorted(starts.items(), key=lambda each: each[1])
    ends = [first for _, first in firsts[1:]] + [count]
    pages = {number: (first + 1, end - first) for (number, first), end in zip(firsts, ends, strict=True)}
    return MadePages(path, pages, count, is_archival)


def _marks(pdf: pikepdf.Pdf) -> tuple[list[tuple[int, str, int, pikepdf.Rectangle]], dict[int, int]]:
    """Where frames are and pieces begin, as our pages say by links that are taken out here."""
    frames, starts = [], {}
    for index, page in enumerate(pdf.pages):
        kept = []
        for annotation in page.obj.get("/Annots", []):
            uri = str(annotation["/A"].get("/URI", "")) if "/A" in annotation else ""
            if not uri.startswith("encours:"):
                kept.append(annotation)
                continue
            key, _, number = uri.removeprefix("encours:").rpartition("/")
            if key == "piece":
                starts[int(number)] = index
            else:
                frames.append(
                    (index, key, int(number), pikepdf.Rectangle(pikepdf.Array(annotation["/Rect"])))
                )
        if kept:
            page.obj["/Annots"] = pikepdf.Array(kept)
        elif "/Annots" in page.obj:
            del page.obj["/Annots"]
    return frames, starts


def _put(pdf: pikepdf.Pdf, content: bytes, targets: Sequence[tuple[int, int, pikepdf.Rectangle]]) -> bool:
    """A paper's pages into their frames, as a printer would show them; whether it says that it is archival."""
    source = pikepdf.open(BytesIO(content))
    is_archival = _is_archival(source)
    try:
        source.generate_appearance_streams()
        source.flatten_annotations("print")
    except _MALFORMED:  # its fields stay unseen; the page itself is shown
        is_archival = False
    for index, number, rectangle in targets:
        _draw(pdf, pdf.pages[index], source.pages[number], rectangle)
    return is_archival


def _draw(pdf: pikepdf.Pdf, page: pikepdf.Page, paper: pikepdf.Page, rectangle: pikepdf.Rectangle) -> None:
    """As `Page.add_overlay` does, under a name that is not made up anew each time: the same facts give the same bytes."""
    name = pikepdf.Name("/Paper")
    form = pdf.copy_foreign(paper.as_form_xobject())
    page.add_resource(form, pikepdf.Name.XObject, name=name)
    placed = page.calc_form_xobject_placement(
        form, name, rectangle, invert_transformations=True, allow_shrink=True, allow_expand=True
    )
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"Q\n" + placed)


def _is_archival(source: pikepdf.Pdf) -> bool:
    """It says that it is PDF/A, nothing that is placed contradicts it, and its colours are RGB or grey: ours are sRGB, and one
    file has one meaning of colour."""
    try:
        with source.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            if not metadata.pdfa_status:
                return False
        intents = source.Root.get("/OutputIntents", [])
        if not all(int(each["/DestOutputProfile"]["/N"]) in (1, 3) for each in intents):
            return False
        return not faults_of_paper(source)
    except _MALFORMED:
        return False
