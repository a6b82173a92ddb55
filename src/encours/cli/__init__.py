"""The command line: the same contract for people, scripts and tests."""
