"""What is to be done: protocol files, their model, and how they are read, checked and shown.

Pure but for reading the file it is given. Knows nothing of runs, people, clinics or the record.
Import from the modules; this package imports nothing by itself.
"""
