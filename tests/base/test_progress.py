import io

from quinze.base.progress import progress, track


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line_a_tenth_and_the_end() -> None:
    log = io.StringIO()
    assert list(track(range(1000), label="Communes", stream=log)) == list(range(1000))
    lines = log.getvalue().splitlines()
    assert lines[:10] == [f"Communes : {tenth} %" for tenth in range(10, 110, 10)]
    assert lines[10].startswith("Communes : 1\N{NARROW NO-BREAK SPACE}000 en 0,")
    assert len(lines) == 11


def test_a_terminal_sees_a_bar_on_one_line() -> None:
    terminal = Terminal()
    with progress(total=200, label="Lignes", stream=terminal) as bar:
        bar.step(50)
    assert "25% 50 / 200" in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 1


def test_an_unknown_total_only_counts() -> None:
    log = io.StringIO()
    list(track(iter("abc"), label="Fichiers", stream=log))
    assert log.getvalue().startswith("Fichiers : 3 en")
