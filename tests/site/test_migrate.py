"""An empty database gets its tables with lean states; what comes out is what the models say."""

import pytest
from django.apps import apps
from django.db import connections
from django.db.migrations import RunPython
from django.db.migrations.state import ProjectState

from qingfu.site.management.commands.migrate import Executor, LeanState, MigrationExecutor


@pytest.fixture(scope="module")
def owner(cluster):
    return connections["owner"]


def test_tables_columns_indexes_and_references_are_as_the_models_say(owner):
    models = apps.get_models()
    assert len(models) > 50
    with owner.cursor() as cursor:
        for model in models:
            its = model._meta
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [its.db_table])
            columns = {name for (name,) in cursor.fetchall()}
            assert columns == {field.column for field in its.local_concrete_fields}, its.label
            found = owner.introspection.get_constraints(cursor, its.db_table)
            named = {one.name for one in (*its.indexes, *its.constraints)}
            assert named <= set(found), its.label
            referring = {name for one in found.values() if one["foreign_key"] for name in one["columns"]}
            references = (one for one in its.local_concrete_fields if one.remote_field and one.db_constraint)
            assert {one.column for one in references} <= referring, its.label


@pytest.fixture
def states(monkeypatch) -> list:
    """The states with which Django's own executor is called."""
    found = []

    def migrate(self, targets, plan=None, state=None, **options):
        found.append(state)
        return ProjectState()

    monkeypatch.setattr(MigrationExecutor, "migrate", migrate)
    return found


def test_only_an_empty_database_without_python_code_goes_the_short_way(owner, states):
    executor = Executor(owner)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    full = ProjectState()
    executor.migrate([], plan, full)
    executor.loader.applied_migrations = {}
    executor.migrate([], plan, full)
    plan[-1][0].operations.append(RunPython(RunPython.noop))
    executor.migrate([], plan, full)
    assert [type(one) for one in states] == [ProjectState, LeanState, ProjectState]
