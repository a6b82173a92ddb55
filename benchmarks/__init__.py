"""What must be fast, measured: `./dev bench [NAME] [--json]`. Figures are printed, never asserted."""
