"""Places where others leave files for us."""
