"""Getting paid: ways of paying, charges by mandate, and what a failure means."""
