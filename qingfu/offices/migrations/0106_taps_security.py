from django.db import migrations

from qingfu.units.rls import tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0105_taps")]

    operations = [tenant_table("offices_tap", app_may="SELECT, INSERT, UPDATE")]
