"""Cents as files write them, without floats."""


def with_point(cents: int) -> str:
    """`-1234.50`"""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def with_comma(cents: int) -> str:
    """`-1 234,50`, as French spreadsheets export it."""
    grouped = f"{abs(cents) // 100:,}".replace(",", " ")
    return f"{'-' if cents < 0 else ''}{grouped},{abs(cents) % 100:02d}"
