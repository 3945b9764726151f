from django.db import models

from quinze.directory.models.offer import Professional


class SecureAddress(models.Model):
    """The MSSanté mailbox of a professional: the only electronic way for what names a patient."""

    professional = models.OneToOneField(Professional, on_delete=models.CASCADE, related_name="secure_address")
    address = models.EmailField()
    source = models.CharField(max_length=60)  # the file it was read from
    set_at = models.DateTimeField()
