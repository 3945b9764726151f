"""What PostgreSQL refuses about staffing, in French."""

from quinze.base.constraints import register

register(
    {"national_samu_once": "Cette année de la SAE vient d’être chargée par quelqu’un d’autre : rechargez la page."}
)
