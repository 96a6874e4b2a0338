"""Addresses of this room, in the namespace ``reports``."""

from __future__ import annotations

from django.urls import path

from qingfu.reports.queries.situation import PLACES
from qingfu.reports.views import claims, export, imports, review, situation, whatif, work

app_name = "reports"

urlpatterns = [
    path("reports/review/", review.review, name="review"),
    path("reports/review/download/", review.download, name="download"),
    path("reports/review/records/<slug:indicator_id>/", claims.records, name="claim_records"),
    path("reports/review/records/<slug:indicator_id>.xlsx", claims.records_excel, name="claim_records_excel"),
    path("reports/imports/", imports.imports, name="imports"),
    path("reports/imports/<int:import_id>/", imports.one, name="import"),
    path("reports/imports/<int:import_id>/problems.xlsx", imports.problems, name="import_problems"),
    path("reports/imports/<int:import_id>/step/", imports.step, name="import_step"),
    path("reports/whatif/", whatif.home, name="whatif"),
    path("reports/whatif/<int:trial_id>/", whatif.trial, name="trial"),
    path("reports/whatif/<int:trial_id>/chart.svg", whatif.chart, name="trial_chart"),
    path("reports/whatif/<int:trial_id>/excel/", whatif.excel, name="trial_excel"),
    path("reports/", work.home, name="home"),
    path("reports/<int:report_id>/", work.report_page, name="report"),
    path("reports/<int:report_id>/write/", work.write, name="write"),
    path("reports/<int:report_id>/again/", work.again, name="again"),
    path("reports/<int:report_id>/problem/", work.problem, name="problem"),
    path("reports/<int:report_id>/step/", work.step, name="step"),
    path("reports/<int:report_id>/word/", work.word, name="word"),
    path("reports/<int:report_id>/chart/<int:number>.png", work.chart, name="chart"),
    path("reports/<int:report_id>/source/<int:number>/", work.source, name="source"),
    path("reports/<int:report_id>/source/<int:number>.xlsx", work.source_excel, name="source_excel"),
    path("reports/links/", work.spare, name="spare"),
    path("reports/links/<int:spared_id>/withdraw/", work.withdraw, name="withdraw"),
    path("f/<str:token>/", work.figures, name="figures"),
    path("f/<str:token>/excel/", work.figures_excel, name="figures_excel"),
    path("reports/export/", export.export, name="export"),
]

for place in PLACES:
    base, kind = f"reports/{place}/", {"place": place}
    urlpatterns += [
        path(base, situation.situation, kind, name=place),
        path(f"{base}indicators.xlsx", situation.download, kind, name=f"{place}_download"),
        path(f"{base}<slug:indicator_id>/", situation.indicator, kind, name=f"{place}_indicator"),
        path(
            f"{base}<slug:indicator_id>.xlsx", situation.download_one, kind, name=f"{place}_indicator_download"
        ),
    ]
