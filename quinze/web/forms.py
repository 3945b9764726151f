"""The form of the gallery: one field of each kind."""

from django import forms

CARE = [("isole", "Isolé"), ("precarite", "Précarité"), ("handicap", "Handicap"), ("langue", "Langue")]
PRIORITIES = [("P1", "P1"), ("P2", "P2"), ("P3", "P3")]


class GalleryForm(forms.Form):
    callback = forms.CharField(label="Rappel", max_length=20)
    birth = forms.CharField(label="Naissance ou âge", help_text="Un âge suffit : « 4 ans ».", required=False)
    sex = forms.ChoiceField(label="Sexe", choices=[("M", "M"), ("F", "F")])
    priority = forms.ChoiceField(label="Priorité", choices=PRIORITIES, widget=forms.RadioSelect, initial="P2")
    fragility = forms.MultipleChoiceField(
        label="Fragilité", choices=CARE, widget=forms.CheckboxSelectMultiple, required=False
    )
    told = forms.BooleanField(label="Signes de rappel du 15 dits à la mère", required=False)
    summary = forms.CharField(label="Résumé", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    reason = forms.CharField(label="Motif de recours", required=False)
    reason_code = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_callback(self) -> str:
        digits = [char for char in self.cleaned_data["callback"] if char.isdigit()]
        if len(digits) != 10:
            raise forms.ValidationError(f"Il faut 10 chiffres, {len(digits)} saisis.")
        return "".join(digits)
