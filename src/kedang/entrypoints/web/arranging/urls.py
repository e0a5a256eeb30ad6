"""The pages of the settings of a case."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.arranging import (
    accounts,
    cases,
    grants,
    house,
    officers,
    permissions,
    seen,
)

urlpatterns = [
    path("settings/", permissions.index, name="settings"),
    path("settings/mine/", permissions.mine, name="settings_mine"),
    path("settings/mine/record/", permissions.my_record, name="settings_my_record"),
    path("settings/permissions/", permissions.everybody, name="settings_permissions"),
    path("settings/permissions/record/", permissions.record_of_somebody, name="settings_why"),
    path("settings/people/", accounts.people, name="settings_people"),
    path("settings/people/add/", accounts.add, name="settings_person_add"),
    path("settings/people/<str:account>/", accounts.person, name="settings_person"),
    path("settings/people/<str:account>/<str:change>/", accounts.change, name="settings_person_change"),
    path("settings/grants/<str:account>/", grants.of_account, name="settings_grants"),
    path("settings/grants/<str:account>/give/", grants.give_one, name="settings_grant_give"),
    path("settings/grants/<str:account>/take/", grants.take_one, name="settings_grant_take"),
    path("settings/officers/", officers.vacancies, name="settings_officers"),
    path("settings/officers/appoint/", officers.appoint_one, name="settings_appoint"),
    path("settings/rules/", house.rules, name="settings_rules"),
    path("settings/rules/review/", house.review, name="settings_review"),
    path("settings/standard/", house.standard, name="settings_standard"),
    path("settings/cases/", cases.cases, name="settings_cases"),
    path("settings/cases/discard/", cases.discard, name="settings_case_discard"),
    path("settings/who-saw/", seen.report, name="settings_who_saw"),
    path("settings/who-saw/export/", seen.export, name="settings_who_saw_export"),
]
