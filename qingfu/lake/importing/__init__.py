"""Records of past years that were never in the system: a table, what its columns mean, and how they become demands.

``table`` reads the file, ``proposing`` guesses what each column says, ``mapping`` keeps that as a TOML which a person
may correct, ``checking`` makes records of the rows and names bad ones, ``actions`` hands them to the ledger.
"""
