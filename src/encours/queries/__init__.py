"""Reads, one module per noun. Every function takes the company whose rows it may see."""
