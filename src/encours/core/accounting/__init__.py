"""Accounting out: what the ledger knows as double-entry lines, lettered, in the form of the FEC.

Frames in, frames out. `accounts` are the company's accounts and journals, `booking` makes entries of movements,
`transfers` moves what changed its nature (doubtful debts, overpayments), `lettering` gives the codes, `vat` tells
what of a receipt is VAT, `fec` and `layouts` write files.
"""
