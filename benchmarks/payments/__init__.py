"""A payment service that keeps its own truth, and what is done to it: for the chaos test and the tests of charges."""
