"""Replays one logged ranking and says, level by level, who was proposed and why."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quinze.orientation.models import RankingLog
from quinze.orientation.queries.logs import ranking_from, replays
from quinze.orientation.sentences import moment
from quinze.science.ranking import Ranking, UnknownAlgorithmError, explain


class Command(BaseCommand):
    help = "Rejoue un classement enregistré et l’explique, niveau par niveau."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, help="numéro du classement (ou de la demande, avec --demande)")
        parser.add_argument("--demande", action="store_true", help="le dernier classement de cette demande")
        parser.add_argument("--tous", action="store_true", help="aussi chaque candidat écarté, avec sa raison")

    def handle(self, *args: Any, **options: Any) -> None:
        log = self._log(options["id"], of_request=options["demande"])
        try:
            ranking = ranking_from(log)
        except UnknownAlgorithmError as error:
            raise CommandError(str(error)) from error
        self._heading(log, ranking)
        self._levels(ranking)
        if options["tous"]:
            self._refusals(ranking)
        if not replays(log, ranking):
            raise CommandError("Le rejeu diffère du classement enregistré.")
        self.stdout.write("\nrejoué à l’identique")

    def _log(self, pk: int, *, of_request: bool) -> RankingLog:
        logs = RankingLog.objects.select_related("request", "charter", "by").order_by("-at", "-pk")
        found = logs.filter(request=pk).first() if of_request else logs.filter(pk=pk).first()
        if found is None:
            what = "Aucun classement de la demande" if of_request else "Aucun classement numéro"
            raise CommandError(f"{what} {pk}.")
        return found

    def _heading(self, log: RankingLog, ranking: Ranking) -> None:
        self.stdout.write(
            f"Classement {log.pk}, dossier {log.request.case_number}, {moment(log.at, ranking.inputs.zone)}, "
            f"charte n° {log.charter.number}, algorithme {log.algorithm}, {len(ranking.inputs.candidates)} candidats"
        )

    def _levels(self, ranking: Ranking) -> None:
        words = explain(ranking)
        for level in ranking.levels:
            self.stdout.write(f"\n{words.level_name(level.number)} : {words.level(level.number)}")
            for proposal in level.proposals:
                label = words.candidates[proposal.candidate].label
                self.stdout.write(f"  {proposal.rank or '–':>3}. {label} : {words.sentence(proposal.candidate)}")
                higher = words.higher(proposal.candidate)
                if higher:
                    self.stdout.write(f"       {higher}")

    def _refusals(self, ranking: Ranking) -> None:
        words = explain(ranking)
        self.stdout.write("\nÉcartés")
        for refusal in ranking.refusals:
            self.stdout.write(f"  {words.candidates[refusal.candidate].label} : {words.refusal(refusal)}")
