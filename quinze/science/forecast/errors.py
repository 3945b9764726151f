"""What a forecast refuses. The text is French, says which value is wrong and what is accepted."""


class Unusable(ValueError):  # noqa: N818  (an answer about data, not a fault of the program)
    """The data, as given, cannot be used."""


class TooFew(Unusable):
    """Not enough days to say anything honest yet."""
