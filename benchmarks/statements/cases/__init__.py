"""What happens to receivables at the bank, case by case: who pays what, how it is written, what it truly is.

A case takes the state of the story and a day, and gives the lines it leads to; none when nobody is in the situation.
"""
