"""What people should hear about a text beside plain faults: the rules, their judges, the files looked at."""
