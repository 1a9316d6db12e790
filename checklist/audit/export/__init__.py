"""The record taken away: as lines that lose nothing, as tables for a spreadsheet, as a database."""
