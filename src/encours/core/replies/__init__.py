"""What customers answer to reminders, understood: promise, dispute, already paid, wrong contact, out of office and the rest.

`mail` takes the file apart (MIME, character sets, HTML by `markup`) -> `written` keeps what the customer wrote and drops quoted
history, signature and legal footer -> `cues` find what the words point at, sentence by sentence -> `understanding` weighs them and
takes the day and the amount that belong to the intent, over `core.grammar`. Everything rests on words of the customer, which are told.
"""

from encours.core.replies.mail import Reply, UnableToReadReply, read_reply_file
from encours.core.replies.understanding import Understanding, understand

__all__ = ["Reply", "UnableToReadReply", "Understanding", "read_reply_file", "understand"]
