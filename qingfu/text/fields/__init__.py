"""The field dictionary: what the fields of forms ask for, by meaning, and whether two of them ask for the same.

    from qingfu.text.fields.reading import read          # read(name, unit, period, level) -> Field
    from qingfu.text.fields.matching import compare, Dictionary

Names, marks, units and words of measure are data (`data/*.toml`); a word added there is known everywhere.
"""
