"""The rulebook: limits as dated, cited data, the school calendar, and what a demand costs. Plain Python."""

from .ask import ask
from .calendar import Calendar, Day, DayChange, Term, load_calendar, parse_changes
from .check import Problem, check
from .explain import Explanation, explain
from .loader import load_examples, load_national, load_not_checkable, load_pack
from .model import (
    FORMS,
    Applies,
    Bearer,
    Breach,
    Charge,
    Condition,
    Demand,
    Document,
    InForce,
    Limit,
    ListItem,
    LocalTime,
    Pack,
    Practice,
    Requirement,
    RulebookError,
    Unjudged,
    Value,
    Verdict,
    Window,
    verdict_of,
)
from .preview import Change, preview
from .question import QuestionError, grade_in
from .rulebook import Rulebook

__all__ = [
    "FORMS",
    "Applies",
    "Bearer",
    "Breach",
    "Calendar",
    "Change",
    "Charge",
    "Condition",
    "Day",
    "DayChange",
    "Demand",
    "Document",
    "Explanation",
    "InForce",
    "Limit",
    "ListItem",
    "LocalTime",
    "Pack",
    "Practice",
    "Problem",
    "QuestionError",
    "Requirement",
    "Rulebook",
    "RulebookError",
    "Term",
    "Unjudged",
    "Value",
    "Verdict",
    "Window",
    "grade_in",
    "ask",
    "check",
    "explain",
    "load_calendar",
    "load_examples",
    "load_national",
    "load_not_checkable",
    "load_pack",
    "parse_changes",
    "preview",
    "verdict_of",
]
