# ruff: noqa: F401
"""Everything that this room reads: notices of classes and schools, what families told, what Qingfu costs."""

from qingfu.notices.queries.cost import Cost, cost_of
from qingfu.notices.queries.families import Child, children_of
from qingfu.notices.queries.notice import Item, Notice, PublicLimit, Subject, notices, version_of
from qingfu.notices.queries.school import GradeToday, SchoolToday, school_today
from qingfu.notices.queries.told import Told, minutes_told, told
from qingfu.notices.queries.week import SchoolWeek, school_week
