import gc
import os

from django.core.wsgi import get_wsgi_application

from quinze.config.warm import compile_behind, warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quinze.config.settings")
application = get_wsgi_application()
warm()

# What is loaded now lives as long as the process: the collector need not walk it at each of the thousands of objects
# that a page makes and forgets.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
compile_behind()
