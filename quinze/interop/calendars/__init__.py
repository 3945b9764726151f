"""A doctor's own calendar, both ways: its busy times come in, the appointments given by the SAS go out."""
