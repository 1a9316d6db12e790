"""What an auditor should look at: the rules, each with why it is one, and how it is found in the tables of a record."""
