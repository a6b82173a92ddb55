"""Which bank line pays which documents, decided over frames and explained in words.

The way of a line: `natures` says what it is -> `texts` which numbers it may hold -> the caller looks those up ->
`stages` says which documents the line points at, `payers` who may have paid -> `weigh` makes every explanation of it out
of what is open there (`amounts`, `cited`) and gives each a probability (`prior`) -> `resolve` weighs lines that want the same
documents together -> `decide` answers automatic, proposed or none, with the reason. `returns` takes receipts back.
"""
