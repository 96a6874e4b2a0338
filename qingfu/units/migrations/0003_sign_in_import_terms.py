from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import qingfu.units.tenancy
from django.db import migrations, models

from qingfu.units.rls import same_tenant, tenant_table

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('units', '0002_tenancy'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ('person_id', models.BigIntegerField(null=True)),
                ('name', models.CharField(max_length=120)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RemoveField(
            model_name='person',
            name='totp_secret',
        ),
        migrations.AddField(
            model_name='auditseal',
            name='record_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='person',
            name='totp_generation',
            field=models.PositiveIntegerField(default=1, help_text='rises when the one-time code is reset'),
        ),
        migrations.AddField(
            model_name='person',
            name='totp_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='person',
            name='totp_step',
            field=models.BigIntegerField(default=0, help_text='the last 30-second step that a code was taken for'),
        ),
        migrations.AlterField(
            model_name='token',
            name='kind',
            field=models.CharField(choices=[('session', '登录'), ('screen', '公用电脑'), ('code', '待输验证码'), ('setup', '待设置'), ('family', '家庭码'), ('class', '班级公示'), ('school', '学校公示'), ('board', '班级屏')], max_length=8),
        ),
        migrations.CreateModel(
            name='ClosedTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ('term_id', models.CharField(help_text='as in the school calendar, e.g. 2025-2026-1', max_length=12)),
                ('last_day', models.DateField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('person_id', models.BigIntegerField(null=True)),
                ('ended', models.JSONField(default=list)),
                ('reopened_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('tenant_id', 'term_id'), name='closed_term_once')],
            },
        ),
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ('school_year', models.PositiveSmallIntegerField(help_text='year in which the school year begins')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('person_id', models.BigIntegerField(null=True)),
                ('before', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotions', to='units.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('tenant_id', 'school', 'school_year'), name='promotion_once')],
            },
        ),
        same_tenant("units_promotion", "school_id", "units_unit"),
        tenant_table("units_upload"),
        tenant_table("units_promotion"),
        tenant_table("units_closedterm"),
        migrations.RunSQL((SQL / "tries.sql").read_text(), migrations.RunSQL.noop),
    ]
