"""The customers' portal: what a debtor sees who has never seen this software. Opened by a link, without an account.

A request below /p/ takes a short way of its own (`middleware`): no session, no sign-in, no cookie that says who one is.
Who asks is said by the link alone, which is unguessable and in every address: it stands for a form's CSRF token too.
"""
