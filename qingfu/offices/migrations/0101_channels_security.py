from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0100_channels")]

    operations = [
        referable("offices_channel"),
        referable("offices_secondment"),
        referable("offices_handeddown"),
        same_tenant("offices_channel", "unit_id", "units_unit"),
        same_tenant("offices_channel", "ask_id", "offices_ask"),
        same_tenant("offices_channel", "into_id", "offices_channel"),
        same_tenant("offices_channelreview", "channel_id", "offices_channel"),
        same_tenant("offices_channelreview", "reviewer_id", "units_person"),
        same_tenant("offices_secondment", "ask_id", "offices_ask"),
        same_tenant("offices_secondment", "lender_id", "units_unit"),
        same_tenant("offices_extension", "secondment_id", "offices_secondment"),
        same_tenant("offices_extension", "ask_id", "offices_ask"),
        same_tenant("offices_handeddown", "unit_id", "units_unit"),
        same_tenant("offices_handeddown", "receiver_id", "units_unit"),
        same_tenant("offices_casecount", "handed_id", "offices_handeddown"),
        tenant_table("offices_channel"),
        tenant_table("offices_channelreview"),
        tenant_table("offices_secondment"),
        tenant_table("offices_extension"),
        tenant_table("offices_handeddown"),
        tenant_table("offices_casecount"),
        tenant_table("offices_blameyear"),
    ]
