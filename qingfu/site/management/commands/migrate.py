"""Django's ``migrate``, which makes the tables of an empty database in less than half the time.

Django keeps classes of all models up to date from one operation to the next. Since nearly every table points at units,
a new one has it make forty classes anew, of which the operation looks at three. On an empty database only what an
operation looks at is made. An upgrade, and whatever runs Python code, goes Django's own way.
"""

from django.core.management.commands import migrate
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState, StateApps
from django.db.migrations.utils import resolve_relation


class LookedAt:
    """The models of a state, each made when an operation asks for it."""

    def __init__(self, state: ProjectState):
        self.state = state

    def get_model(self, app_label: str, model_name: str):
        wanted = app_label, model_name.lower()
        pointing = [key for key, model in self.state.models.items() if wanted in _targets(model)]
        return StateApps(self.state.real_apps, self._with_targets([wanted, *pointing])).get_model(*wanted)

    def _with_targets(self, keys: list) -> dict:
        """These models and all that they point at, over however many steps."""
        found, waiting = {}, list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found[key] = self.state.models[key]
                waiting += _targets(found[key])
        return found


class LeanState(ProjectState):
    """A state that holds no classes, so that none has to be kept up to date."""

    @property
    def apps(self) -> LookedAt:
        return LookedAt(self)

    def clone(self) -> "LeanState":
        return LeanState({key: model.clone() for key, model in self.models.items()}, self.real_apps)


class Executor(MigrationExecutor):
    """Runs migrations; those of an empty database with lean states."""

    def migrate(self, targets, plan=None, state=None, **options):
        runs_python = any(isinstance(one, RunPython) for migration, _ in plan or () for one in migration.operations)
        if self.loader.applied_migrations or runs_python:
            return super().migrate(targets, plan, state, **options)
        done = super().migrate(targets, plan, LeanState(real_apps=state.real_apps if state else None), **options)
        return ProjectState(done.models, done.real_apps)


def _targets(model) -> set[tuple[str, str]]:
    """What a model points at by its fields, and what it is made of, by app and name."""
    place = model.app_label, model.name_lower
    ends = [base for base in model.bases if isinstance(base, str)]
    for field in model.fields.values():
        if field.remote_field:
            ends += [field.remote_field.model, getattr(field.remote_field, "through", None)]
    return {resolve_relation(end, *place) for end in ends if end}


class Command(migrate.Command):
    def handle(self, *arguments, **options):
        migrate.MigrationExecutor = Executor
        super().handle(*arguments, **options)
