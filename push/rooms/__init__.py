"""The live rooms, one file a noun: which channels it hears, what it loads, how it changes, what it says."""
