"""Small rostering problems, with a past, absences, trainees, several posts, nights and week-ends, around a change of
clocks.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from quinze.science.rosters import Assignment, Period, Person, Problem, Rules, Shift, Wish

PARIS = ZoneInfo("Europe/Paris")
FIRST = datetime(2026, 3, 26, tzinfo=UTC)  # a Thursday; clocks move on Sunday 29
POSTS = ("arm", "osnp", "smur")


@st.composite
def shifts(draw: st.DrawFn, *, count: int, days: int = 7, first: datetime = FIRST, name: str = "s") -> list[Shift]:
    made = []
    for index in range(draw(st.integers(1, count))):
        start = first + timedelta(hours=draw(st.integers(0, 24 * days - 1)))
        length = timedelta(hours=draw(st.sampled_from([3, 4, 6, 8, 12, 13])))
        post = draw(st.sampled_from(POSTS))
        made.append(Shift(f"{name}{index}", post, Period(start, start + length), draw(st.integers(0, 2))))
    return made


@st.composite
def people(draw: st.DrawFn, *, count: int) -> list[Person]:
    return [draw(_person(f"p{index}")) for index in range(draw(st.integers(1, count)))]


@st.composite
def _person(draw: st.DrawFn, key: str) -> Person:
    start = FIRST + timedelta(hours=draw(st.integers(0, 150)))
    some = Period(start, start + timedelta(hours=draw(st.integers(1, 30))))
    past = draw(st.one_of(st.just([]), shifts(count=3, days=5, first=FIRST - timedelta(days=6), name="old")))
    return Person(
        key,
        draw(st.frozensets(st.sampled_from(POSTS), min_size=1)),
        most_hours=draw(st.sampled_from([None, None, 12, 24])),
        nights=draw(st.booleans()),
        trainee=draw(st.integers(0, 4)) == 0,
        quota=draw(st.integers(0, 1)),
        remote=draw(st.booleans()),
        away=(some,) if draw(st.booleans()) else (),
        wishes=(Wish(some, draw(st.integers(-10, 10))),),
        past=tuple(past),
        share=draw(st.sampled_from([0.5, 1.0])),
    )


RULES = st.builds(
    Rules,
    weekly_hours=st.sampled_from([timedelta(hours=48), timedelta(hours=20)]),
    weekly_rest=st.sampled_from([timedelta(hours=35), timedelta(hours=70)]),
    nights_in_a_row=st.integers(1, 3),
    weekends_in_four=st.integers(0, 2),
)


@st.composite
def problems(draw: st.DrawFn, *, most_people: int = 4, most_shifts: int = 8, with_fixed: bool = True) -> Problem:
    staff, work = draw(people(count=most_people)), draw(shifts(count=most_shifts))
    pairs = st.tuples(st.sampled_from(staff), st.sampled_from(work))
    drawn = draw(st.lists(pairs, max_size=2, unique_by=lambda pair: (pair[0].key, pair[1].key))) if with_fixed else []
    fixed = [Assignment(person.key, shift.key) for person, shift in drawn]
    return Problem(PARIS, staff, work, draw(RULES), fixed)
