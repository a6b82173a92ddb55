"""Orders and what becomes of them: deposit, deliveries, invoices, and what is still to be invoiced.

`batches` is what readers hand over, `linking` says which documents belong to an order, `chains` what an order comes
to with them, `flags` what of it somebody should look at.
"""
