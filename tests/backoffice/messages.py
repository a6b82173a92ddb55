"""Which sentences the pages and forms say, and the French for each.

`python -m tests.backoffice.messages` brings the French catalogue up to date: new msgids are added with an
empty translation to fill in, unused ones are dropped, and the compiled file is written. Django's own
`makemessages` would need GNU gettext; its template lexer and Babel's Python extractor do the same.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from encours.core.wording import typeset

PACKAGE = Path(__file__).parents[2] / "src/encours"
CATALOGUE = PACKAGE / "locale/fr/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may hold msgids, as Python source: templates through Django's own lexer."""
    from django.utils.translation.template import templatize

    for path in sorted(path for face in ("backoffice", "portal") for path in (PACKAGE / face).rglob("*")):
        if path.suffix == ".py":
            yield path, path.read_text()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            # what is left of the markup is no Python: its indentation must not look like some
            said = templatize(path.read_text(), origin=str(path))
            yield path, "\n".join(line.lstrip() for line in said.splitlines())


def extracted() -> Catalog:
    """A catalogue of what the source says, without translations."""
    catalogue = Catalog(locale="fr", project="encours", charset="utf-8")
    for path, source in sources():
        for line, message, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            ids = message if isinstance(message, str) else tuple(message)
            if ids:
                catalogue.add(ids, locations=[(str(path.relative_to(PACKAGE)), line)], context=context)
    return catalogue


def translated() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr")


def update() -> list[str]:
    """Writes the catalogue and its compiled form; the msgids that still lack French."""
    fresh = extracted()
    if CATALOGUE.exists():
        known = translated()
        for message in fresh:
            old = known.get(message.id, message.context)
            # a sentence that lost or won its plural is said anew
            if message.id and old is not None and old.string and type(old.id) is type(message.id):
                message.string = _typeset(old.string)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    # in place at once: another process must never read half a catalogue and lose the other half
    half = CATALOGUE.with_suffix(".half")
    with half.open("wb") as file:
        write_po(file, fresh, sort_output=True, omit_header=False, width=110, include_lineno=False)
    half.replace(CATALOGUE)
    with half.open("wb") as file:
        write_mo(file, fresh)
    half.replace(CATALOGUE.with_suffix(".mo"))
    return missing(fresh)


def _typeset(string: Any) -> Any:
    """A translation, or one per plural form."""
    return typeset(string) if isinstance(string, str) else tuple(typeset(text) for text in string)


def missing(catalogue: Catalog) -> list[str]:
    """Msgids without a whole translation."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]


if __name__ == "__main__":
    for msgid in update():
        print("to translate:", msgid)
