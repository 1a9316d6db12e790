"""The parts of the report on a record, each from numbers to headings, tables and pictures."""
