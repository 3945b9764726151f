from quinze.staffing.management.study_command import StudyCommand
from quinze.staffing.study_files import pooling_of


class Command(StudyCommand):
    help = "Calcule ce que des SAS voisins gagnent à répondre aux appels les uns des autres, d’un fichier TOML."
    made = staticmethod(pooling_of)
