"""A study as one thing: sentences, tables and drawings. Page, PDF and spreadsheet show the same."""
