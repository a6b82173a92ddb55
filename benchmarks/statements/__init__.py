"""Hard bank statements whose truth is known: a seeded company, its customers, what they pay and what the bank prints.

`world` and `numbering` make the books, `cases` decides what is paid and how it is written, `judge` says what a careful
accountant could prove from the line alone, `bank_files` and `books_files` write what the importers read.
"""
