"""The site as ``qingfu serve`` runs it, once in each web process: its requests take turns, on a core of its own.

Before it serves, the patterns of the lint are compiled, so that the first message of the day is read as fast as any.
What is loaded by then is taken out of the garbage collector's sight: none of it ever becomes garbage, and whenever the
collector looks through everything, all who wait wait a tenth of a second more. What comes later it looks through
seldom.
Without the core, the threads of a process wander between cores and find the caches cold (docs/scale.md). A process that
finds no core left, since somebody asked for more workers, runs where there is room, and tells nobody of its row.
"""

from __future__ import annotations

import gc

from qingfu.server.home import home, rows_file
from qingfu.server.processes import keep_to_a_core
from qingfu.server.rows import Rows
from qingfu.server.turns import TakingTurns
from qingfu.site.wsgi import application as site
from qingfu.text.lint import lint

SELDOM = 100  # times that it has looked through what outlived a few pages

lint("", grade=1)
core = keep_to_a_core(f"qingfu web {home()}")
application = TakingTurns(site, rows=Rows(rows_file(), core.place) if core else None)
gc.collect()
gc.freeze()
gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
