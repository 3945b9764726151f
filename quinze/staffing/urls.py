from django.urls import path

from quinze.staffing.views import mine, planning, rosters, studies

app_name = "staffing"
urlpatterns = [
    path("planning/", rosters.week, name="week"),
    path("planning/semaine/<str:monday>/gardes/", rosters.plan, name="plan"),
    path("planning/semaine/<str:monday>/planning.xlsx", rosters.week_sheet, name="week_sheet"),
    path("planning/semaine/<str:monday>/planning.ics", rosters.week_calendar, name="week_calendar"),
    path("planning/semaine/<str:monday>/<slug:what>/", rosters.act, name="week_act"),
    path("planning/gardes/<int:pk>/", rosters.shift, name="shift"),
    path("planning/import/", rosters.import_sheet, name="import_sheet"),
    path("planning/ouvrir/", rosters.open_post, name="open_post"),
    path("planning/besoin/", planning.plan_cover, name="plan_cover"),
    path("planning/sortes/", planning.kinds, name="kinds"),
    path("planning/sortes/depart/", planning.adopt_kinds, name="adopt_kinds"),
    path("planning/sortes/<int:pk>/", planning.remove_kind, name="remove_kind"),
    path("planning/regles/", planning.rules, name="rules"),
    path("planning/personnes/", rosters.people, name="people"),
    path("planning/personnes/<int:pk>/", rosters.person, name="person"),
    path("planning/personnes/<int:pk>/situation/", rosters.facts, name="facts"),
    path("planning/moi/", mine.mine, name="mine"),
    path("planning/moi/mes-gardes.ics", mine.calendar, name="my_calendar"),
    path("planning/moi/souhaits/", mine.add_wish, name="add_wish"),
    path("planning/moi/souhaits/<int:pk>/", mine.withdraw_wish, name="withdraw_wish"),
    path("planning/moi/absences/<int:pk>/", mine.withdraw_absence, name="withdraw_absence"),
    path("planning/moi/gardes/<int:pk>/", mine.ask, name="ask_swap"),
    path("planning/echanges/<int:pk>/", mine.answer, name="answer_swap"),
    path("effectifs/", studies.home, name="home"),
    path("effectifs/comptes/", planning.give_counts, name="give_counts"),
    path("effectifs/vacances-scolaires/", planning.school, name="school"),
    path("effectifs/etudes/<slug:study>/", studies.page, name="study"),
    path("effectifs/etudes/<slug:study>/dessins/<int:number>/", studies.drawing, name="drawing"),
    path("effectifs/etudes/<slug:study>/export/<slug:kind>/", studies.export, name="export"),
]
