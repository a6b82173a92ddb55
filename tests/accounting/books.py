"""An own reader of FEC files, as simple as the law: what is said field by field, normalised.

Normalised: no blanks or quotes around a field, dates as AAAAMMJJ, amounts in cents, an amount with a side under
its side, columns left out as empty. It shares no code with the product.
"""

import re
from collections import Counter

FIELDS = [
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
]
DATES = {"EcritureDate", "PieceDate", "DateLet", "ValidDate"}


def rows(content: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str | int]]:
    """The lines of a FEC in their order, each field normalised."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp850")  # the oldest programs
    lines = [line.strip("\r") for line in text.split("\n") if line.strip()]
    separator = max("\t|", key=lines[0].count)
    header = [name.strip().lower() for name in lines[0].split(separator)]
    return [_row(dict(zip(header, line.split(separator), strict=False))) for line in lines[1:]]


def _row(cells: dict[str, str]) -> dict[str, str | int]:
    row: dict[str, str | int] = {}
    for name in FIELDS:
        text = cells.get(name.lower(), "").strip(' "')
        if name in DATES:
            row[name] = _day(text)
        elif name in ("Debit", "Credit"):
            row[name] = _cents(text) if name.lower() in cells else _by_side(cells, name)
        else:
            row[name] = text
    return row


def _by_side(cells: dict[str, str], side: str) -> int:
    return _cents(cells["montant"]) if cells["sens"].strip().upper() == side[0] else 0


def _day(text: str) -> str:
    if found := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text):
        return found[3] + found[2] + found[1]
    return text.replace("-", "")


def _cents(text: str) -> int:
    whole, _, fraction = re.sub(r"\s", "", text).partition(",")
    sign = -1 if whole.startswith("-") else 1
    return sign * (int(whole.lstrip("+-") or 0) * 100 + int((fraction + "00")[:2]))


def lawful(content: bytes) -> list[str]:
    """What a tax inspector's checker would find wrong with a file of ours; [] when nothing is."""
    header = content.split(b"\r\n", 1)[0].decode().split("\t")
    found = [] if header == FIELDS else [f"header {header}"]
    entries: dict[tuple, int] = Counter()
    numbers: dict[str, list[str]] = {}
    for rank, row in enumerate(rows(content), start=2):
        for name in FIELDS[:4] + FIELDS[4:6] + ["PieceRef", "PieceDate", "EcritureLib", "ValidDate"]:
            if row[name] == "":
                found.append(f"line {rank}: {name} is empty")
        for name in DATES:
            if row[name] and not re.fullmatch(r"(19|20)\d{6}", str(row[name])):
                found.append(f"line {rank}: {name} is {row[name]}")
        if (row["Debit"] == 0) == (row["Credit"] == 0):
            found.append(f"line {rank}: one of debit and credit")
        if not re.fullmatch(r"[1-8]\d{2}\w*", str(row["CompteNum"])):
            found.append(f"line {rank}: account {row['CompteNum']}")
        if bool(row["CompAuxNum"]) != bool(row["CompAuxLib"]):
            found.append(f"line {rank}: auxiliary account without name")
        if bool(row["EcritureLet"]) != bool(row["DateLet"]):
            found.append(f"line {rank}: lettering without date")
        journal, number = str(row["JournalCode"]), str(row["EcritureNum"])
        entries[journal, number] += int(row["Debit"]) - int(row["Credit"])
        known = numbers.setdefault(journal, [])
        if number not in known[-1:]:
            known.append(number)
    found += [f"entry {key} is off by {gap}" for key, gap in entries.items() if gap]
    found += [
        f"journal {code}: numbers {seen}" for code, seen in numbers.items() if seen != sorted(set(seen))
    ]
    return found


def lettered_sums(content: bytes) -> dict[tuple[str, str], int]:
    """(auxiliary account, code) of complete letterings -> sum in cents: all are zero in sound books."""
    sums: dict[tuple[str, str], int] = Counter()
    for row in rows(content):
        code = str(row["EcritureLet"])
        if code and code == code.upper():
            sums[str(row["CompAuxNum"]), code] += int(row["Debit"]) - int(row["Credit"])
    return dict(sums)
