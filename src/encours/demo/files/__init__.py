"""Writers of the files a company and its banks exchange: one module per format."""
