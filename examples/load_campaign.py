"""Load a campaign and ask it what is due, when, and why."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from rectify.campaign import load_campaign
from rectify.errors import CampaignError

campaign = load_campaign("hubei-2018")
print(campaign.name, campaign.document.number)

phase = campaign.phase_on(date(2018, 5, 1))
assert phase is not None
print(f"2018-05-01: {phase.name}, {phase.opens} – {phase.closes}")

for duty in campaign.duties:
    print(f"{duty.id}: “{duty.due.words}” → {duty.due.effective}")

print("Worth knowing:")
for warning in campaign.warnings:
    print(f"  {warning.path} {warning.code}: {warning.message.zh}")

# A file of one's own: every problem at once, each with its path, line and column.
text = Path(__file__).with_name("campaigns").joinpath("land-use.toml").read_text("utf-8")
text = text.replace("2018年9月", "2018年13月")
text = text.replace('owed_by = ["county"]', 'owed_by = ["village"]')
with TemporaryDirectory() as folder:
    file = Path(folder) / "broken.toml"
    file.write_text(text, "utf-8")
    try:
        load_campaign(file)
    except CampaignError as error:
        for path, problem in error.problems:
            print(f"{path}: {problem.zh}")
