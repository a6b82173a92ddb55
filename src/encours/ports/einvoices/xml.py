"""XML from strangers: no DTD, no entity, no network, bounded size and depth."""

import re
from dataclasses import dataclass

from lxml import etree

from encours.core.wording import Wording
from encours.ports.files import EMPTY_FILE, UnableToReadFile

# An invoice with its attachments; beyond it somebody sends something else.
MAX_XML_BYTES = 32 * 1024 * 1024

TOO_LARGE = Wording(
    "xml_too_large",
    fr="Ce fichier XML dépasse {limit} Mo : ce n'est pas une facture.",
    en="This XML file is larger than {limit} MB: it is no invoice.",
)
HAS_DTD = Wording(
    "xml_has_dtd",
    fr="Ce fichier XML contient une déclaration DOCTYPE (DTD ou entités) : il est refusé par sécurité.",
    en="This XML file has a DOCTYPE declaration (DTD or entities): it is refused for safety.",
)
TRUNCATED = Wording(
    "xml_truncated",
    fr="Ce fichier XML est tronqué : il s'arrête à la ligne {at}. Transférez-le à nouveau.",
    en="This XML file is truncated: it stops at line {at}. Transfer it again.",
)
BROKEN = Wording(
    "xml_broken",
    fr="Ce fichier XML est mal formé à la ligne {at} et ne peut pas être lu.",
    en="This XML file is not well-formed at line {at} and cannot be read.",
)

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.S)
_START = re.compile(r"<(?:([\w.\-]+):)?([\w.\-]+)((?:\s[^<>]*)?)/?>", re.S)


@dataclass(frozen=True)
class Root:
    """The root element: local name and namespace."""

    name: str = ""
    namespace: str = ""


def sniff_root(head: bytes) -> Root:
    """The root element from the first bytes of a file, without parsing it; an empty one when it is no XML."""
    text = _text(head).lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return Root()
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.S)
    start = _START.search(_DOCTYPE.sub("", text, count=1))
    if not start:
        return Root()
    prefix, name, attributes = start.groups()
    declared = re.search(
        rf"xmlns{':' + re.escape(prefix) if prefix else ''}\s*=\s*[\"']([^\"']*)", attributes
    )
    return Root(name, declared.group(1) if declared else "")


def parse(content: bytes) -> etree._Element:
    """The root element of a document. Raises `UnableToReadFile`.

    A DOCTYPE is refused before the parser sees it: entities in attributes are expanded whatever the parser's
    options say.
    """
    if len(content) > MAX_XML_BYTES:
        raise UnableToReadFile(TOO_LARGE(limit=MAX_XML_BYTES // 1024 // 1024))
    if not content.strip():
        raise UnableToReadFile(EMPTY_FILE())
    if "<!DOCTYPE" in _text(content):
        raise UnableToReadFile(HAS_DTD())
    # huge_tree stays off: libxml2 then bounds depth (256) and the length of texts and names
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        tree = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(error, content) from error
    if tree.getroottree().docinfo.internalDTD is not None:
        raise UnableToReadFile(HAS_DTD())
    return tree


def root_of(tree: etree._Element) -> Root:
    name = etree.QName(tree)
    return Root(name.localname, name.namespace or "")


def text_at(element: etree._Element | None, path: str) -> str:
    """Text of the first element at a path of local names (`A/B`); "" when there is none."""
    found = first(element, path)
    return text_of(found) if found is not None else ""


def text_of(element: etree._Element) -> str:
    """The element's own text, runs of white space as one space."""
    return " ".join((element.text or "").split())


def attribute_at(element: etree._Element | None, path: str, name: str) -> str:
    found = first(element, path)
    return (found.get(name) or "").strip() if found is not None else ""


def first(element: etree._Element | None, path: str) -> etree._Element | None:
    return element.find(_any_namespace(path)) if element is not None else None


def each(element: etree._Element | None, path: str) -> list[etree._Element]:
    return element.findall(_any_namespace(path)) if element is not None else []


def lines_at(element: etree._Element, paths: dict[str, str]) -> dict[str, int]:
    """Line of the element of each field that is there."""
    found = {name: first(element, path) for name, path in paths.items()}
    return {name: node.sourceline for name, node in found.items() if node is not None and node.sourceline}


def _any_namespace(path: str) -> str:
    """The versions of a standard differ in their namespaces, not in their names."""
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def _refused(error: Exception, content: bytes) -> UnableToReadFile:
    """Whatever the parser stumbled over, a document without its last tag was cut."""
    line = getattr(error, "lineno", None) or 1
    root = sniff_root(content).name
    cut = root and not re.search(rf"</(?:[\w.\-]+:)?{re.escape(root)}\s*>", _text(content))
    return UnableToReadFile((TRUNCATED if cut else BROKEN)(at=line), line=line)


def _text(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    # UTF-16 without a mark, as XML allows it when it is declared
    if content[:4] == b"<\x00?\x00":
        return content.decode("utf-16-le", "replace")
    if content[:4] == b"\x00<\x00?":
        return content.decode("utf-16-be", "replace")
    # every other encoding of XML in use has ASCII in its lower half
    return content.decode("latin-1")
