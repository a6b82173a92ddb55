"""What every page must be: valid HTML, one title, one heading, labelled controls, unique ids, no inline script."""

from typing import Any

import html5lib

_NS = "{http://www.w3.org/1999/xhtml}"
_CONTROLS = ("input", "select", "textarea")


def assert_sound(html: str, *, language: str) -> None:
    """Raises AssertionError with what is wrong with a whole page."""
    assert html.lstrip().startswith("<!DOCTYPE html>")
    root: Any = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True).parse(html)
    elements = list(root.iter())
    assert root.get("lang") == language, f"lang is {root.get('lang')!r}"
    assert _text(root, "title"), "no title"
    assert len(_all(elements, "h1")) == 1, f"{len(_all(elements, 'h1'))} h1"
    assert _text(root, "h1"), "empty h1"
    assert len(_all(elements, "main")) == 1
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids used twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    _assert_labelled(elements, set(ids))
    _assert_refers(elements, set(ids))
    _assert_no_inline_code(elements)


def assert_fragment_sound(html: str) -> None:
    """A partial for htmx: one element, no page around it."""
    parser = html5lib.HTMLParser(strict=True)
    fragment: Any = parser.parseFragment(html)
    assert "<html" not in html
    assert "<h1" not in html
    assert len(list(fragment)) == 1


def _assert_labelled(elements: list[Any], ids: set[str]) -> None:
    labelled = {label.get("for") for label in _all(elements, "label")}
    wrapped = {id(control) for label in _all(elements, "label") for control in label.iter()}
    for name in _CONTROLS:
        for control in _all(elements, name):
            if control.get("type") in ("hidden", "submit"):
                continue
            has_label = control.get("id") in labelled or id(control) in wrapped or control.get("aria-label")
            assert has_label, f"no label: {control.attrib}"
    for button in [*_all(elements, "button"), *_all(elements, "a")]:
        said = (
            "".join(button.itertext()).strip() or button.get("aria-label") or button.find(".//*[@aria-label]")
        )
        assert said is not None, f"says nothing: {button.attrib}"
    for image in _all(elements, "img"):
        assert image.get("alt") is not None, f"no alt: {image.attrib}"


def _assert_refers(elements: list[Any], ids: set[str]) -> None:
    for element in elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget"):
            for target in (element.get(name) or "").split():
                assert target in ids, f"{name}={target!r} points nowhere"


def _assert_no_inline_code(elements: list[Any]) -> None:
    assert not _all(elements, "style"), "a style element: the CSP refuses it"
    for script in _all(elements, "script"):
        assert script.get("src") or script.get("type") == "application/json", "an inline script"
    for element in elements:
        handlers = [name for name in element.attrib if name.startswith("on")]
        assert not handlers, f"{handlers}: the CSP refuses them"
        assert not (element.get("href") or "").startswith("javascript:")


def _all(elements: list[Any], name: str) -> list[Any]:
    return [element for element in elements if element.tag == f"{_NS}{name}"]


def _text(root: Any, name: str) -> str:
    found = root.find(f".//{_NS}{name}")
    return "" if found is None else "".join(found.itertext()).strip()
