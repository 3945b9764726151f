from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template

from quinze.web.forms import GalleryForm

NOW = datetime(2026, 11, 17, 10, 42, 18, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    html = Template("{% load q %}" + source).render(Context({"server_now": NOW, **context}))
    return html.replace("\u00a0", " ")


def test_an_icon_is_silent_unless_it_stands_alone() -> None:
    assert 'aria-hidden="true"' in render('{% q_icon "phone" %}')
    alone = render('{% q_icon "phone" label="Téléphone" %}')
    assert 'role="img" aria-label="Téléphone"' in alone
    assert "aria-hidden" not in alone


def test_a_priority_says_its_letter_and_its_word() -> None:
    assert render('{% q_priority "P1" %}') == (
        '<span class="q-p q-p1">P1</span><span class="visually-hidden">, prioritaire</span>'
    )
    assert "q-p-lg" in render('{% q_priority "P0" large=True %}')
    assert "à fixer" in render("{% q_priority value %}", value=None)


def test_a_clock_carries_its_instant_and_its_first_text() -> None:
    html = render("{% q_clock since=since target=900 %}", since=NOW - timedelta(seconds=1067))
    assert 'data-since="2026-11-17T10:24:31+00:00" data-target="900"' in html
    assert "q-k-over" in html
    assert "17:47" in html
    assert "/15:00" in html
    assert ", cible dépassée de 2:47" in html


def test_a_stopped_clock_does_not_tick() -> None:
    html = render("{% q_clock since=since at=at %}", since=NOW - timedelta(seconds=42), at=NOW)
    assert "0:42" in html
    assert "data-since" not in html


def test_a_countdown_never_goes_below_zero() -> None:
    html = render("{% q_countdown until=until total=180 %}", until=NOW - timedelta(seconds=5))
    assert ">0:00<" in html
    assert 'max="180" value="0"' in html


def test_a_note_escapes_its_title_and_keeps_its_markup() -> None:
    html = render('{% q_note "warn" title=title role="alert" %}<em>ici</em>{% endq_note %}', title="<b>")
    assert 'class="q-note q-note-warn" role="alert"' in html
    assert "&lt;b&gt;" in html
    assert "<em>ici</em>" in html


def test_the_key_strip_starts_with_help() -> None:
    html = render('{% q_keys "F2" "Décrocher" "Ctrl+Enter" "Passer" %}')
    assert html.index("<kbd>F1</kbd>Aide") < html.index("<kbd>F2</kbd>Décrocher") < html.index("<kbd>Ctrl Entrée</kbd>")


def test_a_refreshing_fragment_follows_its_topics_and_a_return_of_the_link() -> None:
    html = render('{% q_refresh "/liste/" "worklist" "case:12" %}')
    assert 'hx-get="/liste/"' in html
    for topic in ("worklist", "case:12", "resync"):
        assert f"live:{topic} from:body" in html


def test_a_person_is_named_surname_first() -> None:
    html = render(
        '{% q_person name="PINSON" first_name="Noé" age="4 ans" sex="F" birth=birth status="Identité provisoire" %}',
        birth=date(2022, 3, 8),
    )
    assert "<span>PINSON</span> Noé" in html
    assert "4 ans, femme, née le 08/03/2022" in html
    assert "Identité provisoire" in html


def test_a_wrong_field_is_tied_to_its_error_and_keeps_what_was_typed() -> None:
    form = GalleryForm({"callback": "06 39 98 41 2", "sex": "M", "priority": "P2"})
    html = render("{% q_field form.callback %}", form=form)
    assert "Il faut 10 chiffres, 9 saisis." in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_callback_error"' in html
    assert 'id="id_callback_error"' in html
    assert 'class="form-control is-invalid"' in html
    assert 'value="06 39 98 41 2"' in html
    assert "q-req" in html


def test_help_and_given_attributes_reach_the_control() -> None:
    html = render('{% q_field form.birth css="c4" key="F4" hx_post="/x/" autofocus=True %}', form=GalleryForm())
    assert 'class="q-field c4"' in html
    assert 'aria-describedby="id_birth_hint"' in html
    assert 'hx-post="/x/"' in html
    assert "autofocus" in html
    assert 'data-key="F4"' in html
    assert "<kbd>F4</kbd>" in html


def test_radios_are_segments_with_the_mark_of_the_priority() -> None:
    html = render("{% q_field form.priority %}", form=GalleryForm())
    assert html.count('type="radio"') == 3
    assert '<legend class="q-req">Priorité</legend>' in html
    assert "q-seg" in html
    assert "q-p q-p1" in html


def test_checkboxes_have_their_own_labels() -> None:
    html = render("{% q_field form.fragility %}", form=GalleryForm())
    assert html.count("<label for=") == 4
    assert '<label for="id_fragility_0">Isolé</label>' in html


def test_a_combobox_points_to_its_list() -> None:
    html = render('{% q_combobox form.reason "/motifs/" fills="reason_code" %}', form=GalleryForm())
    assert 'role="combobox"' in html
    assert 'aria-controls="id_reason_list"' in html
    assert 'id="id_reason_list" role="listbox"' in html
    assert 'data-fills="reason_code"' in html
    assert "data-min" not in html


def test_a_form_shows_its_general_refusal_first() -> None:
    class Refusing(forms.Form):
        name = forms.CharField(required=False)

        def clean(self) -> None:
            raise forms.ValidationError("Ce créneau vient d’être pris.")

    html = render("{% q_form form %}", form=Refusing({"name": "x"}))
    assert html.index("Ce créneau vient d’être pris.") < html.index('name="name"')
    assert 'role="alert"' in html


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ '+33639984127'|phone_fr }}", "06 39 98 41 27"),
        ("{{ now|clock_hm }}", "11:42"),
        ("{{ now|clock_hms }}", "11:42:18"),
        ("{{ now|day_fr }}", "mar. 17 nov."),
        ("{{ now|date_fr }}", "17/11/2026"),
        ("{{ 4.21|km_fr }}", "4,2 km"),
        ("{{ 4|age_fr }}", "4 ans"),
        ("{{ none|age_fr }}", ""),
        ("{{ none|clock_hm }}", ""),
        ("{{ none|km_fr }}", ""),
        ("{{ now|ago:later }}", "il y a 3 min"),
    ],
)
def test_filters(settings: object, source: str, said: str) -> None:
    settings.TIME_ZONE = "Europe/Paris"  # type: ignore[attr-defined]
    assert render(source, now=NOW, none=None, later=NOW + timedelta(minutes=3)) == said
