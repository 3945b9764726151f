from django.urls import path, register_converter
from django.urls.converters import StringConverter

from quinze.directory.views import delegation, enrolment, newcomer, people, structures, territory


class OwnerConverter(StringConverter):
    regex = "professionnels|structures"


register_converter(OwnerConverter, "owner")

app_name = "directory"
urlpatterns = [
    path("annuaire/", people.directory, name="list"),
    path("annuaire/professionnels/nouveau/", people.professional_new, name="professional_new"),
    path("annuaire/professionnels/<int:pk>/", people.professional, name="professional"),
    path("annuaire/professionnels/<int:pk>/modifier/", people.professional_edit, name="professional_edit"),
    path("annuaire/professionnels/<int:pk>/structures/", people.membership_new, name="membership_new"),
    path(
        "annuaire/professionnels/<int:pk>/structures/<int:membership_pk>/quitter/",
        people.membership_end,
        name="membership_end",
    ),
    path("annuaire/structures/nouvelle/", people.structure_new, name="structure_new"),
    path("annuaire/structures/<int:pk>/", people.structure, name="structure"),
    path("annuaire/structures/<int:pk>/modifier/", people.structure_edit, name="structure_edit"),
    path("annuaire/<owner:kind>/<int:pk>/lieux/nouveau/", people.place_new, name="place_new"),
    path("annuaire/<owner:kind>/<int:pk>/participation/", people.participation, name="participation"),
    path("annuaire/<owner:kind>/<int:pk>/participation/terminer/", people.participation_end, name="participation_end"),
    path("annuaire/lieux/<int:pk>/", people.place_edit, name="place_edit"),
    path("annuaire/lieux/<int:pk>/fermer/", people.place_close, name="place_close"),
    path("structures/", structures.structures, name="managed_list"),
    path("structures/<int:pk>/", structures.managed, name="managed"),
    path("structures/<int:pk>/participation/", structures.terms, name="managed_terms"),
    path("structures/<int:pk>/lieux/<int:place_pk>/", structures.place, name="managed_place"),
    path("structures/professionnels/", structures.people, name="managed_people"),
    path("structures/<int:pk>/gestionnaires/", structures.name_manager, name="manager_name"),
    path("structures/<int:pk>/gestionnaires/<int:named_pk>/retirer/", structures.remove_manager, name="manager_remove"),
    path("structures/<int:pk>/accueil/", structures.name_nurse, name="nurse_name"),
    path("structures/<int:pk>/accueil/<int:named_pk>/retirer/", structures.remove_nurse, name="nurse_remove"),
    path("mes-structures/", structures.mine, name="my_structures"),
    path("mes-structures/annuaire/", structures.to_join, name="structures_to_join"),
    path("appartenances/demandes/<int:pk>/accepter/", structures.accept, name="membership_accept"),
    path("appartenances/demandes/<int:pk>/refuser/", structures.refuse, name="membership_refuse"),
    path("appartenances/<int:pk>/terminer/", structures.leave, name="membership_leave"),
    path("annuaire/remplacants/", newcomer.newcomers, name="newcomers"),
    path("annuaire/remplacants/nouveau/", newcomer.new, name="newcomer"),
    path("annuaire/remplacants/annuaire/", newcomer.people, name="newcomer_people"),
    path("delegations/", delegation.delegations, name="delegations"),
    path("delegations/nouvelle/", delegation.new, name="delegation_new"),
    path("delegations/medecins/", delegation.doctors, name="delegation_doctors"),
    path("delegations/<int:pk>/", delegation.one, name="delegation"),
    path("delegations/<int:pk>/accepter/", delegation.accept, name="delegation_accept"),
    path("delegations/<int:pk>/refuser/", delegation.refuse, name="delegation_refuse"),
    path("delegations/<int:pk>/terminer/", delegation.end, name="delegation_end"),
    path("delegations/<int:pk>/agir/", delegation.act, name="delegation_act"),
    path("premiere-connexion/", enrolment.first_login, name="first_login"),
    path("comptes/demandes/", enrolment.requests, name="enrolments"),
    path("comptes/demandes/<int:pk>/", enrolment.answer, name="enrolment_answer"),
    path("territoire/", territory.territory, name="territory"),
    path("territoire/sas/", territory.sas, name="sas"),
    path("territoire/communes/", territory.communes, name="communes"),
    path("territoire/communes/ajouter/", territory.commune_new, name="commune_new"),
    path("territoire/communes/departement/", territory.departement_new, name="departement_new"),
    path("territoire/communes/<str:insee>/retirer/", territory.commune_remove, name="commune_remove"),
    path("territoire/horaires/", territory.hours, name="hours"),
    path("territoire/exceptions/", territory.exception, name="exception"),
    path("territoire/exceptions/<int:pk>/lever/", territory.exception_clear, name="exception_clear"),
    path("territoire/numeros/", territory.number_new, name="number_new"),
    path("territoire/numeros/<int:pk>/retirer/", territory.number_remove, name="number_remove"),
    path("territoire/voisins/", territory.neighbour_new, name="neighbour_new"),
    path("territoire/voisins/<int:pk>/retirer/", territory.neighbour_remove, name="neighbour_remove"),
    path("territoire/parametres/<str:name>/", territory.parameter, name="parameter"),
    path("territoire/parametres/<str:name>/changer/", territory.parameter_set, name="parameter_set"),
]
