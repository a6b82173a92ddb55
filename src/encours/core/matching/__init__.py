"""Which bank line pays which documents, decided over frames and explained in words.

The way of a line: `texts` says which numbers it may hold -> the caller looks those up among the documents ->
each of `stages.STAGES` says which documents the line points at and how -> `decide` weighs the amounts and
answers automatic, proposed or none, with the reason -> `contested` takes back what two lines claim. A stage is a
function over frames; a further one (payer, history, amounts) is one more entry in that list.
"""
