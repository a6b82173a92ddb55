"""A small grammar of what people write and say about money and days, in French and English alike.

`plain` brings a sentence to one form and keeps where each letter came from -> `typing_errors` puts misspelt words right ->
`numbers` turns numbers in words into digits -> `dates` and `amounts` find what is meant, with how sure it is ->
`corrections` drops what the writer took back. All is relative to a day that is given: nothing here reads a clock.
"""

from encours.core.grammar.amounts import AmountFound, find_amounts
from encours.core.grammar.corrections import standing
from encours.core.grammar.dates import DateFound, find_dates
from encours.core.grammar.plain import Plain, plain

__all__ = ["AmountFound", "DateFound", "Plain", "find_amounts", "find_dates", "plain", "standing"]
