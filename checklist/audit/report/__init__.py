"""Reports: what they are made of, what goes into the one on a record, and how they become a page or a PDF."""
