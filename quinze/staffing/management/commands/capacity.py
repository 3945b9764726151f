from quinze.staffing.management.study_command import StudyCommand
from quinze.staffing.study_files import capacity_of


class Command(StudyCommand):
    help = "Calcule une étude de capacité (postes par heure, ETP, un ou deux niveaux, étapes) d’un fichier TOML."
    made = staticmethod(capacity_of)
