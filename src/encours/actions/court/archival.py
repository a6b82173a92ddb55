"""What of PDF/A-3b (ISO 19005-3) can be seen in a file without a renderer: the claim, colours, fonts, what it may not hold.

No validator of the standard comes as an ordinary package. This follows its clauses as far as they are about objects; whether
fonts hold every glyph that is drawn it does not see. Colours are taken to be RGB or grey, as ours are.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream

# 6.5.1: what does something when it is opened or clicked
_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/Hide", "/SetOCGState", "/Rendition", "/Trans",
    "/GoTo3DView",
}  # fmt: skip
_BLEND_MODES = {
    "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn",
    "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity",
}  # fmt: skip
_INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
_BASE_RELATIONSHIPS = {
    "/Source",
    "/Data",
    "/Alternative",
    "/Supplement",
    "/Unspecified",
    "/EncryptedPayload",
    "/FormData",
    "/Schema",
}
_PRINT, _UNSEEN = 4, 1 | 2 | 32  # flags of annotations


def faults_of(pdf: Pdf) -> list[str]:
    """What contradicts PDF/A-3b, each with its clause of ISO 19005-3; nothing when it holds."""
    found = {
        *_whole(pdf),
        *_metadata(pdf),
        *_colours(pdf),
        *_attachments(pdf),
        *_actions(pdf),
        *_pages(pdf),
        *faults_of_paper(pdf),
    }
    return sorted(found)


def faults_of_paper(pdf: Pdf) -> set[str]:
    """The same of what is taken along when pages of a file are placed in another: pictures, fonts, what is drawn and how."""
    found = {fault for each in pdf.objects for fault in _object(each)}
    if any(_draws_cmyk(stream) for stream in _contents(pdf)):
        found.add("6.2.4.3 DeviceCMYK without its profile")
    return found


def _whole(pdf: Pdf) -> Iterator[str]:
    if not pdf.pdf_version.startswith("1.") or float(pdf.pdf_version) > 1.7:
        yield f"6.1.2 version {pdf.pdf_version}"
    if pdf.is_encrypted:
        yield "6.1.3 encrypted"
    if "/ID" not in pdf.trailer:
        yield "6.1.3 no ID"
    root = pdf.Root
    if "/JavaScript" in root.get("/Names", {}):
        yield "6.5.1 JavaScript of the document"
    for name in ("/AA", "/Requirements"):
        if name in root:
            yield f"6.5.2 {name} in the catalogue"
    form = root.get("/AcroForm", {})
    if "/XFA" in form or form.get("/NeedAppearances", False):
        yield "6.4 a form made at reading"


def _metadata(pdf: Pdf) -> Iterator[str]:
    if "/Metadata" not in pdf.Root:
        yield "6.6.2 no metadata"
        return
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        if (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance")) not in (
            ("3", "B"),
            ("3", "U"),
            ("3", "A"),
        ):
            yield f"6.6.4 claims {metadata.pdfa_status or 'nothing'}"


def _colours(pdf: Pdf) -> Iterator[str]:
    intents = [each for each in pdf.Root.get("/OutputIntents", []) if each.get("/S") == Name.GTS_PDFA1]
    if len({each["/DestOutputProfile"].objgen for each in intents if "/DestOutputProfile" in each}) != 1:
        yield "6.2.3 not one output profile"
        return
    profile = intents[0]["/DestOutputProfile"]
    if profile.read_bytes()[36:40] != b"acsp":
        yield "6.2.3 the output profile is no ICC profile"


def _contents(pdf: Pdf) -> Iterator[Any]:
    yield from pdf.pages
    for each in pdf.objects:
        if isinstance(each, Stream) and each.get("/Subtype") == Name.Form:
            yield each


def _draws_cmyk(content: Any) -> bool:
    return any(str(each.operator) in ("k", "K") for each in pikepdf.parse_content_stream(content))


def _attachments(pdf: Pdf) -> Iterator[str]:
    associated = {each.objgen for each in pdf.Root.get("/AF", [])}
    for name, spec in _embedded(pdf.Root.get("/Names", {}).get("/EmbeddedFiles", {})):
        if "/F" not in spec or "/UF" not in spec:
            yield f"6.8 {name}: names"
        if str(spec.get("/AFRelationship", "")) not in _BASE_RELATIONSHIPS:
            yield f"6.8 {name}: no relationship"
        if spec.objgen not in associated:
            yield f"6.8 {name}: belongs to nothing"
        file = spec.get("/EF", {}).get("/F")
        if file is None or "/Subtype" not in file:
            yield f"6.8 {name}: no media type"
        elif "/ModDate" not in file.get("/Params", {}):
            yield f"6.8 {name}: no date"


def _embedded(node: Any) -> Iterator[tuple[str, Any]]:
    pairs = list(node.get("/Names", []))
    yield from ((str(name), spec) for name, spec in zip(pairs[::2], pairs[1::2], strict=True))
    for kid in node.get("/Kids", []):
        yield from _embedded(kid)


def _actions(pdf: Pdf) -> Iterator[str]:
    for each in pdf.objects:
        if not isinstance(each, Dictionary) or str(each.get("/S", "")) not in _ACTIONS:
            continue
        if "/JS" in each or each.get("/Type") in (None, Name.Action):
            yield f"6.5.1 action {each['/S']}"


def _object(each: Any) -> Iterator[str]:
    if isinstance(each, Stream):
        yield from _stream(each)
    if not isinstance(each, Dictionary | Stream):
        return
    kind = each.get("/Type")
    if kind == Name.Font:
        yield from _font(each)
    elif kind == Name.Filespec and "/EF" not in each:
        yield "6.8 a file elsewhere"
    states = each.get("/Resources", {}).get("/ExtGState", {}) if "/Resources" in each else {}
    for state in states.values():
        yield from _graphics(state)


def _stream(stream: Stream) -> Iterator[str]:
    filters = stream.get("/Filter", [])
    names = {str(each) for each in (filters if isinstance(filters, pikepdf.Array) else [filters])}
    if names & {"/LZWDecode", "/Crypt"}:
        yield f"6.1.7 filter {sorted(names)}"
    if "/F" in stream or "/FFilter" in stream:
        yield "6.1.7 a stream elsewhere"
    kind = stream.get("/Subtype")
    if kind == Name.PS:
        yield "6.2.9 PostScript"
    if kind == Name.Image:
        if stream.get("/Interpolate", False):
            yield "6.2.8 interpolated image"
        if "/Alternates" in stream or "/OPI" in stream:
            yield "6.2.8 image with alternates"
        if stream.get("/ColorSpace") == Name.DeviceCMYK:
            yield "6.2.4.3 image in DeviceCMYK"
    if kind == Name.Form:
        if any(name in stream for name in ("/OPI", "/PS", "/Ref")):
            yield "6.2.9 form with PostScript or a reference"
        if "/Resources" not in stream:
            yield "6.2.2 form without resources"


def _font(font: Any) -> Iterator[str]:
    subtype = str(font.get("/Subtype", ""))
    if subtype in ("/Type0", "/Type3"):
        return  # its descendants are looked at themselves; its glyphs are drawn in the file
    held = font.get("/FontDescriptor", {})
    if not any(name in held for name in ("/FontFile", "/FontFile2", "/FontFile3")):
        yield f"6.2.11.4 font not embedded: {font.get('/BaseFont', '?')}"
    if subtype == "/CIDFontType2" and "/CIDToGIDMap" not in font:
        yield "6.2.11.3 no map of glyphs"


def _pages(pdf: Pdf) -> Iterator[str]:
    for page in pdf.pages:
        if "/AA" in page.obj:
            yield "6.5.2 actions of a page"
        if "/Resources" not in page.obj:
            yield "6.2.2 page without resources"
        for annotation in page.obj.get("/Annots", []):
            kind, flags = str(annotation.get("/Subtype", "")), int(annotation.get("/F", 0))
            if kind in ("/Sound", "/Movie", "/Screen", "/3D", "/FileAttachment"):
                yield f"6.3.1 annotation {kind}"
            if kind != "/Popup" and (not flags & _PRINT or flags & _UNSEEN):
                yield f"6.3.2 annotation {kind} that does not print"
            if kind not in ("/Popup", "/Link") and "/AP" not in annotation:
                yield f"6.3.3 annotation {kind} without an appearance"


def _graphics(state: Any) -> Iterator[str]:
    if "/TR" in state or str(state.get("/TR2", "/Default")) != "/Default" or "/HTP" in state:
        yield "6.2.5 transfer function"
    modes = state.get("/BM", Name.Normal)
    if not {str(each) for each in (modes if isinstance(modes, pikepdf.Array) else [modes])} <= _BLEND_MODES:
        yield "6.2.10 blend mode"
    if str(state.get("/RI", "/Perceptual")) not in _INTENTS:
        yield "6.2.6 rendering intent"
