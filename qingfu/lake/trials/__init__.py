"""先看影响: another number for a limit in force, run over the past before anybody signs it.

``proposing`` makes the pack, ``summing`` says in figures without persons what ``lake.whatif`` found, ``actions`` keeps
and runs trials, ``chart`` and ``sheets`` draw and write them.
"""
