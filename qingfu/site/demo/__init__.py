"""青禾县: a county that does not exist, filled with a term of homework. ``qingfu demo``; docs/demo.md.

``county.py`` says what the county looks like (pure, from a seed), ``homework.py`` what its teachers set, and
``fill.py`` puts both into the database through the actions that people use.
"""
