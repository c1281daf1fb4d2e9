"""A campaign (专项治理) as data: what it is made of, and how its file is read.

``model`` is what a program uses; ``shape`` is what a file may hold; ``file`` reads one,
with ``toml_lines`` to say where it is wrong, ``build`` makes the model of it,
and ``check`` and ``warnings`` look at the whole.
"""

from rectify.campaign.file import load_campaign, shipped_campaigns
from rectify.campaign.model import (
    Area,
    Campaign,
    CampaignWarning,
    Channel,
    Phase,
    RuleSetting,
)

__all__ = [
    "Area",
    "Campaign",
    "CampaignWarning",
    "Channel",
    "Phase",
    "RuleSetting",
    "load_campaign",
    "shipped_campaigns",
]
