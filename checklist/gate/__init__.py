"""May it start? Requirements of a procedure, judged against the record. Pure: the clock is an argument."""
