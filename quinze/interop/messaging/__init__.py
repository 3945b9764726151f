"""Messages to people: one adapter per channel, chosen by the settings."""
