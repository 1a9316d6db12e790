"""Reading the record: asked, judged by rules, counted, drawn, and taken away. Records nothing."""
