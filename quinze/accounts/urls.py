from django.urls import path

from quinze.accounts.views import login, manage, post, profile, psc, roster, terms

app_name = "accounts"
urlpatterns = [
    path("", post.home, name="home"),
    path("connexion/", login.login, name="login"),
    path("connexion/code/", login.code, name="code"),
    path("connexion/panneau/", login.panel, name="panel"),
    path("connexion/saisie-gardee/", login.resume, name="resume"),
    path("connexion/psc/", psc.start, name="psc_start"),
    path("connexion/psc/retour/", psc.back, name="psc_return"),
    path("connexion/psc/rattacher/", psc.link, name="psc_link"),
    path("connexion/psc/renoncer/", psc.give_up, name="psc_give_up"),
    path("deconnexion/", login.leave, name="logout"),
    path("invitation/<uidb64>/<token>/", profile.invitation, name="invitation"),
    path("poste/", post.duty, name="duty"),
    path("poste/quitter/", post.leave_post, name="leave_post"),
    path("mon-compte/", profile.profile, name="profile"),
    path("mon-compte/second-facteur/", profile.enrol, name="second_factor"),
    path("mon-compte/codes-de-secours/", profile.recovery_codes, name="recovery_codes"),
    path("mon-compte/codes-de-secours/renouveler/", profile.renew_codes, name="renew_codes"),
    path("conditions/", terms.terms, name="terms"),
    path("comptes/conditions/", terms.pending, name="terms_pending"),
    path("comptes/", manage.accounts, name="list"),
    path("comptes/nouveau/", manage.new, name="new"),
    path("comptes/liste/", roster.upload, name="import"),
    path("comptes/liste/confirmer/", roster.confirm, name="import_confirm"),
    path("comptes/liste/modele.csv", roster.model, name="import_model"),
    path("comptes/export.csv", manage.export, name="export"),
    path("comptes/<int:pk>/", manage.account, name="account"),
    path("comptes/<int:pk>/roles/", manage.grant, name="grant"),
    path("comptes/<int:pk>/roles/<int:grant_pk>/retirer/", manage.revoke, name="revoke"),
    path("comptes/<int:pk>/derogations/", manage.derogation, name="derogation"),
    path("comptes/<int:pk>/etat/", manage.state, name="state"),
    path("comptes/<int:pk>/second-facteur/", manage.reset_factor, name="reset_factor"),
    path("comptes/<int:pk>/invitation/", manage.resend, name="resend"),
]
