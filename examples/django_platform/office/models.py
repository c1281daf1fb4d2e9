"""The office's own tables. What becomes of a problem is in the ledger, by its ``issue_id``."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import models


class Officer(models.Model):
    """A user's place in the office: the code of the unit."""

    user: models.OneToOneField[User, User] = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="officer"
    )
    unit: models.CharField[str, str] = models.CharField("单位", max_length=64)
    post: models.CharField[str, str] = models.CharField("岗位", max_length=64)

    def __str__(self) -> str:
        return f"{self.post}（{self.unit}）"


class Problem(models.Model):
    """受理登记: what the office keeps of a problem beside the ledger."""

    issue_id: models.CharField[str, str] = models.CharField("台账编号", max_length=500, unique=True)
    village: models.CharField[str, str] = models.CharField(
        "涉及村（社区）", max_length=100, blank=True
    )
    project: models.CharField[str, str] = models.CharField("项目名称", max_length=200, blank=True)
    handler: models.ForeignKey[User, User] = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name="受理人"
    )
    received_at: models.DateTimeField[datetime, datetime] = models.DateTimeField("受理时间")

    @property
    def number(self) -> str:
        """The office's own number."""
        return f"〔{self.received_at.year}〕{self.pk}号"

    def __str__(self) -> str:
        return self.number


class Notice(models.Model):
    """办理提醒: what an after hook told the office; ``key`` tells a repeat."""

    key: models.CharField[str, str] = models.CharField(max_length=600, unique=True)
    issue_id: models.CharField[str, str] = models.CharField(max_length=500)
    text: models.CharField[str, str] = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text
