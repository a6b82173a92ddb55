"""What customers answer to reminders, understood: promise, dispute, already paid, wrong contact, out of office and the rest.

`mail` takes the file apart (MIME, character sets, HTML by `markup`) -> `written` keeps what the customer wrote and drops quoted
history, signature and legal footer -> `cues` point at intents, `evidence` keeps those that are really said -> `understanding` weighs them,
`belonging` finds the day and the amount that go with the intent, over `core.grammar`. Everything rests on words of the customer, which are told.
"""

from encours.core.replies.mail import Reply, UnableToReadReply, read_reply_file
from encours.core.replies.understanding import Understanding, understand

__all__ = ["Reply", "UnableToReadReply", "Understanding", "read_reply_file", "understand"]
