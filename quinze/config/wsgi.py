import os

from django.core.wsgi import get_wsgi_application

from quinze.base.collector import settle
from quinze.config.warm import compile_behind, warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
application = get_wsgi_application()
warm()

settle()
compile_behind()
