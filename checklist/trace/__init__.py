"""What was scanned or measured, followed forward and back: barcodes, printouts, recall. Pure."""
