# ruff: noqa: F401
"""What this room keeps, one module for each area. What is asked is the ledger's (Demand); nothing of it is repeated."""

from qingfu.offices.models.asks import Ask
from qingfu.offices.models.baselines import Predecessor
from qingfu.offices.models.below import Complaint, PhoneCall, PhoneSample
from qingfu.offices.models.blame import BlameYear
from qingfu.offices.models.channels import Channel, ChannelReview
from qingfu.offices.models.documents import DraftCheck, Project
from qingfu.offices.models.forms import DataField, DataForm, Figure
from qingfu.offices.models.inspections import ChecklistTally, Listed, MergedPlan, QuietDays, SealedVisit, Visit
from qingfu.offices.models.lending import Extension, Secondment
from qingfu.offices.models.meetings import Meeting, PlannedMeeting
from qingfu.offices.models.receipts import Reader, Receipt
from qingfu.offices.models.rights import CaseCount, HandedDown
from qingfu.offices.models.taps import Tap
