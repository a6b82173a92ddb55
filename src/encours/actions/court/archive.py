"""The archive of a file: everything it rests on as it is kept, with a list of fingerprints. The same content gives the same bytes."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path

from encours.actions.court.exhibits import Exhibit

_STORED = (".pdf", ".png", ".jpg", ".jpeg", ".zip")  # deflated already
README = """Ce que contient cette archive

dossier.pdf       le dossier à déposer : requête, bordereau, pièces avec leurs pages de garde
requete.txt       le texte de la requête
bordereau.csv     le bordereau de pièces, avec leurs pages dans dossier.pdf
journal.json      le journal de ce qui concerne le débiteur, avec ses empreintes chaînées et comment les vérifier
pieces/           les fichiers d'origine, sous le numéro de leur pièce
manifeste.json    l'empreinte SHA-256 de chaque fichier

Vérifier une empreinte : sha256sum FICHIER, ou Get-FileHash FICHIER sous Windows.
"""


@dataclass(frozen=True)
class _Entry:
    """A file of the archive: on the disk, or its content."""

    name: str
    piece: int | None
    path: Path | None = None
    content: bytes = b""


def make_archive(
    *,
    texts: Mapping[str, str],
    pdf: Path,
    exhibits: Sequence[Exhibit],
    figures: Mapping[str, object],
    on: date,
    target: Path,
) -> None:
    """Writes the zip. `texts` are files by name; `figures` stand in the manifest beside the fingerprints."""
    entries = [
        _Entry("dossier.pdf", None, pdf),
        *(_Entry(name, None, content=text.encode()) for name, text in texts.items()),
        _Entry("LISEZ-MOI.txt", None, content=README.encode()),
        *_originals(exhibits),
    ]
    entries.sort(key=lambda each: each.name)
    moment = (max(on.year, 1980), on.month, on.day, 0, 0, 0)
    manifest = {**figures, "fichiers": [_fingerprint(each) for each in entries]}
    entries.append(
        _Entry("manifeste.json", None, content=json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    )
    with zipfile.ZipFile(target, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, moment)
            info.external_attr = 0o644 << 16
            info.create_system = 3  # the same on every machine
            info.compress_type = (
                zipfile.ZIP_STORED if entry.name.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
            )
            with archive.open(info, "w", force_zip64=True) as opened:
                if entry.path is None:
                    opened.write(entry.content)
                    continue
                with entry.path.open("rb") as source:
                    while block := source.read(1 << 20):
                        opened.write(block)


def _originals(exhibits: Sequence[Exhibit]) -> Iterator[_Entry]:
    for exhibit in exhibits:
        number, used = exhibit.piece.number, set[str]()
        for original in exhibit.originals:
            if original.file.path.is_file():
                name = _unique(_safe(original.name), used)
                yield _Entry(f"pieces/{number:04}-{name}", number, original.file.path)
        if exhibit.data:
            yield _Entry(f"pieces/{number:04}-texte.txt", number, content=exhibit.data.encode())


def _safe(name: str) -> str:
    """A name that is a file everywhere and never a path.

    >>> _safe("../../etc/passwd"), _safe("Bon n° 3.pdf")
    ('etc_passwd', 'Bon n° 3.pdf')
    """
    kept = re.sub(r"[^\w .°()+,-]", "_", name).strip("._ ") or "fichier"
    return kept[-100:].strip("._ ")


def _unique(name: str, used: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    candidate, rank = name, 1
    while candidate.casefold() in used:
        rank += 1
        candidate = f"{stem} ({rank}).{ending}" if dot else f"{name} ({rank})"
    used.add(candidate.casefold())
    return candidate


def _fingerprint(entry: _Entry) -> dict[str, object]:
    if entry.path is None:
        digest, size = sha256(entry.content).hexdigest(), len(entry.content)
    else:
        with entry.path.open("rb") as source:
            digest = file_digest(source, "sha256").hexdigest()
        size = entry.path.stat().st_size
    told: dict[str, object] = {"fichier": entry.name, "sha256": digest, "octets": size}
    return told | ({"piece": entry.piece} if entry.piece else {})
