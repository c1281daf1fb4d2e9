"""What the office asks for beside the finding."""

from __future__ import annotations

from django import forms


class ProblemForm(forms.Form):
    """The office's own columns of a problem."""

    village = forms.CharField(label="涉及村（社区）", max_length=100, required=False)
    project = forms.CharField(label="项目名称", max_length=200, required=False)
